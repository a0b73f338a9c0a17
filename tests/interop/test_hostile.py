"""What nobody should send, sent to a live switch: it answers rightly, or drops it, and lives on.

``SOFTSWITCH_FUZZ=N`` sends N datagrams to each kind of port in place of a few.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from softswitch.sip.message import Response
from softswitch.sip.parser import parse_message
from tests.sip.test_fuzz import mutate
from tests.sip.test_torture import TORTURE, expectations
from tests.support.patience import PATIENCE
from tests.support.programs import needs
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.sip_socket import SDP, SipSocket
from tests.support.switch import extension

ROUNDS = int(os.environ.get("SOFTSWITCH_FUZZ", "3000"))
BURST = 50
"""Datagrams that the kernel surely keeps while the loop is busy."""
GROWTH_KILOBYTES = 40_000
"""What the process may have grown by afterwards: pools of the allocator, not ROUNDS leaks."""

ECHO = extension("9196", "answer", "echo")


async def still_answers(wire: SipSocket) -> None:
    """An OPTIONS gets its 200; what else comes in is passed over."""
    wire.send(wire.build("OPTIONS", f"sip:{DOMAIN}", call_id="still-there"))
    async with asyncio.timeout(PATIENCE):
        while True:
            message = parse_message(await wire.received.get())
            if isinstance(message, Response) and message.call_id == "still-there":
                assert message.status == 200
                return


@needs("sipsak")
async def test_sipsak_gets_an_answer_to_its_options(serve: Serve) -> None:
    server = await serve()
    program = shutil.which("sipsak")
    assert program is not None
    uri = "sip:somebody@{}:{}".format(*server.address())
    process = await asyncio.create_subprocess_exec(
        program, "-vv", "-s", uri, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert b"SIP/2.0 200 OK" in output


@pytest.mark.skipif(not TORTURE.is_dir(), reason="the collection is not here")
@pytest.mark.parametrize("name", sorted(expectations()))
async def test_each_torture_message_gets_the_right_answer(serve: Serve, name: str) -> None:
    expected = expectations()[name]
    server = await serve(ECHO)
    wire, other = await server.socket(), await server.socket()
    wire.send((TORTURE / f"{name}.dat").read_bytes())
    await still_answers(other)
    await until(lambda: not server.left_over(), "the end", then=server.left_over)
    # An answer repeats what was wrong in its request, so it need not parse.
    answers = [int(data[8:11]) for data in drain(wire) if data.startswith(b"SIP/2.0 ")]
    finals = [status for status in answers if status >= 200]
    if expected.get("kind") == "response":
        assert not answers
    elif finals:
        check(finals[0], expected)
    else:
        assert "drop" in (expected.get("also_acceptable") or ())


def drain(wire: SipSocket) -> list[bytes]:
    """All that has come so far."""
    received = []
    while not wire.received.empty():
        received.append(wire.received.get_nowait())
    return received


def check(status: int, expected: dict[str, Any]) -> None:
    """Compare a final answer with what the collection's list says."""
    says, also = expected.get("rfc_says"), expected.get("also_acceptable") or []
    liberal = any(str(each).startswith("liberal") for each in also)
    never = {int(text) for text in expected.get("must_never") or () if text.isdecimal()}
    assert status not in never
    if says is not None and not liberal:
        assert status in [*says, *also, 401, 403, 404]


@pytest.mark.timeout(300 + ROUNDS // 500)
async def test_random_and_mutated_sip_never_harms(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("ERROR", logger="softswitch")
    # Transactions live for 64*T1: a short one keeps a flood of them from piling up.
    server = await serve(ECHO, profile={"timer-T1": "20"}, listen=())
    wire, other = await server.socket(), await server.socket()
    source = random.Random(20)
    await flood(server, wire, source, min(ROUNDS, 2000))
    before = resident_kilobytes()
    await flood(server, wire, source, ROUNDS)
    await still_answers(other)
    await server.api("hupall")
    await until(lambda: not server.left_over(), "the end", then=server.left_over)
    await until(lambda: not busy(server), "the end of all transactions")
    gc.collect()
    assert resident_kilobytes() - before < GROWTH_KILOBYTES


async def flood(server: Server, wire: SipSocket, source: random.Random, count: int) -> None:
    """Send so many datagrams, as fast as the switch reads them."""
    counts = server.profile().driver.counts
    sent, before = 0, counts.received
    while sent < count:
        for _ in range(min(BURST, count - sent)):
            wire.send(hostile(wire, source))
            sent += 1
        wanted = before + sent
        await until(lambda wanted=wanted: counts.received >= wanted, "what was sent")  # type: ignore[misc]
        drain(wire)


def hostile(wire: SipSocket, source: random.Random) -> bytes:
    """One datagram: noise, or a message with a few changes."""
    if source.random() < 0.1:
        return source.randbytes(source.randint(1, 1400))
    method = source.choice(
        ("INVITE", "INVITE", "REGISTER", "OPTIONS", "ACK", "BYE", "CANCEL", "MESSAGE", "REFER")
    )
    number = source.choice(("9196", "404", "%00", "a" * 200))
    message = wire.build(
        method,
        f"sip:{number}@{DOMAIN}",
        call_id=f"call-{source.randrange(2000)}",
        cseq=source.choice((1, 2, 2**31)),
        to_tag=source.choice(("", "", "there")),
        body=SDP if method in ("INVITE", "ACK") else "",
    )
    if source.random() < 0.1:
        message = message.replace(b"INVITE sip:9196@example.test SIP/2.0", b"SIP/2.0 200 OK", 1)
    return mutate(message, source)


def busy(server: Server) -> bool:
    """Whether a transaction or call of the profile is left."""
    return any(server.profile().stack.counts().values())


@pytest.mark.timeout(300 + ROUNDS // 2000)
async def test_random_and_mutated_rtp_never_harms_the_call(serve: Serve) -> None:
    server = await serve(ECHO)
    alice = await server.phone("1000")
    call = alice.call("9196")
    await call.expect_answer()
    await call.play("tone_stream://%(100000,0,440);loops=-1")
    await call.hear(440)
    (session,) = server.sessions
    media = session.media
    port = media.local_address[1]
    stranger = await server.socket()
    source = random.Random(21)
    before = resident_kilobytes()
    engine_before = server.switch.engine.stats()
    for number in range(ROUNDS):
        stranger.send(hostile_rtp(source), ("127.0.0.1", port + source.randrange(2)))
        if number % BURST == 0:
            await asyncio.sleep(0)
    await call.hear(440)
    stats = server.switch.engine.stats()
    assert stats["packets_dropped"] > engine_before["packets_dropped"]
    assert stats["events_lost"] == 0
    assert media.stats()["remote"] == call.open_audio().stream.local_address
    assert resident_kilobytes() - before < GROWTH_KILOBYTES
    call.hangup()


def hostile_rtp(source: random.Random) -> bytes:
    """Noise, or an RTP, event or RTCP packet with noise in it."""
    if source.random() < 0.2:
        return source.randbytes(source.randint(0, 1500))
    first = source.choice((0x80, 0x81, 0x90, 0xA0, 0x00))
    second = source.choice((0, 8, 101, 0x80, 200, 201, 203, 255))
    head = bytes((first, second)) + source.randbytes(10)
    return head + source.randbytes(source.choice((0, 1, 4, 8, 16, 160, 161, 1400)))


def resident_kilobytes() -> int:
    """The memory of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
