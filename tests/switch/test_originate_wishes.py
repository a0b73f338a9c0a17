"""What a dial string asks of the whole attempt: early media, ringing, retries, a cancel key."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ("ignore_early_media=true", ["ring"]),
        ("ignore_early_media=consume", []),
        ("ignore_early_media=ring_ready", ["ring"]),
        ("group_confirm_early_ok=false", ["ring"]),
        ("ignore_early_media=true,group_confirm_early_ok=true", ["ring"]),
        ("x=1", ["pre_answer"]),
    ],
)
async def test_early_media_is_heard_or_turned_into_ringing(
    tmp_path: Path, variables: str, asked: list[str]
) -> None:
    async with bench(tmp_path, extension("100", f"bridge {{{variables}}}test/bob")) as b:
        b.script("bob", "early@1")
        session = b.call("100")
        await b.after(2)
        assert verbs(session) == asked
        session.hangup()


async def test_early_media_of_several_rings_nobody_where_one_is_asked_for(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge {ignore_early_media=ring_ready}test/bob,test/silent")
    ) as b:
        b.script("bob", "early@1")
        b.script("silent", "")
        session = b.call("100")
        await b.after(2)
        assert verbs(session) == []
        session.hangup()


async def test_early_media_may_be_heard_while_it_rings(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge {bridge_early_media=true}test/bob,test/eve")
    ) as b:
        b.script("bob", "early@1 ring@3")
        b.script("eve", "answer@5")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"]
        assert session.peer is None
        assert far_end(session.media).connected_to is far_end(bob.media)
        await b.after(2)
        assert far_end(session.media).connected_to is None
        await b.after(2)
        assert session.peer is b.legs.legs["eve"].session
        assert far_end(session.media).connected_to is far_end(b.legs.legs["eve"].media)
        session.hangup()


async def test_a_caller_who_leaves_while_early_media_is_heard(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge {bridge_early_media=true}test/bob")) as b:
        b.script("bob", "early@1")
        await b.ended(b.call("100", script="hangup@3"))
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL


@pytest.mark.parametrize("wish", ["ring_ready", "instant_ringback"])
async def test_the_ringback_may_begin_before_anybody_rings(tmp_path: Path, wish: str) -> None:
    async with bench(
        tmp_path,
        extension("100", "set ringback=%(500,500,440)", f"bridge {{{wish}=true}}test/silent"),
    ) as b:
        b.script("silent", "")
        session = b.call("100")
        await b.after(0.5)
        assert far_end(session.media).playing is not None
        session.hangup()


async def test_silence_may_be_the_ringback(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set ringback=silence:700", "bridge test/bob")
    ) as b:
        b.script("bob", "ring@1")
        session = b.call("100")
        await b.after(2)
        playing = far_end(session.media).playing
        assert playing is not None and playing.source.description == "silence -1,700"
        session.hangup()


async def test_independent_attempts_share_the_callers_ringback(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "set ringback=%(500,500,440)", "bridge test/bob:_:test/eve", "park"),
    ) as b:
        b.script("bob", "early@1 hangup:USER_BUSY@3")
        b.script("eve", "ring@2 answer@5")
        session = b.call("100")
        await b.after(4)
        assert len(far_end(session.media).played) == 1
        assert far_end(session.media).playing is not None
        await b.after(2)
        assert session.peer is b.legs.legs["eve"].session
        assert far_end(session.media).playing is None
        session.hangup()


@pytest.mark.parametrize("dial_string", ["test/bob|test/eve", "test/bob:_:test/eve"])
async def test_a_key_of_the_caller_cancels_the_attempt(tmp_path: Path, dial_string: str) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "set origination_cancel_key=#",
            f"bridge {{originate_retries=3}}{dial_string}",
            "set went=on",
        ),
    ) as b:
        b.script("bob", "ring@1")
        b.script("eve", "ring@1")
        begun = b.switch.loop.time()
        session = await b.ended(b.call("100", script="digit:1@2 digit:#@3"))
        assert b.switch.loop.time() - begun == pytest.approx(3, abs=0.1)
        assert session.get("originate_disposition") == "ORIGINATOR_CANCEL"
        assert session.get("went") == "on"
        assert b.legs.legs["bob"].cause is not None
        assert "ORIGINATOR_CANCEL" in (session.get("originate_causes") or "")


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ("originate_retries=3", 5),
        ("originate_retries=3,originate_retry_sleep_ms=2000", 7),
        ("originate_retries=3,originate_retry_min_period_ms=4000", 9),
        ("originate_retries=3,originate_retry_sleep_ms=10", 5),
        ("originate_retries=101", 1),
        ("originate_retries=1000,originate_retry_timeout=10", 11),
        ("originate_delay_start=1500", 2.5),
    ],
)
async def test_when_an_attempt_is_made_again(
    tmp_path: Path, variables: str, seconds: float
) -> None:
    async with bench(tmp_path) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        begun = b.switch.loop.time()
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, f"{{{variables}}}test/busy")
        assert failed.value.cause is HangupCause.USER_BUSY
        assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize("named", [[], ["set fail_on_single_reject=USER_BUSY"]])
async def test_one_refusal_may_end_the_caller_too(tmp_path: Path, named: list[str]) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "set continue_on_fail=true",
            "set hangup_on_single_reject=true",
            *named,
            "bridge test/silent,test/busy",
            "set went=on",
        ),
    ) as b:
        b.script("silent", "")
        b.script("busy", "hangup:USER_BUSY@1")
        session = await b.ended(b.call("100"))
        assert session.get("went") is None
        assert session.channel.hangup_cause is HangupCause.USER_BUSY


async def test_vectors_of_independent_attempts(tmp_path: Path) -> None:
    confirm = "group_confirm_key=exec,group_confirm_file=playback silence_stream://500"
    async with bench(tmp_path) as b:
        winner = await originate(
            b.switch, f"<all=1>{{{confirm},ignore_early_media=true}}null/x:_:error/user_busy"
        )
        assert winner.get("all") == "1"
        winner.hangup()
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, "error/no_answer:_:error/user_busy")
        assert failed.value.cause in (HangupCause.USER_BUSY, HangupCause.NO_ANSWER)


async def test_a_hook_of_the_called_leg_may_end_the_bridge_and_the_caller_parks(
    tmp_path: Path,
) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "set park_after_bridge=true",
            "bridge {execute_on_answer='sched_hangup +2 normal_clearing'}null/x:_:error/user_busy",
        ),
    ) as b:
        session = b.call("100")
        await b.after(4)
        assert session.channel.state.name == "CS_PARK"
        assert session.get("originate_disposition") == "SUCCESS"
        session.hangup()


async def test_hooks_around_an_attempt_run_in_order(tmp_path: Path) -> None:
    points = ("pre_originate", "originate", "post_originate")
    async with bench(
        tmp_path,
        extension(
            "100",
            *(f"set execute_on_{point}=push order=a_{point}" for point in points),
            "bridge {execute_on_originate='push order=b_originate',"
            "execute_on_post_originate='push order=b_post_originate'}test/bob",
        ),
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        assert session.get("order") == "ARRAY::a_pre_originate|:a_post_originate"
        assert bob.get("order") == "ARRAY::b_originate|:b_post_originate"
        session.hangup()
