"""Bridges: early media, answers, failures and what becomes of each side."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.bridge import uuid_bridge
from softswitch.switch.causes import HangupCause
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
        assert session.media.native.connected_to is bob.media.native
        await b.after(4)
        assert session.media.native.connected_to is None


async def test_early_media_of_the_called_leg_opens_the_callers(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "early@1 answer@5 hangup@9")
        session = b.call("100")
        await b.after(2)
        assert verbs(session) == ["pre_answer"]
        assert session.media.native.connected_to is not None
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
        assert one.media.native.connected_to is two.media.native
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
