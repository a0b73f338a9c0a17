"""Calls that go out and come in again."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.loopback import LoopbackLeg
from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.session import Session
from softswitch.switch.states import CallState
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension, verbs

pytestmark = pytest.mark.virtual_time


def halves(b: Bench) -> tuple[Session, Session]:
    """The two sessions of the one pair that lives."""
    [near] = [one for one in b.switch.sessions.values() if one.channel.name.endswith("-a")]
    [far] = [one for one in b.switch.sessions.values() if one.channel.name.endswith("-b")]
    return near, far


async def test_what_goes_out_comes_in_and_is_routed(tmp_path: Path) -> None:
    other = f'<context name="other">{extension("7", "answer", "sleep 60000")}</context>'
    async with bench(tmp_path, extension("7", "answer", "sleep 60000"), contexts=other) as b:
        for target, context in (("7", "default"), ("7/other", "other"), ("7/other/XML", "other")):
            winner = await originate(b.switch, f"{{x=1}}loopback/{target}")
            near, far = halves(b)
            assert winner is near
            assert (near.channel.name, far.channel.name) == ("loopback/7-a", "loopback/7-b")
            assert far.channel.profile.context == context
            assert (near.get("loopback_leg"), far.get("loopback_leg")) == ("A", "B")
            assert near.get("other_loopback_leg_uuid") == far.uuid
            assert far.get("other_loopback_leg_uuid") == near.uuid
            assert far.get("x") == "1"
            near.hangup()
            await b.ended(far)
            await b.ended(near)


async def test_an_application_may_stand_for_the_dialplan(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await originate(b.switch, "loopback/app=playback:silence_stream://-1")
        near, far = halves(b)
        assert far.get("current_application_data") == "silence_stream://-1"
        near.hangup(HangupCause.USER_BUSY)
        await b.ended(far)
        assert far.channel.hangup_cause is HangupCause.USER_BUSY


async def test_the_two_halves_hear_each_other(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("7", "answer", "park")) as b:
        await originate(b.switch, "loopback/7")
        near, far = halves(b)
        for one, other in ((near, far), (far, near)):
            parameters = far_end(one.media).parameters
            assert parameters is not None
            assert parameters.remote_address == other.media.local_address
        near.hangup()


@pytest.mark.parametrize(
    ("actions", "events"),
    [
        (["ring_ready", "park"], ["CHANNEL_PROGRESS"]),
        (["pre_answer", "park"], ["CHANNEL_PROGRESS_MEDIA"]),
        (["ring_ready", "answer", "park"], ["CHANNEL_PROGRESS", "CHANNEL_ANSWER"]),
    ],
)
async def test_one_half_reports_what_the_other_is_told(
    tmp_path: Path, actions: list[str], events: list[str]
) -> None:
    async with bench(
        tmp_path, extension("7", *actions), extension("100", "bridge loopback/7")
    ) as b:
        session = b.call("100")
        await b.after(1)
        near, _ = halves(b)
        seen = [name for name in b.names(near) if name in ("CHANNEL_ANSWER", *events)]
        assert seen == events
        session.hangup()


@pytest.mark.parametrize("cause", ["USER_BUSY", "CALL_REJECTED"])
async def test_a_refusal_inside_is_the_cause_outside(tmp_path: Path, cause: str) -> None:
    async with bench(tmp_path, extension("7", f"hangup {cause}")) as b:
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, "loopback/7")
        assert failed.value.cause.name == cause


async def test_digits_and_holding_pass(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("7", "answer", "park")) as b:
        await originate(b.switch, "loopback/7")
        near, far = halves(b)
        near.leg.send_digits("12", 100)
        taken = [far.digits.take(), far.digits.take()]
        assert [digit.digit for digit in taken if digit is not None] == ["1", "2"]
        near.leg.hold()
        assert far.channel.callstate is CallState.HELD
        near.leg.unhold()
        assert not far.channel.held
        near.hangup()


async def test_the_other_half_may_be_sent_elsewhere(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("7", "answer", "park"), extension("8", "set landed=yes", "park")
    ) as b:
        await originate(b.switch, "loopback/7")
        near, far = halves(b)
        near.leg.deflect("8")
        await b.after(1)
        assert far.get("landed") == "yes"
        near.hangup()


async def test_the_second_half_counts_as_a_call_from_outside(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("7", "answer")) as b:
        b.switch.admission.max_sessions = 1
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, "loopback/7")
        assert failed.value.cause is HangupCause.SWITCH_CONGESTION


async def test_no_media_is_opened_for_a_half_that_ended(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("7", "park")) as b:
        session = b.call("7")
        near, far = LoopbackLeg(b.switch), LoopbackLeg(b.switch)
        near.other, far.other = far, near
        near.attach(session)
        near.hangup(HangupCause.NORMAL_CLEARING)
        with pytest.raises(CallFailed):
            far.answer()
        session.hangup()


async def test_a_chain_of_pairs_ends_with_its_first_leg(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("7", "bridge loopback/8"),
        extension("8", "bridge loopback/9"),
        extension("9", "answer", "park"),
    ) as b:
        winner = await originate(b.switch, "loopback/7")
        await b.after(1)
        assert len(b.switch.sessions) == 6
        winner.hangup()
        await b.after(1)
        assert not b.switch.sessions
        assert not b.switch.engine.live_streams


async def test_what_the_halves_are_told_of_each_other(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("7", "answer", "park"),
        extension("100", "set own=1", "bridge {loopback_export='originate_endpoint,x'}loopback/7"),
    ) as b:
        session = b.call("100")
        await b.after(1)
        near, far = halves(b)
        assert near.get("loopback_from_uuid") == session.uuid
        assert far.get("other_loopback_from_uuid") == session.uuid
        assert far.get("loopback_from_uuid") is None
        assert far.get("originate_endpoint") == "loopback"
        assert near.get("is_loopback") == far.get("is_loopback") == "1"
        session.hangup()


@pytest.mark.parametrize(
    ("actions", "asked"),
    [([], ["pre_answer"]), (["set loopback_no_pre_answer=true"], ["ring"])],
)
async def test_its_caller_has_early_media(
    tmp_path: Path, actions: list[str], asked: list[str]
) -> None:
    async with bench(
        tmp_path,
        extension("7", "ring_ready", "park"),
        extension("100", *actions, "bridge loopback/7"),
    ) as b:
        session = b.call("100")
        await b.after(1)
        assert verbs(session) == asked
        session.hangup()


@pytest.mark.parametrize("chain", [False, True])
async def test_real_calls_are_joined_without_the_halves(tmp_path: Path, chain: bool) -> None:
    async with bench(
        tmp_path,
        extension("7", "bridge loopback/8" if chain else "bridge test/bob"),
        extension("8", "bridge test/bob"),
        extension("100", "bridge loopback/7", "set went=on"),
    ) as b:
        b.script("bob", "answer@1 hangup@9")
        session = b.call("100")
        await b.after(2)
        assert session.peer is not None and session.peer.channel.name == "loopback/7-a"
        await b.after(3)
        bob = b.legs.legs["bob"].session
        assert session.peer is bob
        assert len(b.switch.sessions) == 2
        assert far_end(session.media).connected_to is far_end(bob.media)
        await b.ended(session)
        assert session.get("went") == "on"


@pytest.mark.parametrize("where", ["100", "7"])
async def test_the_halves_may_be_kept(tmp_path: Path, where: str) -> None:
    keep = {"100": "{loopback_bowout=false}" if where == "100" else "", "7": ""}
    own = ["set loopback_bowout=false"] if where == "7" else []
    async with bench(
        tmp_path,
        extension("7", *own, "bridge test/bob"),
        extension("100", f"bridge {keep['100']}loopback/7"),
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(6)
        assert len(b.switch.sessions) == 4
        session.hangup()


async def test_an_extension_may_ask_for_its_caller(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("7", "unloop", "set seen=yes", "park"),
        extension("100", "bridge loopback/7"),
        extension("200", "unloop", "park"),
    ) as b:
        session = b.call("100")
        await b.after(1)
        assert session.get("seen") == "yes"
        assert session.channel.profile.destination_number == "7"
        assert list(b.switch.sessions) == [session.uuid]
        session.hangup()
        plain = b.call("200")
        await b.after(1)
        assert plain.get("current_application") == "park"
        plain.hangup()


async def test_an_extension_with_unloop_is_run_by_its_caller_from_its_begin(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("7", "set seen=${uuid}", "unloop", "park"),
        extension("8", "set seen=${uuid}", "park"),
        extension("100", "bridge loopback/7"),
        extension("101", "bridge {loopback_bowout_on_execute=true}loopback/8"),
    ) as b:
        for number in ("100", "101"):
            session = b.call(number)
            await b.after(1)
            assert session.get("seen") == session.uuid
            assert session.get("current_application") == "park"
            assert list(b.switch.sessions) == [session.uuid]
            session.hangup()
            await b.ended(session)


async def test_without_a_caller_an_extension_with_unloop_runs_where_it_is(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("7", "answer", "unloop", "set seen=yes", "park")) as b:
        await originate(b.switch, "{loopback_bowout_on_execute=true}loopback/7")
        await b.after(1)
        assert halves(b)[1].get("seen") == "yes"
        halves(b)[0].hangup()


async def test_both_halves_know_the_application(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        near = await originate(b.switch, "loopback/app=playback:silence_stream://5000")
        for half in halves(b):
            assert half.get("loopback_app") == "playback"
            assert half.get("loopback_app_arg") == "silence_stream://5000"
        near.hangup()


async def test_nobody_is_beyond_halves_that_are_joined_with_each_other(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("7", "answer", "park")) as b:
        await originate(b.switch, "loopback/7")
        near, far = halves(b)
        await uuid_bridge(near, far)
        await b.bridged(near)
        assert near.peer is far
        for half in (near, far):
            assert isinstance(half.leg, LoopbackLeg)
            assert half.leg.beyond is None
