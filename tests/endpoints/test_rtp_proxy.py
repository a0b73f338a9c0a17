"""Media that passes the switch unread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from softswitch.endpoints.rtp_proxy import ProxiedLines
from softswitch.sdp.description import SessionDescription
from softswitch.sip.message import Request, Response
from softswitch.switch.session import Session
from tests.support.engine import FakeEngine
from tests.support.sip_bench import ALICE, BOB, SipBench, sdp, sip_bench
from tests.support.stream import FakeStream
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
PROXIED = extension("7000", "set proxy_media=true", f"bridge {TO_BOB}")
VIDEO = ("m=video 4002 RTP/AVP 97", "a=rtpmap:97 H264/90000", "a=rtcp:4003")
ALICES = sdp(4000, "0 101", *VIDEO)
BOBS = sdp(6000, "0 101", "m=video 6002 RTP/AVP 97", "a=rtpmap:97 H264/90000", host=BOB[0])
FAX = "m=image {} udptl t38"


def text(message: Request | Response) -> str:
    return message.body.decode()


def lines(description: str) -> list[tuple[str, int]]:
    """Kind and port of each media line."""
    return [(line.kind, line.port) for line in SessionDescription.parse(description).media]


def fakes(running: SipBench) -> Iterator[FakeStream]:
    """All open streams in order."""
    (native,) = [
        item for item in vars(running.switch.engine).values() if isinstance(item, FakeEngine)
    ]
    yield from native.streams.values()


async def joined(running: SipBench, offered: str, answered: str) -> tuple[str, str, Session]:
    """What Bob was offered and Alice was answered, and Alice's session."""
    _, caller = await running.invite("7000", offered)
    invite = running.bob.request("INVITE")
    running.bob.answer(invite, 200, answered)
    await running.settle()
    response = running.alice.response(200)
    running.alice.ack(response)
    await running.settle()
    running.bob.request("ACK")
    return text(invite), text(response), caller


async def test_every_line_gets_a_port_of_ours(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PROXIED) as running:
        offered, answered, caller = await joined(running, ALICES, BOBS)
        for description in (offered, answered):
            assert ALICE[0] not in description and BOB[0] not in description
            assert "a=rtcp:" not in description and "H264/90000" in description
            assert [kind for kind, _ in lines(description)] == ["audio", "video"]
        streams = list(fakes(running))
        assert len(streams) == 4
        remotes = {s.parameters.remote_address for s in streams if s.parameters is not None}
        assert remotes == {(ALICE[0], 4000), (ALICE[0], 4002), (BOB[0], 6000), (BOB[0], 6002)}
        assert all(s.parameters is not None and s.parameters.transparent for s in streams)
        assert all(s.connected_to is not None for s in streams)
        caller.hangup()
        await running.settle()
        assert list(fakes(running)) == []


async def test_a_refused_line_stays_refused(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PROXIED) as running:
        plain = sdp(6000, "0 101", "m=video 0 RTP/AVP 97", host=BOB[0])
        _, answered, caller = await joined(running, ALICES, plain)
        assert lines(answered)[1] == ("video", 0)
        caller.hangup()
        await running.settle()


async def test_a_fax_is_handed_on_by_t38(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PROXIED) as running:
        await running.invite("7000", sdp(4000, "0"))
        invite = running.bob.request("INVITE")
        running.bob.answer(invite, 200, sdp(6000, "0", host=BOB[0]))
        await running.settle()
        response = running.alice.response(200)
        running.alice.ack(response)
        await running.settle()
        fax = sdp(6000, "0", host=BOB[0]).partition("m=")[0] + FAX.format(6004) + "\r\n"
        running.bob.ask("INVITE", within=invite, body=fax)
        await running.settle()
        to_alice = running.alice.request("INVITE")
        ((kind, port),) = lines(text(to_alice))
        assert kind == "image" and port not in (0, 6004)
        assert "udptl t38" in text(running.bob.response(200))
        theirs = sdp(4000, "0").partition("m=")[0] + FAX.format(4004) + "\r\n"
        running.alice.answer(to_alice, 200, theirs)
        await running.settle()
        remotes = {s.parameters.remote_address for s in fakes(running) if s.parameters}
        assert {(ALICE[0], 4004), (BOB[0], 6004)} <= remotes
        for session in list(running.switch.sessions.values()):
            session.hangup()
        await running.settle()


async def test_no_datagram_is_sent_where_none_may_go(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PROXIED) as running:
        proxied = ProxiedLines(running.switch.engine, "192.0.2.1")
        proxied.rewrite(sdp(4000, "0"), "192.0.2.1")
        for host in ("0.0.0.0", "239.1.2.3"):
            proxied.follow(sdp(4000, "0", host=host), symmetric=True, timeout_ms=0)
            (stream,) = fakes(running)
            assert stream.parameters is not None and stream.parameters.remote_address is None
        proxied.close()
        assert list(fakes(running)) == []
