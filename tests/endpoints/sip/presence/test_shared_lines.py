"""Shared lines: what phones are told of each other's calls, and how they take them over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.endpoints.sip.presence.shared_lines import index_in, seizure_lasts
from softswitch.sip.message import Headers, Request, Response
from tests.endpoints.sip.presence.watching import told, watch
from tests.support.sip_bench import Party, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time
SHARED = {"manage-shared-appearance": "true"}
FIRST = "<sip:example.test>;appearance-index=1"
NOTHING = "<sip:example.test>;appearance-index=*;appearance-state=idle"
PARK = extension("9000", "answer", "park")


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[SipBench]:
    async with sip_bench(tmp_path, PARK, profile=SHARED) as running:
        yield running


def second(running: SipBench) -> Party:
    """Another phone of Alice's line."""
    return running.party("1000", ("192.0.2.11", 5062), first=100)


def shown(notify: Request) -> list[str]:
    """What a NOTIFY tells of each appearance."""
    assert notify.headers.get("Event") == "call-info"
    assert not notify.body
    text = notify.headers.get("Call-Info") or ""
    return [part.removeprefix("<sip:example.test>;") for part in text.split(",")]


IDLE = "appearance-index=*;appearance-state=idle"


async def seize(
    running: SipBench, party: Party, info: str = FIRST, expires: str = "15"
) -> tuple[Response, Request | None]:
    return await watch(running, party, "1000", "line-seize", expires=expires, **{"Call-Info": info})


@pytest.mark.parametrize(
    ("text", "index"),
    [
        (FIRST, 1),
        (NOTHING, 0),
        ("<sip:x>;Appearance-Index = 12;x=y", 12),
        ("<sip:x>;answer-after=0", None),
        ("", None),
    ],
)
def test_an_appearance_is_read(text: str, index: int | None) -> None:
    assert index_in(text) == index


@pytest.mark.parametrize(("expires", "seconds"), [("", 15), ("3", 3), ("0", 0), ("99999", 300)])
def test_how_long_a_seizure_lasts(expires: str, seconds: int) -> None:
    headers = Headers([("Expires", expires)] if expires else [])
    assert seizure_lasts(Request("SUBSCRIBE", "sip:x", headers)) == seconds


async def test_lines_are_not_shared_by_themselves(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"manage-presence": "true"}) as running:
        answer, _ = await watch(running, running.alice, "1000", "call-info")
        assert answer.status == 489
        assert "call-info" not in (answer.headers.get("Allow-Events") or "")


async def test_who_shares_a_line_registers_as_often_as_phones_are_there(line: SipBench) -> None:
    assert line.profile.settings.registrations == "call-id"


async def test_a_line_at_rest_is_shown_idle(line: SipBench) -> None:
    answer, notify = await watch(line, line.alice, "1000", "call-info")
    assert answer.status == 200
    assert "line-seize" in (answer.headers.get("Allow-Events") or "")
    assert notify is not None
    assert shown(notify) == [IDLE]


async def test_a_call_from_the_line_is_seen_from_lifting_to_hanging_up(line: SipBench) -> None:
    other = second(line)
    await watch(line, other, "1000", "call-info")
    answer, notify = await seize(line, line.alice)
    assert answer.headers.get("Expires") == "15"
    assert notify is not None
    assert notify.headers.get("Call-Info") == FIRST
    assert shown(await told(line, other)) == ["appearance-index=1;appearance-state=seized", IDLE]
    response, session = await line.call("9000", **{"Call-Info": FIRST})
    assert response.headers.get("Call-Info") == FIRST
    ended = line.alice.request("NOTIFY")
    line.alice.answer(ended, 200)
    assert (ended.headers.get("Subscription-State") or "").startswith("terminated")
    party = ';appearance-uri="\\"9000\\" <sip:9000@example.test>"'
    assert shown(await told(line, other)) == [
        f"appearance-index=1;appearance-state=active{party}",
        IDLE,
    ]
    line.alice.ask("INVITE", within=response, body=sdp(4000, "0 101", "a=sendonly"))
    await line.settle()
    line.alice.ack(line.alice.response(200))
    assert shown(await told(line, other))[0].startswith("appearance-index=1;appearance-state=held;")
    session.hangup()
    await line.settle()
    bye = line.alice.request("BYE")
    line.alice.answer(bye, 200)
    assert bye.headers.get("Call-Info") == FIRST
    assert shown(await told(line, other)) == [IDLE]


async def test_a_hold_may_be_private(line: SipBench) -> None:
    other = second(line)
    await watch(line, other, "1000", "call-info")
    response, session = await line.call("9000", **{"Call-Info": FIRST})
    await told(line, other)
    private = f"{FIRST};appearance-state=held-private"
    held = sdp(4000, "0 101", "a=sendonly")
    line.alice.ask("INVITE", within=response, body=held, **{"Call-Info": private})
    await line.settle()
    line.alice.ack(line.alice.response(200))
    assert ";appearance-state=held-private;" in shown(await told(line, other))[0]
    session.hangup()
    await line.settle()
    line.alice.answer(line.alice.request("BYE"), 200)
    await told(line, other)


