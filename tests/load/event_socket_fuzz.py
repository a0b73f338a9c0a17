"""A million frames nobody should send to the event socket of a running switch, outside of CI.

    .venv/bin/python -m tests.load.event_socket_fuzz --frames 1000000 --seed 1 --logged-in 0

Connections that log in are sent a few hundred frames, others a few, well-formed or not, in pieces
of any size; then they end. All that comes back must be frames of the protocol; a client that
behaves is answered in between; and the switch neither dies, nor logs a traceback, nor grows.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from softswitch.config import secrets
from tests.support.process import SwitchProcess, shipped_switch

FRAMES = 250
"""Frames of a connection that has logged in."""
FRAMES_BEFORE_LOGIN = 8
"""Frames of one that has not: it is sent away after a few."""
LOGGED_IN = 0.25
"""How many of the connections log in."""
AT_ONCE = 8
"""Connections beside each other."""
GROWTH_KILOBYTES = 30_000
"""What the process may grow by after the first tenth."""
PATIENCE = 60
"""Seconds that a connection may take to be done with what it was sent, on a busy machine."""

KINDS = {
    "auth/request",
    "command/reply",
    "api/response",
    "text/event-plain",
    "text/event-json",
    "text/event-xml",
    "log/data",
    "text/disconnect-notice",
}

LINES = (
    *("api status", "api version", "api show calls", "api show channels as json", "api hostname"),
    *("api eval ${hostname}", "api global_getvar domain", "api uuid_exists x", "api uuid_dump x"),
    *("api", "api ", "api nothing-like-it", "api expand echo ${", "api sofia status", "api help"),
    *("bgapi version", "bgapi", "bgapi uuid_kill x", "api regex a|[|b", "api cond 1 == 1 ? a : b"),
    *("event plain ALL", "event json ALL", "event xml ALL", "event CUSTOM sofia::register"),
    *(
        "event",
        "event plain",
        "event json HEARTBEAT API",
        "nixevent ALL",
        "nixevent API",
        "nixevent",
    ),
    *("noevents", "event plain CUSTOM", "myevents", "myevents x json", "divert_events on"),
    *("filter Event-Name API", "filter delete all", "filter delete Event-Name", "filter"),
    *("filter Event-Name /(a+)+$/", "filter Event-Name -API", "filter x /[/", "filter add a b"),
    *("sendevent CUSTOM", "sendevent API", "sendevent", "sendevent NOTIFY", "sendmsg x"),
    *("sendmsg", "log debug", "log 9", "log", "nolog", "linger", "linger -1", "nolinger"),
    *("getvar x", "connect", "resume", "auth x", "userauth a:b@c", "exit", "...", "unheard of"),
)
HEADERS = (
    *("Event-Subclass: a::b", "call-command: execute", "call-command: hangup", "Job-UUID: x"),
    *(
        "execute-app-name: log",
        "execute-app-arg: ERR x",
        "loops: -1",
        "unique-id: x",
        "async: true",
    ),
    *("event-lock: true", "content-type: text/plain", "console_execute: true", "hangup-cause: 16"),
    *("profile: internal", "event-string: x", "user: 1000", "host: x", "Event-Name: HEARTBEAT"),
    *("no colon", ":", "x:", "a:b:c", "x" * 3000 + ": y", "call-command: unicast"),
)
LENGTHS = ("0", "3", "-1", "abc", "9" * 30, "70000", "0x10", "1e3", " 3")
ENDS = ("\n", "\n", "\n", "\r\n", "\r")
_FAREWELL = re.compile(rb"\s*(exit|\.\.\.)", re.IGNORECASE)


def frame(source: random.Random) -> bytes:
    """One command, as somebody might send it, or what is left of it after a few changes."""
    if source.random() < 0.03:
        return source.randbytes(source.randrange(300)) + b"\n\n"
    end = source.choice(ENDS)
    line = source.choice(LINES)
    if source.random() < 0.3:
        line = source.choice((line.upper(), line.title(), " " + line, line + " " + "z" * 500))
    parts = [line, *source.sample(HEADERS, source.choice((0, 0, 1, 2, 4)))]
    body = b""
    if source.random() < 0.1:
        length = source.choice(LENGTHS)
        body = source.randbytes(3)
        if source.random() < 0.95:
            body = source.randbytes(source.randrange(1, 400))
            length = str(len(body))
        parts.append(f"Content-Length: {length}")
    data = (end.join(parts) + end + end).encode() + body
    if source.random() < 0.25:
        changed = bytearray(data)
        for _ in range(source.randint(1, 4)):
            place = source.randrange(len(changed))
            changed[place : place + source.randint(0, 3)] = source.randbytes(source.randint(0, 3))
            changed = changed or bytearray(b"\n")
        data = bytes(changed)
    return data


def kinds_of(answer: bytes) -> Counter[str]:
    """How many frames of each kind there are; raises AssertionError for what is no frame."""
    found: Counter[str] = Counter()
    place = 0
    while place < len(answer):
        end = answer.find(b"\n\n", place)
        assert end >= 0, f"no end of a head in {answer[place : place + 200]!r}"
        head = answer[place:end].decode()
        kind = re.search(r"^Content-Type: (.*)$", head, re.MULTILINE)
        assert kind is not None and kind[1] in KINDS, f"not a frame of ours: {head[:300]!r}"
        found[kind[1]] += 1
        length = re.search(r"^Content-Length: (\d+)$", head, re.MULTILINE)
        place = end + 2 + (int(length[1]) if length else 0)
    assert place == len(answer), "a body is shorter than its length says"
    return found


async def misbehave(
    port: int, password: str, source: random.Random, logged_in: float = LOGGED_IN
) -> Counter[str]:
    """One connection from begin to end; what came back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    known = source.random() < logged_in
    frames = [frame(source) for _ in range(FRAMES if known else FRAMES_BEFORE_LOGIN)]
    if known:
        # Who says farewell loses the rest.
        frames = [one for one in frames if not _FAREWELL.match(one)]
        writer.write(f"auth {password}\n\n".encode())
        await reader.readuntil(b"accepted\n\n")
    data = b"".join(frames) + b"\n\nexit\n\n"
    answer = asyncio.get_running_loop().create_task(reader.read())
    try:
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(OSError):
                while data:
                    size = source.choice((1, 7, 300, 5000, 70000))
                    writer.write(data[:size])
                    data = data[size:]
                    await writer.drain()
                writer.write_eof()
            with contextlib.suppress(OSError):
                return kinds_of(await answer) + Counter(frames=len(frames), connections=1)
        return Counter(frames=len(frames), reset=1)
    finally:
        answer.cancel()
        writer.close()


