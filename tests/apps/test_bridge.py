from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_bridge_joins_the_caller_with_whoever_answers(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        b.script("bob", "ring@1 answer@2 hangup@10")
        session = b.call("1")
        await b.after(5)
        peer = session.peer
        assert peer is not None and session.channel.answered
        assert far_end(session.media).connected_to is far_end(peer.media)
        await b.ended(session)
        assert session.get("originate_disposition") == "SUCCESS"
        assert session.get("bridge_hangup_cause") == "NORMAL_CLEARING"


async def test_a_failed_bridge_tells_its_cause_and_hangs_up(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge error/USER_BUSY", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.channel.hangup_cause is HangupCause.USER_BUSY
        assert session.get("originate_failed_cause") == "USER_BUSY"
        assert session.get("DIALSTATUS") == "BUSY"
        assert session.get("after") is None


@pytest.mark.parametrize("wish", ["true", "USER_BUSY", "17,NO_ANSWER"])
async def test_continue_on_fail_goes_on_with_the_next_action(tmp_path: Path, wish: str) -> None:
    actions = (f"set continue_on_fail={wish}", "bridge error/USER_BUSY", "set after=yes")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_the_cause_of_an_earlier_attempt_is_forgotten(tmp_path: Path) -> None:
    actions = ("set continue_on_fail=true", "bridge error/USER_BUSY", "bridge test/bob")
    async with bench(tmp_path, extension("1", *actions)) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("1"))
        assert session.get("originate_failed_cause") is None


async def test_a_caller_who_hangs_up_while_it_rings_cancels_the_attempt(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        b.script("bob", "ring@1")
        await b.ended(b.call("1", script="hangup:ORIGINATOR_CANCEL@5"))
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL


async def test_bridge_to_nobody_leaves_the_call_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "bridge", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "bridge: <channel_url> is missing" in caplog.text
