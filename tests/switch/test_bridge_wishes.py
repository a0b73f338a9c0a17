"""What variables ask of a bridge: applications, commands, keys, limits and what comes after."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import HangupCause
from softswitch.switch.originate import originate
from softswitch.switch.states import ChannelState
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs


@pytest.mark.parametrize("presser", ["caller", "bob"])
@pytest.mark.parametrize("actions", [[], ["set hangup_after_bridge=true"]])
async def test_a_key_of_either_leg_ends_the_bridge(
    tmp_path: Path, presser: str, actions: list[str]
) -> None:
    asking = "set " if presser == "caller" else "export nolocal:"
    async with bench(
        tmp_path,
        extension("100", *actions, f"{asking}bridge_terminate_key=9", "bridge test/bob", "park"),
    ) as b:
        b.script("bob", f"answer@1 {'digit:59@3' if presser == 'bob' else ''}")
        session = b.call("100", script="digit:59@3" if presser == "caller" else "")
        await b.after(2)
        bob = b.legs.legs["bob"]
        await b.after(2)
        assert bob.cause is HangupCause.NORMAL_CLEARING
        if actions:
            assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        else:
            assert session.get("current_application") == "park"
            session.hangup()


async def test_a_caller_may_give_up_unanswered_early_media(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set bridge_answer_timeout=5", "bridge test/bob", "park")
    ) as b:
        b.script("bob", "early@1")
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.ALLOTTED_TIMEOUT
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL


async def test_after_an_answer_timeout_the_dialplan_may_go_on(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "set bridge_answer_timeout=5",
            "set continue_on_answer_timeout=true",
            "set continue_on_fail=false",
            "bridge test/bob",
            "set went=on",
        ),
    ) as b:
        b.script("bob", "early@1")
        session = await b.ended(b.call("100"))
        assert session.get("went") == "on"
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL


async def test_an_answer_in_time_ends_the_answer_timeout(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "set bridge_answer_timeout=5", "bridge test/bob")
    ) as b:
        b.script("bob", "early@1 answer@4 hangup@20")
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_each_leg_may_run_an_application_first(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "set bridge_pre_execute_aleg_app=set",
            "set bridge_pre_execute_aleg_data=a_was_here=yes",
            "set bridge_pre_execute_bleg_app=playback",
            "set bridge_pre_execute_bleg_data=silence_stream://700",
            "bridge test/bob",
        ),
    ) as b:
        b.script("bob", "answer@1 hangup@5")
        session = b.call("100")
        await b.after(3)
        bob = b.legs.legs["bob"].session
        assert session.get("a_was_here") == "yes"
        assert [entry[:2] for entry in bob.application_log] == [
            ("playback", "silence_stream://700")
        ]
        assert far_end(bob.media).connected_to is far_end(session.media)
        await b.ended(session)


async def test_a_leg_may_be_told_itself_what_it_runs_first(tmp_path: Path) -> None:
    first = "bridge_pre_execute_app=set,bridge_pre_execute_data=seen=yes"
    async with bench(tmp_path, extension("100", f"bridge {{{first}}}test/bob")) as b:
        b.script("bob", "answer@1 hangup@5")
        session = b.call("100", variables={"bridge_pre_execute_bleg_data": "seen=also"})
        await b.after(3)
        assert b.legs.legs["bob"].session.get("seen") == "also"
        assert session.get("seen") is None
        await b.ended(session)


async def test_commands_run_before_and_after_a_bridge(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension(
            "100",
            "set api_before_bridge=uuid_setvar ${uuid} before yes",
            "set api_after_bridge=uuid_setvar::${uuid} after yes",
            "bridge test/bob",
        ),
    ) as b:
        b.script("bob", "answer@1 hangup@5")
        session = b.call("100")
        await b.after(3)
        assert (session.get("before"), session.get("after")) == ("yes", None)
        await b.ended(session)
        assert session.get("after") == "yes"


@pytest.mark.parametrize(
    ("variable", "value", "lives"),
    [
        ("x", "1", False),
        ("execute_on_orphaned_bleg", "set seen=yes", False),
        ("api_on_orphaned_bleg", "uuid_setvar ${uuid} seen yes", False),
        ("execute_on_orphaned_bleg", "transfer 200", True),
    ],
)
async def test_an_orphaned_called_leg_may_do_something_yet(
    tmp_path: Path, variable: str, value: str, lives: bool
) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob"), extension("200", "park")) as b:
        b.script("bob", "early@1")
        session = b.call("100", script="hangup@3")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        bob.set(variable, value)
        await b.ended(session)
        await b.after(1)
        assert bob.channel.up is lives
        if lives:
            assert bob.get("current_application") == "park"
            bob.hangup()
        else:
            assert bob.channel.hangup_cause is HangupCause.ORIGINATOR_CANCEL
            assert (bob.get("seen") == "yes") is (variable != "x")


@pytest.mark.parametrize("holder", ["caller", "bob"])
async def test_who_leaves_a_held_party_may_send_it_elsewhere(tmp_path: Path, holder: str) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob"), extension("200", "park")) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        leaver, held = (session, bob) if holder == "caller" else (bob, session)
        leaver.set("hold_hangup_xfer_exten", "200:XML:default")
        leaver.on_hold(True)
        await b.after(1)
        leaver.on_hangup(HangupCause.NORMAL_CLEARING)
        await b.after(1)
        assert held.get("current_application") == "park"
        assert held.get("transfer_after_bridge") is None
        held.hangup()


@pytest.mark.parametrize("holder", ["caller", "bob"])
async def test_who_leaves_a_held_party_ends_its_call(tmp_path: Path, holder: str) -> None:
    plan = extension("100", "bridge test/bob", "park")
    async with bench(tmp_path, plan) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        leaver, held = (session, bob) if holder == "caller" else (bob, session)
        held.set("park_after_bridge", "true")
        leaver.on_hold(True)
        await b.after(1)
        leaver.on_hangup(HangupCause.NORMAL_CLEARING)
        await b.ended(held, within=1)
        assert held.channel.hangup_cause is HangupCause.NORMAL_CLEARING


async def test_a_held_party_is_not_sent_after_it_was_taken_back(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob"), extension("200", "park")) as b:
        b.script("bob", "answer@1")
        session = b.call("100", variables={"hold_hangup_xfer_exten": "200"})
        await b.after(2)
        bob = b.legs.legs["bob"].session
        session.on_hold(True)
        session.on_hold(False)
        session.on_hangup(HangupCause.NORMAL_CLEARING)
        await b.ended(bob)


@pytest.mark.parametrize(
    ("variable", "state"),
    [
        ("uuid_bridge_continue_on_cancel", ChannelState.CS_EXECUTE),
        ("uuid_bridge_park_on_cancel", ChannelState.CS_PARK),
        ("x", ChannelState.CS_DESTROY),
    ],
)
async def test_a_cancelled_uuid_bridge_leaves_what_is_asked_for(
    tmp_path: Path, variable: str, state: ChannelState
) -> None:
    async with bench(tmp_path, extension("100", "park", "sleep 60000")) as b:
        b.script("bob", "early@0 hangup:USER_BUSY@4")
        session = b.call("100", variables={variable: "true"})
        await b.after(1)
        peer = await originate(b.switch, "test/bob")
        await uuid_bridge(session, peer)
        await b.after(1)
        assert session.peer is peer
        await b.after(4)
        assert session.channel.state is state
        session.hangup()


@pytest.mark.parametrize(
    ("variable", "script", "parked"),
    [
        ("park_after_early_bridge", "early@1 hangup:NO_ANSWER@3", True),
        ("park_after_bridge", "early@1 hangup:NO_ANSWER@3", False),
        ("park_after_bridge", "answer@1 hangup@3", True),
    ],
)
async def test_parking_after_a_bridge(
    tmp_path: Path, variable: str, script: str, parked: bool
) -> None:
    async with bench(tmp_path, extension("100", f"set {variable}=true", "bridge test/bob")) as b:
        b.script("bob", script)
        session = b.call("100")
        await b.after(5)
        assert (session.channel.state is ChannelState.CS_PARK) is parked
        session.hangup()


@pytest.mark.parametrize(
    ("variable", "script", "moved"),
    [
        ("transfer_after_early_bridge", "early@1 hangup:NO_ANSWER@3", True),
        ("transfer_after_bridge", "early@1 hangup:NO_ANSWER@3", False),
        ("transfer_after_bridge", "answer@1 hangup@3", True),
    ],
)
async def test_being_transferred_after_a_bridge(
    tmp_path: Path, variable: str, script: str, moved: bool
) -> None:
    async with bench(
        tmp_path,
        extension("100", f"set {variable}=200:XML:default", "bridge test/bob"),
        extension("200", "park"),
    ) as b:
        b.script("bob", script)
        session = b.call("100")
        await b.after(5)
        assert (session.channel.profile.destination_number == "200") is moved
        session.hangup()


async def test_bridge_export_vars_are_copied_both_ways(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge_export x=1", "bridge {bridge_export_vars=y,y=2}test/bob", "park"),
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        assert (session.get("y"), bob.get("x")) == ("2", "1")
        assert verbs(session) == ["answer"]
        session.hangup()
