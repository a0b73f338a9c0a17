"""Calls drawn as ladders."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from softswitch.endpoints.sip import commands
from softswitch.endpoints.sip.ladder import ladder
from softswitch.net.journal import Entry
from softswitch.sip.flow import Flow
from tests.support.sip_bench import sdp, sip_bench
from tests.support.switch import extension

__all__ = ["commands"]
HERE = ("192.0.2.1", 5060)
ALICE = Flow("udp", HERE, ("192.0.2.10", 5062))
BOB = Flow("tcp", HERE, ("192.0.2.20", 5064), 1)


def data(first: str, body: str = "") -> bytes:
    return f"{first}\r\nCall-ID: a\r\n\r\n{body}".encode()


def test_each_message_is_a_rung() -> None:
    text = ladder(
        [
            Entry(1000.0, False, data("INVITE sip:200@x SIP/2.0", "v=0\r\n"), ALICE),
            Entry(1000.25, True, data("INVITE sip:200@y SIP/2.0"), BOB),
            Entry(1000.5, False, data("SIP/2.0 486 Busy Here"), BOB),
        ]
    )
    lines = text.splitlines()
    assert "udp 192.0.2.10:5062" in lines[0]
    assert lines[0].index("softswitch") < lines[0].index("tcp 192.0.2.20:5064")
    left, ours, right = (place for place, mark in enumerate(lines[1]) if mark == "|")
    assert "INVITE (SDP)" in lines[2][left:ours] and lines[2][ours - 1] == ">"
    assert "INVITE" in lines[3][ours:right] and lines[3][right - 1] == ">"
    assert "486 Busy Here" in lines[4][ours:right] and lines[4][ours + 1] == "<"
    assert lines[4].endswith("+0.250 s")
    assert lines[-1] == "3 messages of 1 dialogs in 0.500 s"


def test_nothing_known_is_said() -> None:
    assert ladder([]).startswith("-ERR nothing is known of that call")


@pytest.mark.virtual_time
async def test_both_legs_of_a_call_are_drawn_after_it_ended(tmp_path: Path) -> None:
    bridge = extension("200", "bridge sofia/internal/200@192.0.2.20:5064")
    async with sip_bench(tmp_path, bridge) as running:
        _, session = await running.invite("200", sdp())
        uuid = session.uuid
        running.bob.answer(running.bob.request("INVITE"), 486)
        await running.settle()
        running.alice.response(486)
        assert not running.switch.sessions
        run = running.switch.run_command
        text = await run(f"sofia trace {uuid}")
        assert "udp 192.0.2.10:5062" in text
        assert "udp 192.0.2.20:5064" in text
        assert text.count("INVITE (SDP)") == 2
        assert text.count("486 Busy Here") == 2
        assert "of 2 dialogs" in text
        assert "nothing is known" in await run("sofia trace nobody")
        capture = base64.b64decode(await run(f"sofia trace {uuid} pcap"))
        assert capture.count(b"486 Busy Here") == 2
        assert (await run("sofia trace nobody pcap")).startswith("-ERR")
