"""REFER outside calls: who may, what is told, and what it cannot be about."""

from __future__ import annotations

from pathlib import Path

import pytest

import softswitch.endpoints.sip.contact_commands  # noqa: F401 - dial strings ask for contacts
from softswitch.endpoints.sip.outside_referral import LIFE
from softswitch.sip.message import Request
from tests.support.sip_bench import ALICE, BOB, SipBench, credentials, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

KNOWN = {"apply-inbound-acl": "here"}
CAROL = ("192.0.2.30", 5066)
BRIDGE = extension("8000", f"bridge sofia/internal/8000@{CAROL[0]}:{CAROL[1]}")
TALK = extension("1001", f"bridge sofia/internal/1001@{BOB[0]}:{BOB[1]}")
PARKED = extension("7000", "answer", "park")


async def refer(running: SipBench, number: str = "1001", to: str = "8000", **more: str) -> Request:
    """Alice's REFER."""
    more.setdefault("Refer_To", f"<sip:{to}@example.test>")
    request = running.alice.ask("REFER", number, **more)  # type: ignore[arg-type]
    await running.settle()
    return request


async def told(running: SipBench) -> tuple[str, str]:
    """What Alice's next NOTIFY says, and how long she will hear more."""
    notify = running.alice.request("NOTIFY")
    assert notify.headers.get("Event") == "refer"
    assert notify.content_type == "message/sipfrag"
    running.alice.answer(notify, 200)
    await running.settle()
    state = notify.headers.get("Subscription-State") or ""
    return notify.body.decode().strip(), state


async def test_a_password_is_wanted_even_where_calls_need_none(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        await running.register(running.bob, "other")
        first = await refer(running)
        challenge = running.alice.response(407)
        value = credentials(challenge, first, "1000", "secret")
        await refer(running, **{"Proxy-Authorization": value})
        accepted = running.alice.response(202)
        assert accepted.headers.get("Expires") == str(LIFE)
        assert "sip:" in (accepted.headers.get("Contact") or "")
        invite = running.bob.request("INVITE")
        running.bob.answer(invite, 486)
        await running.settle()
        assert [await told(running) for _ in range(2)] == [
            ("SIP/2.0 100 Trying", f"active;expires={LIFE}"),
            ("SIP/2.0 486 Busy Here", "terminated;reason=noresource"),
        ]
    async with sip_bench(tmp_path, BRIDGE) as running:
        await running.register(running.bob, "other")
        value = credentials(challenge, first, "1000", "wrong")
        await refer(running, **{"Proxy-Authorization": value})
        assert not [each for each in running.bob.received if isinstance(each, Request)]


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({"disable-transfer": "true"}, {}, 403),
        ({}, {"Max-Forwards": "0"}, 483),
        ({}, {"Refer_To": "<sip:"}, 400),
        ({}, {"Refer_To": "<sip:a@b>, <sip:c@d>"}, 400),
        ({}, {"Refer_To": "<sip:x@y?Replaces=only-a-call-id>"}, 400),
        ({}, {"Refer_To": "<sip:8000@example.test;method=BYE>"}, 501),
        ({}, {"Target-Dialog": "unknown;local-tag=a;remote-tag=b"}, 481),
        ({}, {"Target-Dialog": "nonsense"}, 400),
    ],
)
async def test_what_cannot_be_done_is_refused(
    tmp_path: Path, settings: dict[str, str], headers: dict[str, str], status: int
) -> None:
    async with sip_bench(tmp_path, profile={**KNOWN, **settings}) as running:
        await refer(running, **headers)
        running.alice.response(status)
        assert not running.profile.stack.subscriptions


async def test_who_wants_to_hear_nothing_is_told_nothing(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARKED, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        await refer(running, to="7000", **{"Refer-Sub": "false"})
        assert running.alice.response(202).headers.get("Refer-Sub") == "false"
        running.bob.answer(running.bob.request("INVITE"), 200, sdp(5000, host=BOB[0]))
        await running.settle()
        assert running.session.get("current_application") == "park"
        assert not [each for each in running.alice.received if isinstance(each, Request)]
        assert not running.profile.stack.subscriptions


async def test_a_referrer_asks_again_and_leaves(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        await refer(running)
        response = running.alice.response(202)
        assert (await told(running))[0] == "SIP/2.0 100 Trying"
        for expires, state in (("60", "active;expires=60"), ("0", "terminated;reason=timeout")):
            running.alice.ask("SUBSCRIBE", within=response, Event="refer", Expires=expires)
            await running.settle()
            running.alice.response(200)
            assert await told(running) == ("SIP/2.0 100 Trying", state)
        # The call goes on, and nobody is told.
        running.bob.answer(running.bob.request("INVITE"), 486)
        await running.settle()
        assert not running.alice.received


async def test_a_call_that_lasts_is_told_of_no_longer(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARKED, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        await refer(running, to="7000")
        running.bob.answer(running.bob.request("INVITE"), 200, sdp(5000, host=BOB[0]))
        assert (await told(running))[1] == f"active;expires={LIFE}"
        await running.settle(LIFE)
        assert (await told(running))[1] == "terminated;reason=timeout"
        assert running.session.channel.up


async def test_who_does_not_know_the_dialog_is_told_nothing_more(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, profile=KNOWN) as running:
        await running.register(running.bob, "other")
        await refer(running)
        running.alice.answer(running.alice.request("NOTIFY"), 481)
        await running.settle()
        assert not running.profile.stack.subscriptions
        running.bob.answer(running.bob.request("INVITE"), 486)
        await running.settle()
        assert [each for each in running.alice.received if isinstance(each, Request)] == []


async def test_programs_are_told_in_freeswitchs_words(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=KNOWN) as running:
        more = {"Referred-By": "<sip:1002@example.test>"}
        await refer(running, "3000", "8000", **more)
        (event,) = running.events("CALL_SETUP_REQ")
        wanted = {
            "Requesting-Component": "mod_sofia",
            "Target-Component": "3000",
            "Target-Domain": "example.test",
            "Request-Action": "call",
            "Request-Target": "sofia/internal/sip:8000@example.test",
            "Request-Target-URI": "sip:8000@example.test",
            "Request-Target-Extension": "8000",
            "Request-Sender": "sofia/internal/sip:1002@example.test",
            "var_origination_caller_id_number": "1002",
        }
        assert {name: event.get(name) for name in wanted} == wanted


async def test_a_dialog_may_be_named_from_outside(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, TALK, PARKED, profile=KNOWN) as running:
        _, alice = await running.invite("1001")
        running.bob.answer(running.bob.request("INVITE"), 200, sdp(5000, host=BOB[0]))
        await running.settle()
        response = running.alice.response(200)
        running.alice.ack(response)
        await running.settle()
        bob = alice.peer
        assert bob is not None
        named = f"{response.call_id};local-tag={response.to.tag};remote-tag={response.from_.tag}"
        await refer(running, to="7000", **{"Target-Dialog": named})
        running.alice.response(202)
        await told(running)
        assert bob.channel.profile.destination_number == "7000"
        assert running.alice.request("BYE").call_id == response.call_id
        assert running.alice.address == ALICE