async def fuzz(
    switch: SwitchProcess, frames: int, seed: int, logged_in: float = LOGGED_IN
) -> tuple[Counter[str], int]:
    """What came back for so many frames, and what the switch grew by in kB after a tenth."""
    password = secrets.read(switch.folder / "data")["event_socket_password"]
    source = random.Random(seed)
    seen: Counter[str] = Counter()
    began, first, sent, told = time.monotonic(), 0, 0, 0
    while sent < frames:
        sources = [random.Random(source.random()) for _ in range(AT_ONCE)]
        for kinds in await asyncio.gather(
            *(misbehave(switch.console_port, password, one, logged_in) for one in sources)
        ):
            seen += kinds
        sent = seen["frames"]
        assert await switch.api(f"eval {sent}") == f"{sent}"
        if not first and sent >= frames // 10:
            first = switch.resident_kilobytes
        if sent - told >= 50_000:
            told = sent
            took, memory = time.monotonic() - began, switch.resident_kilobytes
            print(f"{sent} frames, {took:.0f} s, {memory} kB", flush=True)
    return seen, switch.resident_kilobytes - first


async def _run(frames: int, seed: int, logged_in: float) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with shipped_switch(Path(folder)) as switch:
            seen, grown = await fuzz(switch, frames, seed, logged_in)
    print(f"{frames} frames, seed {seed}: {dict(seen)}, {grown} kB more than after a tenth")
    return int(grown > GROWTH_KILOBYTES)


def main() -> int:
    """Run it as the arguments say."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--frames", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--logged-in", type=float, default=LOGGED_IN, metavar="SHARE")
    chosen = arguments.parse_args()
    return asyncio.run(_run(chosen.frames, chosen.seed, chosen.logged_in))


if __name__ == "__main__":
    sys.exit(main())
