"""Originate: order, timeouts, winners, variables and causes."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from softswitch.dialplan import arrays
from softswitch.media.engine import Stream
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.states import CallState
from tests.support.leg import ScriptedLeg
from tests.support.switch import bench, extension


async def test_the_first_to_answer_wins_and_the_others_lose(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("slow", "ring@1 answer@9")
        b.script("fast", "answer@2")
        winner = await originate(b.switch, "test/slow,test/fast")
        assert winner is b.legs.legs["fast"].session
        assert b.legs.legs["slow"].cause is HangupCause.LOSE_RACE
        winner.hangup()
        await b.ended(winner)


async def test_serial_groups_are_tried_from_left_to_right(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        b.script("bob", "answer@1")
        winner = await originate(b.switch, "test/busy|test/bob")
        assert winner is b.legs.legs["bob"].session
        winner.hangup()
        await b.ended(winner)


@pytest.mark.parametrize(
    ("dial_string", "cause"),
    [
        ("test/nobody", "UNALLOCATED_NUMBER"),
        ("nonsense/1", "CHAN_NOT_IMPLEMENTED"),
        ("error/USER_BUSY", "USER_BUSY"),
        ("error/34", "NORMAL_CIRCUIT_CONGESTION"),
        ("error/NONE", "DESTINATION_OUT_OF_ORDER"),
        ("", "DESTINATION_OUT_OF_ORDER"),
        ("{a=1}", "DESTINATION_OUT_OF_ORDER"),
        ("{a=1", "DESTINATION_OUT_OF_ORDER"),
        ("test/busy", "USER_BUSY"),
        ("test/busy,test/rejected", "USER_BUSY"),
        ("test/busy|test/rejected", "CALL_REJECTED"),
        ("{originate_timeout=5}test/silent", "NO_ANSWER"),
        ("{originate_timeout=5}test/silent|test/bob", "NO_ANSWER"),
        ("[leg_timeout=2]test/silent", "ALLOTTED_TIMEOUT"),
        ("{progress_timeout=2}test/silent", "PROGRESS_TIMEOUT"),
        ("[leg_progress_timeout=2]test/silent", "PROGRESS_TIMEOUT"),
        ("{fail_on_single_reject=true}test/busy|test/bob", "USER_BUSY"),
        ("{fail_on_single_reject='USER_BUSY,CALL_REJECTED'}test/busy|test/bob", "USER_BUSY"),
        ("user/4711@example.test", "SUBSCRIBER_ABSENT"),
        ("test/rejected:_:test/busy", "USER_BUSY"),
    ],
)
async def test_a_failed_attempt_has_freeswitch_cause(
    tmp_path: Path, dial_string: str, cause: str
) -> None:
    async with bench(tmp_path) as b:
        b.script("busy", "hangup:USER_BUSY@2")
        b.script("rejected", "hangup:CALL_REJECTED@1")
        b.script("silent", "")
        b.script("bob", "answer@1")
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, dial_string)
        assert failed.value.cause.name == cause


async def test_after_a_timeout_the_next_group_is_tried_if_asked_for(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("silent", "")
        b.script("bob", "answer@1")
        winner = await originate(
            b.switch,
            "{originate_timeout=3,originate_continue_on_timeout=true}test/silent|test/bob",
        )
        assert winner is b.legs.legs["bob"].session
        winner.hangup()
        await b.ended(winner)


async def test_early_media_wins_unless_it_is_ignored(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "early@1 answer@5")
        loop = b.switch.loop
        began = loop.time()
        winner = await originate(b.switch, "test/bob")
        assert loop.time() - began < 2
        winner.hangup()
        await b.ended(winner)
        began = loop.time()
        winner = await originate(b.switch, "{ignore_early_media=true}test/bob")
        assert loop.time() - began >= 5
        winner.hangup()
        await b.ended(winner)


async def test_return_ring_ready_is_content_with_ringing(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "ring@1")
        winner = await originate(b.switch, "{return_ring_ready=true}test/bob")
        assert not winner.channel.answered
        winner.hangup()
        await b.ended(winner)


async def test_a_delayed_leg_starts_late_but_early_when_it_is_the_last(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("busy", "hangup:USER_BUSY@2")
        b.script("bob", "answer@1")
        began = b.switch.loop.time()
        winner = await originate(b.switch, "test/busy,[leg_delay_start=30]test/bob")
        assert b.switch.loop.time() - began == pytest.approx(3, abs=0.1)
        winner.hangup()
        await b.ended(winner)


async def test_retries_ring_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        began = b.switch.loop.time()
        with pytest.raises(CallFailed):
            await originate(
                b.switch, "{originate_retries=3,originate_retry_sleep_ms=2000}test/busy"
            )
        assert b.switch.loop.time() - began == pytest.approx(7, abs=0.1)


@pytest.mark.parametrize(
    ("dial_string", "name", "value"),
    [
        ("{a=1}test/bob", "a", "1"),
        ("[a=2]test/bob", "a", "2"),
        ("{a=1}[a=2]test/bob", "a", "1"),
        ("{local_var_clobber=true,a=1}[a=2]test/bob", "a", "2"),
        ("{a=1}{b=2}test/bob", "b", "2"),
        ("<a=3>test/bob", "a", "3"),
        ("{^^:a=1,2:b=3}test/bob", "a", "1,2"),
        ("{a='x,y'}test/bob", "a", "x,y"),
        ("{a=${b}}test/bob", "a", None),
        ("{origination_nested_vars=true,a=${b}}test/bob", "a", "${b}"),
        ("{origination_caller_id_number=77}test/bob", "caller_id_number", "77"),
        ("test/bob", "is_outbound", "true"),
    ],
)
async def test_variables_of_a_dial_string_reach_the_leg(
    tmp_path: Path, dial_string: str, name: str, value: str | None
) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1")
        winner = await originate(b.switch, dial_string)
        assert winner.channel.lookup(name) == value
        winner.hangup()
        await b.ended(winner)


async def test_exported_variables_and_caller_id_flow_from_the_caller(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "export both=1",
            "export nolocal:only_b=2",
            "set own=3",
            "set effective_caller_id_number=5555",
            "bridge test/bob",
        ),
    ) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("100"))
        bob = b.legs.legs["bob"].session
        assert bob.get("both") == "1"
        assert bob.get("only_b") == "2"
        assert bob.channel.lookup("own") is None
        assert bob.channel.profile.caller_id_number == "5555"
        assert bob.get("originator") == session.uuid
        assert bob.channel.call_uuid == session.uuid


async def test_a_user_rings_by_its_own_dial_string(tmp_path: Path) -> None:
    directory = """<domain name="example.test"><params>
      <param name="dial-string" value="{x=${dialed_user}}test/bob"/></params>
      <users><user id="1001"><variables><variable name="callgroup" value="z"/></variables></user>
      </users></domain>"""
    async with bench(tmp_path, directory=directory) as b:
        b.script("bob", "answer@1")
        winner = await originate(b.switch, "user/1001@example.test")
        assert winner.get("x") == "1001"
        assert winner.get("dialed_domain") == "example.test"
        assert winner.get("presence_id") == "1001@example.test"
        assert winner.get("callgroup") == "z"
        winner.hangup()
        await b.ended(winner)


async def test_a_loop_of_calls_ends_by_max_forwards(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge loopback/100/default")) as b:
        session = b.call("100", variables={"max_forwards": "4"})
        await b.ended(session)
        causes = {
            event.headers["Hangup-Cause"]
            for event in b.events
            if event.name == "CHANNEL_HANGUP_COMPLETE"
        }
        assert "EXCHANGE_ROUTING_ERROR" in causes


async def test_sessions_beyond_the_limit_are_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1")
        b.switch.admission.max_sessions = 0
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, "test/bob")
        assert failed.value.cause is HangupCause.SWITCH_CONGESTION


@pytest.mark.parametrize("fails_at", range(1, 6))
@pytest.mark.parametrize("error", [OSError, RuntimeError])
@pytest.mark.parametrize("dial_string", ["test/one,test/two", "test/one:_:test/two", "loopback/7"])
async def test_an_engine_that_fails_once_leaves_nothing_behind(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dial_string: str,
    error: type[Exception],
    fails_at: int,
) -> None:
    """Each stream is refused in turn; every call still ends, with a cause."""
    async with bench(
        tmp_path,
        extension("100", "answer", f"bridge {dial_string}", "playback silence_stream://100"),
        extension("7", "answer", "sleep 2000"),
    ) as b:
        engine, asked = b.switch.engine, itertools.count(1)
        open_stream = engine.open_stream

        def fail_once(local_ip: str, *, dscp: int = 0) -> Stream:
            if next(asked) == fails_at:
                raise error("no port is free")
            return open_stream(local_ip, dscp=dscp)

        monkeypatch.setattr(engine, "open_stream", fail_once)
        b.script("one", "ring@1 answer@2 hangup@4")
        b.script("two", "ring@1 answer@3 hangup@4")
        session = await b.ended(b.call("100"), within=10)
        await b.after(0.1)
        assert not b.switch.sessions
        for event in b.events:
            if event.name == "CHANNEL_HANGUP_COMPLETE":
                assert event.headers["Hangup-Cause"] != "NONE"
        assert session.channel.hangup_cause is not HangupCause.NONE


@pytest.mark.parametrize("verb", ["invite", "attach", "hangup"])
async def test_a_leg_that_raises_ends_with_the_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    async with bench(tmp_path, extension("100", "bridge test/bob,test/other")) as b:
        b.script("bob", "hangup:USER_BUSY@1")
        b.script("other", "hangup:USER_BUSY@2")
        session = b.call("100")
        with monkeypatch.context() as patch:
            patch.setattr(ScriptedLeg, verb, fail)
            await b.ended(session, within=10)
            await b.after(0.1)
        assert not b.switch.sessions
        for leg in b.legs.legs.values():
            leg.hangup(HangupCause.NORMAL_CLEARING)


@pytest.mark.parametrize("moment", [0.0, 1.0, 1.5, 2.0, 2.0001, 3.0])
@pytest.mark.parametrize(
    "dial_string",
    ["test/bob", "test/bob,test/carol", "test/busy|test/bob", "test/bob:_:test/carol", "user/1"],
)
async def test_a_caller_may_leave_at_any_moment(
    tmp_path: Path, dial_string: str, moment: float
) -> None:
    directory = """<domain name="example.test"><users><user id="1"><params>
      <param name="dial-string" value="test/bob"/></params></user></users></domain>"""
    async with bench(tmp_path, extension("100", f"bridge {dial_string}"), directory=directory) as b:
        b.script("bob", "ring@1 answer@2")
        b.script("carol", "ring@1 answer@2")
        b.script("busy", "hangup:USER_BUSY@1")
        session = b.call("100", script=f"hangup@{moment}")
        await b.ended(session, within=5)
        await b.after(0.1)
        assert not b.switch.sessions
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_independent_attempts_that_succeed_together_have_one_winner(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        for name in ("one", "two", "three"):
            b.script(name, "answer@1")
        winner = await originate(b.switch, "test/one:_:test/two:_:test/three")
        await b.after(0.1)
        assert list(b.switch.sessions.values()) == [winner]
        losers = [leg.cause for leg in b.legs.legs.values() if leg.session is not winner]
        assert len(losers) == 2 and None not in losers
        winner.hangup()


@pytest.mark.parametrize("dial_string", ["test/bob:_:broken/1", "test/bob,broken/1"])
async def test_an_attempt_that_breaks_takes_the_others_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dial_string: str
) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "ring@1")
        monkeypatch.setitem(b.switch.endpoints, "broken", object())
        with pytest.raises(AttributeError):
            await originate(b.switch, dial_string)
        await b.after(0.1)
        assert not b.switch.sessions


async def test_an_answered_caller_waits_while_others_ring(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "answer", "bridge test/bob"), extension("200", "bridge test/bob")
    ) as b:
        b.script("bob", "ring@1 answer@3 hangup@5")
        session, other = b.call("100"), b.call("200")
        states = []
        for _ in range(2):
            await b.after(2)
            states += [session.channel.callstate, other.channel.callstate]
        assert states == [
            CallState.RING_WAIT,
            CallState.RINGING,
            CallState.ACTIVE,
            CallState.ACTIVE,
        ]
        await b.ended(session)


async def test_the_caller_learns_whom_it_reached(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set import=colour,none", "bridge {colour=red}test/bob")
    ) as b:
        b.script("bob", "answer@1 hangup@2")
        session = await b.ended(b.call("100"))
        assert session.get("colour") == "red"
        assert session.channel.profile.callee_id_name == "Outbound Call"
        assert session.channel.profile.callee_id_number == "bob"


@pytest.mark.parametrize(
    ("cause", "status"),
    [
        ("USER_BUSY", "BUSY"),
        ("NO_ANSWER", "NOANSWER"),
        ("CALL_REJECTED", "DONTCALL"),
        ("GATEWAY_DOWN", "GATEWAY_DOWN"),
        ("INVALID_PROFILE", "INVALIDARGS"),
    ],
)
async def test_the_result_is_left_on_the_caller(tmp_path: Path, cause: str, status: str) -> None:
    async with bench(tmp_path, extension("100", f"bridge error/{cause}")) as b:
        session = await b.ended(b.call("100"))
        assert session.get("originate_disposition") == cause
        assert session.get("originate_failed_cause") == cause
        assert session.get("DIALSTATUS") == status


async def test_one_rejection_may_hang_up_the_caller(tmp_path: Path) -> None:
    options = "{fail_on_single_reject=USER_BUSY,hangup_on_single_reject=true}"
    async with bench(tmp_path, extension("100", f"bridge {options}test/busy|test/bob")) as b:
        b.script("busy", "hangup:USER_BUSY@1")
        b.script("bob", "answer@1")
        session = await b.ended(b.call("100", variables={"continue_on_fail": "true"}), within=3)
        assert session.channel.hangup_cause is HangupCause.USER_BUSY
        assert "bob" not in b.legs.legs


async def test_a_user_who_appears_while_another_rings_is_rung(tmp_path: Path) -> None:
    directory = """<domain name="example.test"><users><user id="1"><params>
      <param name="dial-string" value="test/${who}"/></params></user></users></domain>"""
    async with bench(tmp_path, directory=directory) as b:
        b.switch.globals["who"] = "nobody"
        b.script("busy", "hangup:USER_BUSY@2")
        b.script("bob", "answer@1")
        b.switch.loop.call_later(1, b.switch.globals.update, {"who": "bob"})
        winner = await originate(b.switch, "test/busy|user/1")
        assert winner is b.legs.legs["bob"].session
        winner.hangup()


async def test_a_winner_lost_in_its_own_hook_costs_the_caller_nothing(tmp_path: Path) -> None:
    hook = "execute_on_post_originate='playback silence_stream://-1'"
    async with bench(tmp_path, extension("100", f"bridge {{{hook}}}test/bob", "set went=on")) as b:
        b.script("bob", "answer@1 hangup@3")
        session = await b.ended(b.call("100"), within=5)
        assert session.get("went") == "on"
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_a_winner_is_given_up_with_a_caller_that_leaves_before_the_talk(
    tmp_path: Path,
) -> None:
    async with bench(
        tmp_path,
        extension("100", "set execute_on_post_originate=sleep 60000", "bridge test/bob"),
    ) as b:
        b.script("bob", "answer@1")
        await b.ended(b.call("100", script="hangup@3"), within=4)
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL


@pytest.mark.parametrize(("wish", "legs"), [("", 2), ("true", 2), ("false", 1)])
async def test_the_legs_of_earlier_attempts_are_forgotten_where_that_is_wished(
    tmp_path: Path, wish: str, legs: int
) -> None:
    route = extension("1", "set continue_on_fail=true", "bridge test/one", "bridge test/two")
    async with bench(tmp_path, route) as b:
        for name in ("one", "two"):
            b.script(name, "hangup:USER_BUSY@1")
        session = b.call("1", variables={"preserve_originated_vars": wish} if wish else {})
        await b.ended(session, within=30)
        assert len(arrays.elements(session.get("originated_legs")) or ("",)) == legs
