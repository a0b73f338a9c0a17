"""Bridges: early media, answers, failures and what becomes of each side."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import CallFailed, HangupCause
from tests.modules.event_socket.transcript import frames, turns
from tests.support.engine import far_end
from tests.support.switch import bench, extension, verbs


async def test_the_answer_of_the_called_leg_answers_the_caller(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "ring@1 answer@3 hangup@10")
        session = b.call("100")
        await b.after(2)
        assert verbs(session) == ["ring"]
        await b.after(2)
        assert verbs(session) == ["ring", "answer"]
        assert session.peer is b.legs.legs["bob"].session
        await b.ended(session)
        assert session.get("originate_disposition") == "SUCCESS"
        assert session.get("bridge_hangup_cause") == "NORMAL_CLEARING"


async def test_the_bridge_fires_its_events_in_order(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "ring@1 answer@2 hangup@5")
        session = await b.ended(b.call("100"))
        wanted = [
            "CHANNEL_CREATE",
            "CHANNEL_EXECUTE",
            "CHANNEL_PROGRESS",
            "CHANNEL_ANSWER",
            "CHANNEL_BRIDGE",
            "CHANNEL_UNBRIDGE",
            "CHANNEL_EXECUTE_COMPLETE",
            "CHANNEL_HANGUP",
            "CHANNEL_HANGUP_COMPLETE",
            "CHANNEL_DESTROY",
        ]
        names = [name for name in b.names(session) if name in wanted]
        assert names == wanted


async def test_the_media_of_both_legs_is_connected_and_parted(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob", "park")) as b:
        b.script("bob", "answer@1 hangup@5")
        session = b.call("100", script="hangup@9")
        await b.after(2)
        bob = b.legs.legs["bob"]
        assert far_end(session.media).connected_to is far_end(bob.session.media)
        await b.after(4)
        assert far_end(session.media).connected_to is None


async def test_early_media_of_the_called_leg_opens_the_callers(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "early@1 answer@5 hangup@9")
        session = b.call("100")
        await b.after(2)
        assert verbs(session) == ["pre_answer"]
        assert far_end(session.media).connected_to is not None
        await b.after(4)
        assert verbs(session) == ["pre_answer", "answer"]
        await b.ended(session)


async def test_a_caller_who_hangs_up_while_it_rings_cancels_the_call(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "ring@1")
        session = await b.ended(b.call("100", script="hangup@3"))
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL
        assert session.get("originate_disposition") == "ORIGINATOR_CANCEL"


async def test_a_caller_who_hangs_up_ends_the_called_leg(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@1")
        await b.ended(b.call("100", script="hangup@3"))
        assert b.legs.legs["bob"].cause is HangupCause.NORMAL_CLEARING


@pytest.mark.parametrize(
    ("variables", "bob", "goes_on"),
    [
        ({}, "hangup:USER_BUSY@1", False),
        ({}, "ring@1", True),
        ({}, "hangup:NO_USER_RESPONSE@1", True),
        ({"continue_on_fail": "true"}, "hangup:USER_BUSY@1", True),
        ({"continue_on_fail": "USER_BUSY,NO_ANSWER"}, "hangup:USER_BUSY@1", True),
        ({"continue_on_fail": "17"}, "hangup:USER_BUSY@1", True),
        ({"continue_on_fail": "NO_ANSWER"}, "hangup:USER_BUSY@1", False),
        ({"continue_on_fail": "false"}, "ring@1", False),
        ({"failure_causes": "CALL_REJECTED"}, "hangup:USER_BUSY@1", True),
        ({"failure_causes": "USER_BUSY"}, "hangup:USER_BUSY@1", False),
    ],
)
async def test_a_failed_bridge_goes_on_or_hangs_up(
    tmp_path: Path, variables: dict[str, str], bob: str, goes_on: bool
) -> None:
    async with bench(
        tmp_path, extension("100", "set call_timeout=20", "bridge test/bob", "set went=on")
    ) as b:
        b.script("bob", bob)
        session = await b.ended(b.call("100", variables=variables))
        assert (session.get("went") == "on") is goes_on
        if not goes_on:
            assert session.channel.hangup_cause is b.legs.legs["bob"].cause


async def test_transfer_on_fail_sends_the_caller_elsewhere(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "set transfer_on_fail=USER_BUSY auto_cause", "bridge test/bob"),
        extension("USER_BUSY", "set seen=busy"),
    ) as b:
        b.script("bob", "hangup:USER_BUSY@1")
        session = await b.ended(b.call("100"))
        assert session.get("seen") == "busy"


@pytest.mark.parametrize(
    ("variables", "cause", "went"),
    [
        ({}, "NORMAL_CLEARING", "on"),
        ({"hangup_after_bridge": "true"}, "USER_BUSY", None),
        ({"hangup_after_bridge": "explicit"}, "USER_BUSY", None),
        ({"hangup_after_bridge": "false"}, "NORMAL_CLEARING", "on"),
        ({"transfer_after_bridge": "200"}, "NORMAL_CLEARING", "elsewhere"),
    ],
)
async def test_after_a_bridge_the_callers_variables_decide(
    tmp_path: Path, variables: dict[str, str], cause: str, went: str | None
) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge test/bob", "set went=on"),
        extension("200", "set went=elsewhere"),
    ) as b:
        b.script("bob", "answer@1 hangup:USER_BUSY@4")
        session = await b.ended(b.call("100", variables=variables))
        assert session.channel.hangup_cause.name == cause
        assert session.get("went") == went


@pytest.mark.parametrize(("wish", "went"), [("explicit", None), ("true", "on")])
async def test_a_failure_behind_early_media_ends_the_call_only_if_asked_explicitly(
    tmp_path: Path, wish: str, went: str | None
) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob", "set went=on")) as b:
        b.script("bob", "early@1 hangup:USER_BUSY@4")
        wishes = {"hangup_after_bridge": wish, "continue_on_fail": "true"}
        session = await b.ended(b.call("100", variables=wishes))
        assert session.get("went") == went


async def test_park_after_bridge_parks_the_caller(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@4")
        session = b.call("100", variables={"park_after_bridge": "true"}, script="hangup@60")
        await b.after(30)
        assert session.channel.up
        assert session.channel.state.name == "CS_PARK"
        await b.ended(session)


async def test_the_called_leg_may_be_transferred_when_the_caller_leaves(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "bridge {transfer_after_bridge=300}test/bob"),
        extension("300", "set landed=yes", "sleep 1000"),
    ) as b:
        b.script("bob", "answer@1")
        await b.ended(b.call("100", script="hangup@3"))
        bob = b.legs.legs["bob"].session
        await b.ended(bob)
        assert bob.get("landed") == "yes"


async def test_uuid_bridge_joins_two_parked_calls(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "park")) as b:
        one, two = b.call("100"), b.call("100")
        await b.after(1)
        await uuid_bridge(one, two)
        await b.after(1)
        assert one.peer is two
        assert far_end(one.media).connected_to is far_end(two.media)
        two.hangup()
        await b.ended(one)


async def test_transfer_during_a_bridge_ends_it_and_routes_again(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge test/bob"), extension("200", "set landed=yes")
    ) as b:
        b.script("bob", "answer@1")
        session = b.call("100")
        await b.after(3)
        session.transfer("200")
        await b.ended(session)
        assert session.get("landed") == "yes"
        assert session.channel.profile.rdnis == "100"
        assert not b.legs.legs["bob"].session.channel.up


@pytest.mark.parametrize("how", ["hangup", "transfer", "fails"])
async def test_a_caller_lost_between_answer_and_talk_leaves_no_called_leg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with bench(
        tmp_path, extension("100", "bridge test/bob"), extension("200", "sleep 1000")
    ) as b:
        b.script("bob", "answer@1")
        hook = {"hangup": "sched_hangup +1", "transfer": "sched_transfer +1 200"}.get(
            how, "set a=b"
        )
        variables = {"execute_on_answer": hook, "execute_on_answer_2": "sleep 60000"}
        session = b.call("100", variables=variables)
        if how == "fails":

            def fail() -> None:
                raise CallFailed(HangupCause.INCOMPATIBLE_DESTINATION)

            monkeypatch.setattr(session.leg, "answer", fail)
        await b.ended(session, within=5)
        await b.after(0.1)
        assert b.legs.legs["bob"].cause is HangupCause.NORMAL_CLEARING
        if how == "fails":
            assert session.channel.hangup_cause is HangupCause.INCOMPATIBLE_DESTINATION


async def test_a_leg_that_is_taken_away_is_not_hung_up_by_the_bridge_it_left(
    tmp_path: Path,
) -> None:
    async with bench(
        tmp_path,
        extension("100", "answer", "bridge test/bob", "set went=on", "sleep 5000"),
        extension("200", "answer", "park"),
    ) as b:
        b.script("bob", "answer@1")
        first, second = b.call("100"), b.call("200")
        await b.after(3)
        bob = b.legs.legs["bob"].session
        await uuid_bridge(second, bob)
        await b.after(1)
        assert (second.peer, bob.peer, first.peer) == (bob, second, None)
        assert bob.get("bridge_to") == second.uuid
        assert first.get("went") == "on"
        assert far_end(second.media).connected_to is far_end(bob.media)
        bob.hangup()
        await b.ended(second)
        await b.ended(first)


async def test_a_leg_that_is_taken_away_before_its_answer_is_the_takers(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge test/bob"), extension("200", "answer", "park")
    ) as b:
        b.script("bob", "early@1 answer@5")
        first, second = b.call("100"), b.call("200")
        await b.after(3)
        bob = b.legs.legs["bob"].session
        await uuid_bridge(second, bob)
        await b.after(4)
        assert bob.peer is second
        assert far_end(second.media).connected_to is far_end(bob.media)
        assert not first.channel.up
        bob.hangup()
        await b.ended(second)


async def test_both_legs_of_two_bridges_may_be_joined(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/${name}")) as b:
        for name in ("bob", "carol"):
            b.script(name, "answer@1")
        one, two = (b.call("100", variables={"name": name}) for name in ("bob", "carol"))
        await b.after(3)
        bob, carol = (b.legs.legs[name].session for name in ("bob", "carol"))
        await uuid_bridge(bob, carol)
        await b.after(1)
        assert bob.peer is carol and carol.peer is bob
        assert not one.channel.up and not two.channel.up
        carol.hangup()
        await b.ended(bob)


@pytest.mark.parametrize("lost", ["first", "second", "transfer"])
async def test_a_join_that_loses_one_call_loses_the_other_too(tmp_path: Path, lost: str) -> None:
    async with bench(
        tmp_path, extension("100", "answer", "park"), extension("200", "sleep 1000")
    ) as b:
        one, two = b.call("100"), b.call("100")
        await b.after(1)
        await uuid_bridge(one, two)
        if lost == "transfer":
            one.transfer("200")
        else:
            (one if lost == "first" else two).hangup()
        await b.ended(one, within=3)
        await b.ended(two, within=3)


async def test_calls_that_are_gone_cannot_be_joined(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "park")) as b:
        one, two = b.call("100"), b.call("100")
        await b.after(1)
        two.hangup()
        for other in (one, two):
            with pytest.raises(CallFailed):
                await uuid_bridge(one, other)
        one.hangup()


@pytest.mark.parametrize(
    ("variables", "bob", "state", "cause"),
    [
        ({"park_after_early_bridge": "true"}, "early@1 hangup:NO_ANSWER@2", "CS_PARK", None),
        ({"park_after_bridge": "true"}, "early@1 hangup:NO_ANSWER@2", "", "NORMAL_CLEARING"),
        ({"park_after_early_bridge": "true"}, "answer@1 hangup@2", "CS_PARK", None),
        ({"transfer_after_early_bridge": "200"}, "early@1 hangup:NO_ANSWER@2", "CS_EXECUTE", None),
        ({"transfer_after_bridge": "200:XML:default"}, "answer@1 hangup@2", "CS_EXECUTE", None),
        (
            {"exec_after_bridge_app": "park", "hangup_after_bridge": "true"},
            "answer@1 hangup@2",
            "CS_EXECUTE",
            None,
        ),
        ({"exec_after_bridge_app": "park"}, "early@1 hangup:NO_ANSWER@2", "CS_EXECUTE", None),
        ({"exec_after_bridge_app": "park"}, "early@1 hangup:USER_BUSY@2", "", "USER_BUSY"),
        ({"hangup_after_bridge": "true"}, "early@1 hangup:USER_BUSY@2", "", "USER_BUSY"),
        ({}, "early@1 hangup:USER_BUSY@2", "", "USER_BUSY"),
    ],
)
async def test_what_becomes_of_the_caller_depends_on_whether_it_was_answered(
    tmp_path: Path, variables: dict[str, str], bob: str, state: str, cause: str | None
) -> None:
    async with bench(
        tmp_path, extension("100", "bridge test/bob"), extension("200", "sleep 60000")
    ) as b:
        b.script("bob", bob)
        session = b.call("100", variables=variables)
        await b.after(5)
        if cause is None:
            assert session.channel.state.name == state
        else:
            assert session.channel.hangup_cause.name == cause


async def test_a_parked_caller_is_told_of_and_limited_in_time(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        variables = {"park_after_bridge": "true", "park_timeout": "30:NO_PICKUP"}
        session = await b.ended(b.call("100", variables=variables), within=40)
        assert session.channel.hangup_cause is HangupCause.NO_PICKUP
        assert {"CHANNEL_PARK", "CHANNEL_UNPARK"} <= set(b.names(session))


async def test_exported_variables_cross_the_bridge_both_ways(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "bridge {bridge_export_vars=back,back=2}test/bob")
    ) as b:
        b.script("bob", "answer@1 hangup@3")
        session = b.call("100", variables={"bridge_export_vars": "there", "there": "1"})
        await b.after(2)
        bob = b.legs.legs["bob"].session
        assert (bob.get("there"), session.get("back")) == ("1", "2")
        await b.ended(session)


SEEN = """CHANNEL_CREATE CHANNEL_OUTGOING CHANNEL_ORIGINATE CHANNEL_STATE CHANNEL_CALLSTATE
    CHANNEL_PROGRESS CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HANGUP
    CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY CALL_UPDATE CHANNEL_EXECUTE
    CHANNEL_EXECUTE_COMPLETE""".split()

OF_ENDPOINTS = re.compile(
    r"variable_(sip|sofia|rtp|.*media|switch_.*sdp|.*codec|.*_rate|dtmf|recovery|presence|session_id"
    r"|ep_|outside_call|DP_MATCH|RFC2822|export_vars|advertised|proto_spec|hangup_after|transfer_"
    r"|originate_early|last_bridge_proto|max_forwards|endpoint_disposition|progress_media_stamp)"
    r"|Channel-(Presence-ID|Read|Write)|.*-(Username|Network-Addr|RDNIS|Transfer-Source)$"
)
"""Headers that come from SIP, from media or from the recorded dialplan, not from a bridge."""


async def test_the_events_of_a_bridged_call_are_those_recorded(tmp_path: Path) -> None:
    """Names, states and headers, in their order on each leg."""
    recorded = [
        dict(line.split(": ", 1) for line in body.decode().split("\n") if ": " in line)
        for headers, body in frames(
            b"".join(turn.answered for turn in turns("bridge_plain.transcript"))
        )
        if headers.get("Content-Type") == "text/event-plain"
    ]
    async with bench(
        tmp_path, extension("1", "transfer 7000"), extension("7000", "bridge test/bob")
    ) as b:
        b.script("bob", "ring@1 answer@2")
        await b.ended(b.call("1", script="hangup@5"))
        await b.after(1)
        ours = [event.headers for event in b.events]

    assert _in_turn(ours) == _in_turn(recorded)
    for direction in ("inbound", "outbound"):
        mine, theirs = _of(ours, direction), _of(recorded, direction)
        assert [key for key, _ in mine if key in FIXED] == [
            key for key, _ in theirs if key in FIXED
        ]
        for key, expected in theirs:
            if key == "CHANNEL_PROGRESS":
                continue
            [*_, found] = [headers for name, headers in mine if name == key]
            names = [name for name in expected if not OF_ENDPOINTS.match(name)]
            assert set(names) - set(found) == set(), key
            plain = [name for name in names if not name.startswith("variable_")]
            assert [name for name in found if name in plain] == plain, key


FIXED = (
    """CHANNEL_CREATE CHANNEL_OUTGOING CHANNEL_ORIGINATE CHANNEL_STATE CHANNEL_ANSWER
    CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY
    CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE"""
).split()
"""Events whose order on a leg does not depend on when the far end rang."""
SEEN = [*FIXED, "CHANNEL_CALLSTATE", "CHANNEL_PROGRESS", "CALL_UPDATE"]

OF_ENDPOINTS = re.compile(
    r"variable_(sip|sofia|rtp|.*media|switch_.*sdp|.*codec|.*_rate|dtmf|recovery|presence|session_id"
    r"|outside_call|DP_MATCH|RFC2822|export_vars|proto_spec|last_bridge_proto|hangup_after"
    r"|originate_early|endpoint_disposition|max_forwards|progress_media_stamp)"
    r"|Channel-(Presence-ID|Read|Write)|.*-(Username|Network-Addr)$"
)
"""Headers that come from SIP, from media or from the recorded dialplan, not from a bridge."""


TURNS = """CHANNEL_CREATE CHANNEL_OUTGOING CHANNEL_ORIGINATE CHANNEL_ANSWER CHANNEL_BRIDGE
    CHANNEL_UNBRIDGE CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE_COMPLETE""".split()
"""Events of both legs whose order programs rely on."""


def _in_turn(events: list[dict[str, str]]) -> list[tuple[str, str]]:
    """The leg and the name of each event of both legs in their order."""
    return [
        (headers["Call-Direction"], headers["Event-Name"])
        for headers in events
        if headers["Event-Name"] in TURNS
        and headers.get("Application", "bridge") in ("bridge", "transfer")
    ]


def _of(events: list[dict[str, str]], direction: str) -> list[tuple[str, dict[str, str]]]:
    """The events of one leg, without its very first state and applications that only prepare."""
    return [
        (headers["Event-Name"], headers)
        for headers in events
        if headers.get("Call-Direction") == direction
        and headers["Event-Name"] in SEEN
        and headers["Channel-State"] != "CS_NEW"
        and headers.get("Application", "bridge") in ("bridge", "transfer")
    ]


async def test_the_caller_knows_what_its_partner_described(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "bridge {switch_r_sdp=v=0}test/bob")) as b:
        b.script("bob", "answer@1 hangup@2")
        await b.ended(b.call("1"))
    ends = [event.headers for event in b.events if event.name == "CHANNEL_HANGUP_COMPLETE"]
    [caller] = [end for end in ends if end["Call-Direction"] == "inbound"]
    assert caller["variable_switch_m_sdp"] == "v=0"


@pytest.mark.parametrize("legs", ["aleg", "bleg", "both"])
async def test_a_partner_is_not_forgotten_when_one_of_them_bridges_another(
    tmp_path: Path, legs: str
) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@0")
        b.script("carol", "answer@0 hangup@2")
        session = b.call("100")
        await b.after(1)
        await b.switch.run_command(f"uuid_broadcast {session.uuid} bridge::test/carol {legs}")
        await b.after(1)
        assert b.legs.legs["carol"].session.peer is not None
        await b.after(2)
        session.hangup()
        await b.ended(session)
        await b.after(1)
        assert not b.switch.sessions


@pytest.mark.parametrize("first", ["caller", "carol"])
async def test_a_called_leg_that_bridges_another_comes_back_or_goes_with_its_caller(
    tmp_path: Path, first: str
) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "answer@0")
        b.script("carol", "answer@0")
        session = b.call("100")
        await b.after(1)
        bob = b.legs.legs["bob"].session
        await b.switch.run_command(f"uuid_broadcast {bob.uuid} bridge::test/carol aleg")
        await b.after(1)
        carol = b.legs.legs["carol"].session
        assert bob.peer is carol
        if first == "caller":
            session.hangup()
            await b.after(1)
            assert bob.peer is carol
            carol.hangup()
            await b.ended(bob, within=1)
            assert bob.channel.hangup_cause is HangupCause.NORMAL_CLEARING
        else:
            carol.hangup()
            await b.after(1)
            assert bob.peer is session
            assert far_end(bob.media).connected_to is far_end(session.media)
            assert bob.get("signal_bond") == session.uuid
            session.hangup()
            await b.ended(bob, within=1)


async def test_the_application_behind_a_bridge_runs_behind_each(tmp_path: Path) -> None:
    again = extension("200", "set turn=${turn}x", "bridge test/bob")
    async with bench(tmp_path, extension("100", "bridge test/bob"), again) as b:
        b.script("bob", "answer@0 hangup@1")
        session = b.call(
            "100",
            variables={"exec_after_bridge_app": "transfer", "exec_after_bridge_arg": "200"},
        )
        await b.after(4)
        assert len(session.get("turn") or "") >= 2
        session.hangup()
        await b.ended(session)


async def test_a_called_leg_that_goes_on_has_its_own_call_uuid_again(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge {park_after_bridge=true}test/bob")) as b:
        b.script("bob", "answer@1")
        session = b.call("100", script="hangup@3")
        await b.after(2)
        bob = b.legs.legs["bob"].session
        assert bob.get("call_uuid") == bob.channel.call_uuid == session.uuid
        await b.ended(session)
        assert bob.channel.state.name == "CS_PARK"
        assert bob.get("call_uuid") == bob.channel.call_uuid == bob.uuid
        bob.hangup()
        await b.ended(bob)


async def test_a_called_leg_that_was_not_answered_may_be_parked_too(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge {park_after_bridge=true}test/bob")) as b:
        b.script("bob", "early@1")
        session = b.call("100", script="hangup@3")
        await b.ended(session)
        bob = b.legs.legs["bob"].session
        assert bob.channel.state.name == "CS_PARK"
        bob.hangup()
        await b.ended(bob)
