"""Legs that ring together: who wins, and what ends them."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.ringing import number, rejected
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5.0), ("0.5", 0.5), ("", 0.0), ("x", 0.0), ("-3", 0.0), ("nan", 0.0), ("inf", 0.0)],
)
def test_numbers_of_variables_are_read_with_care(text: str, value: float) -> None:
    assert number({"a": text}, "a") == value
    assert number({}, "a") == 0.0


@pytest.mark.parametrize(
    ("wish", "rejects"),
    [
        ("", False),
        ("true", True),
        ("USER_BUSY,CALL_REJECTED", True),
        ("user_busy", True),
        ("NO_ANSWER", False),
        ("!USER_BUSY", False),
        ("!NO_ANSWER", True),
    ],
)
def test_one_rejection_may_count_for_all(wish: str, rejects: bool) -> None:
    assert rejected({"fail_on_single_reject": wish}, HangupCause.USER_BUSY) is rejects


@pytest.mark.parametrize(
    ("dial_string", "cause", "seconds"),
    [
        ("{fail_on_single_reject=true}test/silent,test/busy,test/bob", "USER_BUSY", 2),
        ("{fail_on_single_reject='!USER_BUSY'}test/busy,test/rejected", "CALL_REJECTED", 3),
        ("test/silent,[leg_required=true]test/busy", "USER_BUSY", 2),
        ("[leg_timeout=4]test/silent,[leg_timeout=6]test/silent", "ALLOTTED_TIMEOUT", 6),
        ("{leg_progress_timeout=3}test/silent", "PROGRESS_TIMEOUT", 3),
        ("{leg_progress_timeout=3,originate_timeout=9}test/ringing", "NO_ANSWER", 9),
        ("{progress_timeout=3,originate_timeout=9}test/ringing,test/silent", "NO_ANSWER", 9),
        ("{progress_timeout=3}test/silent,[leg_delay_start=20]test/bob", "PROGRESS_TIMEOUT", 3),
        ("{originate_timeout=nan}test/busy", "USER_BUSY", 2),
        ("test/busy,[leg_delay_start=30,leg_timeout=5]test/silent", "USER_BUSY", 7),
        ("[leg_delay_start=4,leg_timeout=5]test/silent,test/ringing", "NO_ANSWER", 60),
    ],
)
async def test_what_ends_all_of_them_and_when(
    tmp_path: Path, dial_string: str, cause: str, seconds: float
) -> None:
    async with bench(tmp_path) as b:
        b.script("busy", "hangup:USER_BUSY@2")
        b.script("rejected", "hangup:CALL_REJECTED@3")
        b.script("silent", "")
        b.script("ringing", "ring@1")
        b.script("bob", "answer@5")
        began = b.switch.loop.time()
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, dial_string)
        assert failed.value.cause.name == cause
        assert b.switch.loop.time() - began == pytest.approx(seconds, abs=0.1)
        await b.after(0.1)
        assert not b.switch.sessions


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ("", 2),
        ("ignore_early_media=true", 5),
        ("ignore_early_media=consume", 5),
        ("ignore_early_media=ring_ready", 5),
        ("return_ring_ready=true", 1),
    ],
)
async def test_a_leg_wins_by_what_counts(tmp_path: Path, options: str, seconds: float) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "ring@1 early@2 answer@5")
        began = b.switch.loop.time()
        winner = await originate(b.switch, f"{{{options}}}test/bob" if options else "test/bob")
        assert b.switch.loop.time() - began == pytest.approx(seconds, abs=0.1)
        winner.hangup()


async def test_ignored_early_media_rings_at_the_caller(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge {ignore_early_media=true}test/bob")) as b:
        b.script("bob", "early@1 answer@3 hangup@4")
        session = await b.ended(b.call("100"))
        names = [name for name in b.names(session) if name.startswith("CHANNEL_PROGRESS")]
        # Its own media open when it is answered.
        assert names == ["CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA"]
        assert session.channel.profile.times.progress_media == 1_700_001_003_000_000


async def test_the_callers_record_tells_of_each_leg(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/busy,test/bob")) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        b.script("bob", "ring@1.5 answer@2 hangup@3")
        session = await b.ended(b.call("100", variables={"ignore_ring_ready": "true"}))
        busy, bob = (b.legs.legs[name].session.uuid for name in ("busy", "bob"))
        assert session.get("originate_causes") == f"ARRAY::{busy};USER_BUSY|:{bob};NONE"
        legs = (session.get("originated_legs") or "").removeprefix("ARRAY::").split("|:")
        assert legs == [f"{busy};Outbound Call;busy", f"{bob};Outbound Call;bob"]
        assert session.channel.profile.times.progress == 1_700_001_001_500_000


async def test_a_leg_that_never_started_still_ends_as_a_call(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1")
        b.script("late", "")
        winner = await originate(b.switch, "test/bob,[leg_delay_start=30]test/late")
        late = b.legs.legs["late"]
        assert late.verbs == ["hangup LOSE_RACE"]
        await b.ended(late.session)
        assert "CHANNEL_DESTROY" in b.names(late.session)
        winner.hangup()
