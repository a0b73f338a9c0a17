"""Anything at all is sent to the event socket: it answers, or closes, and nothing else."""

from __future__ import annotations

import asyncio
import logging
import os
import random
from contextlib import closing

import pytest

from softswitch.console.client import Client
from tests.support.serving import Serve

PASSWORD = "only-for-tests"

FRAMES = int(os.environ.get("SOFTSWITCH_FUZZ_FRAMES", "3000"))
"""Frames of each run; a million by hand."""
A_CONNECTION = 200
"""Frames that one client sends before the next comes."""

COMMANDS = """auth userauth api bgapi event nixevent noevents filter divert_events sendevent sendmsg
myevents linger nolinger log nolog getvar connect resume nonsense""".split()
WORDS = """plain json xml ALL CHANNEL_CREATE CUSTOM a::b delete secret status on off debug
Unique-ID /.*/ ( 99999999999999999999 -1 uuid""".split()
HEADERS = """Content-Length Job-UUID call-command execute-app-name execute-app-arg hangup-cause
event-lock async loops console_execute Event-Name""".split()
VALUES = ["execute", "hangup", "true", "0", "5", "-1", "1e9", "x" * 300, "%0a%0d", "\u00fc", ""]


def frame(dice: random.Random) -> bytes:
    """A command with headers and a body, well made or not at all."""
    kind = dice.random()
    if kind < 0.1:
        return dice.randbytes(dice.randrange(60)) + b"\n\n"
    line = " ".join([dice.choice(COMMANDS), *dice.choices(WORDS, k=dice.randrange(4))])
    lines = [line]
    for _ in range(dice.randrange(4)):
        lines.append(f"{dice.choice(HEADERS)}: {dice.choice(VALUES)}")
    data = bytearray("\n".join(lines).encode() + b"\n\n")
    if kind < 0.3:
        for _ in range(dice.randrange(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data)


class Anybody(asyncio.Protocol):
    """A client that listens to nothing; ``gone`` is done when the server, or it, closed."""

    def __init__(self) -> None:
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set_result(None)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("logged_in", [False, True])
async def test_whatever_comes_is_answered_or_ends_the_connection(
    serve: Serve, logged_in: bool, caplog: pytest.LogCaptureFixture
) -> None:
    server = await serve(listen=())
    address = server.switch.modules.running["mod_event_socket"].address  # type: ignore[attr-defined]
    dice = random.Random(7)
    loop = asyncio.get_running_loop()
    sent = 0
    while sent < FRAMES:
        transport, client = await loop.create_connection(Anybody, *address)
        if logged_in:
            transport.write(f"auth {PASSWORD}\n\n".encode())
        for _ in range(A_CONNECTION):
            sent += 1
            transport.write(frame(dice))
            if sent % 20 == 0:
                await asyncio.sleep(0)
            if client.gone.done():
                break
        transport.close()
        async with asyncio.timeout(30):
            await client.gone
    # It is there for the next one.
    answer = await loop.run_in_executor(None, ask, address)
    assert answer.startswith("UP ")
    broken = [one for one in caplog.records if one.levelno >= logging.ERROR or one.exc_info]
    assert not broken, broken[0].getMessage()


def ask(address: tuple[str, int]) -> str:
    """What ``status`` says."""
    with closing(Client(*address, PASSWORD, 30)) as client:
        return client.command("status")
