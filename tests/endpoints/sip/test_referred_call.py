"""Calls that somebody outside asks for by REFER: click to dial, invite, take over."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.sip.message import Request
from softswitch.switch.causes import HangupCause
from tests.endpoints.sip.test_outside_referral import BRIDGE, CAROL, KNOWN, PARKED, refer, told
from tests.support.sip_bench import BOB, SipBench, credentials, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TALK = extension("9001", f"bridge sofia/internal/9001@{CAROL[0]}:{CAROL[1]}")


async def bob_answers(running: SipBench) -> Request:
    """Bob rings and takes the call; his INVITE."""
    invite = running.bob.request("INVITE")
    running.bob.answer(invite, 180)
    running.bob.answer(invite, 200, sdp(5000, host=BOB[0]))
    await running.settle()
    running.bob.request("ACK")
    return invite


async def test_a_user_is_rung_and_connected(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=KNOWN) as running:
        carol = running.party("8000", CAROL)
        await running.register(running.bob, "other")
        await refer(running, Referred_By="<sip:1000@example.test>")
        assert (await told(running))[0] == "SIP/2.0 100 Trying"
        invite = await bob_answers(running)
        assert invite.headers.get("Referred-By") == "<sip:1000@example.test>"
        assert invite.from_.uri.user == "1000"
        onward = carol.request("INVITE")
        carol.answer(onward, 183, sdp(6000, host=CAROL[0]))
        await running.settle()
        assert (await told(running))[0] == "SIP/2.0 183 Session Progress"
        carol.answer(onward, 200, sdp(6000, host=CAROL[0]))
        await running.settle()
        assert await told(running) == ("SIP/2.0 200 OK", "terminated;reason=noresource")
        bob = next(each for each in running.switch.sessions.values() if each.peer is not None)
        assert bob.get("sip_refer_to") == "<sip:8000@example.test>"
        assert len(running.switch.sessions) == 2


@pytest.mark.parametrize(
    ("status", "line"), [(486, "SIP/2.0 486 Busy Here"), (404, "SIP/2.0 404 Not Found")]
)
async def test_what_the_far_end_says_is_told(tmp_path: Path, status: int, line: str) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=KNOWN) as running:
        carol = running.party("8000", CAROL)
        await running.register(running.bob, "other")
        await refer(running)
        await bob_answers(running)
        carol.answer(carol.request("INVITE"), status)
        await running.settle()
        await told(running)
        assert await told(running) == (line, "terminated;reason=noresource")
        running.bob.answer(running.bob.request("BYE"), 200)


@pytest.mark.parametrize(
    ("number", "target", "line"),
    [
        ("2000", "8000", "SIP/2.0 404 Not Found"),
        ("%22;evil", "1%7C2", "SIP/2.0 404 Not Found"),
        ("1001", "8000", "SIP/2.0 480 Temporarily Unavailable"),
        ("1001", "gone", "SIP/2.0 480 Temporarily Unavailable"),
    ],
)
async def test_who_is_not_there_is_told(
    tmp_path: Path, number: str, target: str, line: str
) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=KNOWN) as running:
        await refer(running, number, target)
        await told(running)
        assert (await told(running))[0] == line
        assert not running.switch.sessions


async def test_a_referrer_calls_its_own_phone_by_naming_nobody(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARKED, profile=KNOWN) as running:
        await running.register(running.alice)
        running.alice.received.clear()
        await refer(running, "", "7000")
        assert running.alice.request("INVITE").from_.uri.host == "192.0.2.1"


async def test_a_conference_is_told_whom_to_invite(tmp_path: Path) -> None:
    room = extension("7000", "answer", "park")
    async with sip_bench(tmp_path, room, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        await refer(running, "7000", "1001")
        await bob_answers(running)
        assert running.session.channel.profile.destination_number == "7000"
        assert running.session.get("current_application") == "park"


async def test_the_referrers_rights_decide_what_is_reached(tmp_path: Path) -> None:
    async with sip_bench(
        tmp_path, PARKED, profile={"context": "public"}, contexts='<context name="public"/>'
    ) as running:
        await running.register(running.bob, "other")
        first = await refer(running, to="7000")
        value = credentials(running.alice.response(407), first, "1000", "secret")
        await refer(running, to="7000", **{"Proxy-Authorization": value})
        await bob_answers(running)
        # What 1000 may call, in the context of 1000.
        assert running.session.get("toll_allow") == "local"
        assert running.session.channel.profile.context == "default"
        assert running.session.get("current_application") == "park"


async def test_a_number_to_be_connected_with_is_never_expanded(tmp_path: Path) -> None:
    heard = extension("(.*)", "set heard=$1", "park")
    async with sip_bench(tmp_path, heard, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        await refer(running, to="%24%7Bhostname%7D")
        await bob_answers(running)
        assert running.session.get("heard") == "%{hostname}"


@pytest.mark.parametrize("denied", [False, True])
async def test_a_call_is_taken_over(tmp_path: Path, denied: bool) -> None:
    async with sip_bench(tmp_path, TALK, profile=KNOWN) as running:
        carol = running.party("9001", CAROL)
        await running.register(running.bob, "other")
        _, alice = await running.invite("9001")
        carol.answer(carol.request("INVITE"), 200, sdp(6000, host=CAROL[0]))
        await running.settle()
        response = running.alice.response(200)
        running.alice.ack(response)
        await running.settle()
        talked = alice.peer
        assert talked is not None
        if denied:
            alice.set("deny_refer_requests", "true")
        tags = f";to-tag={response.to.tag};from-tag={response.from_.tag}"
        named = quote(response.call_id + tags, safe="")
        await refer(running, Refer_To=f"<sip:9001@example.test?Replaces={named}>")
        await told(running)
        if denied:
            assert (await told(running))[0] == "SIP/2.0 403 Forbidden"
            assert alice.peer is talked
            return
        await bob_answers(running)
        assert (await told(running))[0] == "SIP/2.0 200 OK"
        assert alice.channel.hangup_cause is HangupCause.ATTENDED_TRANSFER
        assert talked.peer is not None and talked.peer.channel.outbound


async def test_a_call_that_is_not_there_is_not_taken_over(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        named = quote("x;to-tag=a;from-tag=b", safe="")
        await refer(running, Refer_To=f"<sip:9001@example.test?Replaces={named}>")
        await told(running)
        assert (await told(running))[0] == "SIP/2.0 481 Call/Transaction Does Not Exist"
        assert not running.switch.sessions


@pytest.mark.parametrize(
    ("target", "line"),
    [("7000", "SIP/2.0 200 OK"), ("8000", "SIP/2.0 487 Request Terminated")],
)
async def test_a_call_that_needs_nobody_else_succeeds(
    tmp_path: Path, target: str, line: str
) -> None:
    async with sip_bench(tmp_path, BRIDGE, PARKED, profile=KNOWN) as running:
        running.party("8000", CAROL)
        await running.register(running.bob, "other")
        await refer(running, to=target)
        await told(running)
        invite = await bob_answers(running)
        # Bob has heard enough of the number, or does not wait until Carol answers.
        running.bob.ask("BYE", within=invite)
        await running.settle()
        assert await told(running) == (line, "terminated;reason=noresource")