async def test_two_phones_do_not_seize_the_same_appearance(line: SipBench) -> None:
    other = second(line)
    await seize(line, line.alice)
    _, refused = await seize(line, other)
    assert refused is not None
    assert refused.headers.get("Subscription-State") == "terminated;reason=rejected"
    _, granted = await seize(line, other, NOTHING)
    assert granted is not None
    assert granted.headers.get("Call-Info") == "<sip:example.test>;appearance-index=2"


@pytest.mark.parametrize("way", ["given back", "forgotten"])
async def test_an_appearance_that_is_not_called_on_is_free_again(line: SipBench, way: str) -> None:
    other = second(line)
    await watch(line, other, "1000", "call-info")
    answer, _ = await seize(line, line.alice)
    await told(line, other)
    if way == "given back":
        line.alice.ask("SUBSCRIBE", within=answer, Event="line-seize", Expires="0")
    else:
        await line.settle(15)
    assert shown(await told(line, other)) == [IDLE]
    last = line.alice.request("NOTIFY")
    line.alice.answer(last, 200)
    assert (last.headers.get("Subscription-State") or "").startswith("terminated")


async def test_a_seizure_is_over_with_its_profile(line: SipBench) -> None:
    await seize(line, line.alice)
    await watch(line, second(line), "1000", "call-info")
    await line.sip.restart_profile(line.profile)
    await line.settle()
    assert [watcher.package for watcher in line.sip.presence] == ["call-info"]


async def test_a_call_on_hold_is_picked_up_by_another_phone(line: SipBench) -> None:
    other = second(line)
    await watch(line, other, "1000", "call-info")
    response, session = await line.call("9000", **{"Call-Info": FIRST})
    line.alice.ask("INVITE", within=response, body=sdp(4000, "0 101", "a=sendonly"))
    await line.settle()
    line.alice.ack(line.alice.response(200))
    other.ask("INVITE", "1000", sdp(4002), **{"Call-Info": FIRST})
    await line.settle()
    answered = other.response(200)
    other.ack(answered)
    await line.settle()
    line.alice.answer(line.alice.request("BYE"), 200)
    assert not session.channel.up
    (taken,) = line.switch.sessions.values()
    assert taken.get("current_application") == "park"
    assert shown(await told(line, other))[0].startswith(
        "appearance-index=1;appearance-state=active"
    )
    taken.hangup()
    await line.settle()
    other.answer(other.request("BYE"), 200)
    assert shown(await told(line, other)) == [IDLE]


async def test_a_call_that_is_talked_on_is_joined(line: SipBench) -> None:
    other = second(line)
    await watch(line, other, "1000", "call-info")
    _, session = await line.call("9000", **{"Call-Info": FIRST})
    await told(line, other)
    other.ask("INVITE", "1000", sdp(4002), **{"Call-Info": FIRST})
    await line.settle()
    other.ack(other.response(200))
    await line.settle()
    joined = next(each for each in line.switch.sessions.values() if each is not session)
    assert joined.get("sip_barging_uuid") == session.uuid
    assert joined.get("current_application") == "three_way"
    for each in (joined, session):
        each.hangup()
    await line.settle()
    line.alice.answer(line.alice.request("BYE"), 200)
    other.answer(other.request("BYE"), 200)
    assert shown(await told(line, other)) == [IDLE]


async def test_who_does_not_watch_the_line_takes_none_of_its_calls(line: SipBench) -> None:
    stranger = line.party("1000", ("192.0.2.66", 5062), first=200)
    await watch(line, line.alice, "1000", "call-info")
    _, session = await line.call("9000", **{"Call-Info": FIRST})
    await told(line, line.alice)
    stranger.ask("INVITE", "1000", sdp(4002), **{"Call-Info": FIRST})
    await line.settle()
    stranger.response(404)
    assert session.channel.up
    session.hangup()
    await line.settle()
    line.alice.answer(line.alice.request("BYE"), 200)
    await told(line, line.alice)


async def test_phones_that_ring_together_have_one_appearance(line: SipBench) -> None:
    other = second(line)
    await watch(line, other, "1000", "call-info")
    targets = [
        f"[presence_id=1000@example.test]sofia/internal/1000@{host}:5062"
        for host in ("192.0.2.10", "192.0.2.11")
    ]
    ringing = line.switch.loop.create_task(
        line.switch.run_command(f"originate {','.join(targets)} &park()")
    )
    line.switch.own(ringing)
    await line.settle()
    first, later = line.alice.request("INVITE"), other.request("INVITE")
    line.alice.answer(first, 180)
    other.answer(later, 180)
    assert shown(await told(line, other))[0].startswith(
        "appearance-index=1;appearance-state=alerting"
    )
    line.alice.answer(first, 200, sdp())
    await line.settle()
    other.answer(other.request("CANCEL"), 200)
    other.answer(later, 487)
    (state, rest) = shown(await told(line, other))
    assert state.startswith("appearance-index=1;appearance-state=active")
    assert rest == IDLE
    line.session.hangup()
    await line.settle()
    line.alice.answer(line.alice.request("BYE"), 200)
    await told(line, other)
