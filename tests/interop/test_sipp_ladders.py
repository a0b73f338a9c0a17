"""SIPp as caller and callee for what calls do beside ringing and answering, message by message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.interop.test_sipp import answered
from tests.interop.test_sipp_dialogs import LOSS, nothing_left
from tests.support.ports import held_here
from tests.support.programs import needs
from tests.support.relay import disorder
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.sip_socket import SipSocket
from tests.support.sipp import Sipp
from tests.support.sipp_script import Script
from tests.support.switch import extension

pytestmark = [needs("sipp"), pytest.mark.slow]

CALLS, RATE = 8, 20
SETTINGS = {"enable-100rel": "true", "timer-T1": "200"}
CALL = ("> INVITE sdp", "< 100?", "< 180?", "< 183?", "< 200", "> ACK")
BYE = ("> BYE", "< 200")
ANSWER = ("< INVITE", "> 200 sdp", "< ACK")
ENDED = ("< BYE", "> 200")


@dataclass(frozen=True)
class Ladder:
    """What the caller and the callee say, and what the switch is told to do between them."""

    actions: tuple[str, ...]
    """Those of the extension; ``{callee}`` is where the callee is."""
    caller: tuple[str, ...]
    callee: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    calls: int = CALLS


PARK = ("answer", "park")
SUMMARY = "Event: message-summary"
BRIDGE = ("set hangup_after_bridge=true", "bridge {callee}")
LADDERS = {
    "updates of the caller": Ladder(
        PARK, (*CALL, "> UPDATE hold", "< 200", "> UPDATE back", "< 200", *BYE)
    ),
    "updates of the callee": Ladder(
        BRIDGE,
        (*CALL, "wait 300", *BYE),
        (*ANSWER, "> UPDATE hold", "< 200", "> UPDATE back", "< 200", *ENDED),
    ),
    "a hold in both directions": Ladder(
        PARK,
        (
            *(*CALL, "> INVITE stop", "< 100?", "< 200 | Body: a=inactive", "> ACK"),
            *("> INVITE back", "< 100?", "< 200 | Body: m=audio", "> ACK", *BYE),
        ),
    ),
    "a caller that asks for an offer again": Ladder(
        PARK, (*CALL, "> INVITE", "< 100?", "< 200 | Body: m=audio", "> ACK sdp", *BYE)
    ),
    "a callee that asks for an offer again": Ladder(
        BRIDGE,
        (*CALL, "wait 500", *BYE),
        (*ANSWER, "> INVITE", "< 100?", "< 200 | Body: m=audio", "> ACK sdp", *ENDED),
    ),
    "a re-INVITE that nobody can take": Ladder(
        PARK, (*CALL, "> INVITE odd", "< 100?", "< 488", "> ACK", "> OPTIONS", "< 200", *BYE)
    ),
    "what is told of earlier ways": Ladder(
        BRIDGE,
        (
            "> INVITE sdp | History-Info: <sip:5@example.test>;index=1",
            *CALL[1:],
            *BYE,
        ),
        ("< INVITE | History-Info: .*sip:5@example.test", *ANSWER[1:], *ENDED),
    ),
    "asking and telling within a call": Ladder(
        PARK,
        (*CALL, "> OPTIONS", "< 200", "> MESSAGE text", "< 200", "> INFO text", "< 200", *BYE),
    ),
    "a callee that wants PRACK": Ladder(
        BRIDGE,
        (*CALL, *BYE),
        (
            "< INVITE | Supported: .*100rel",
            "> 180 | Require: 100rel | RSeq: 7",
            "< PRACK | RAck: 7 [0-9]+ INVITE",
            "> 200",
            "> 183 INVITE sdp | Require: 100rel | RSeq: 8",
            "< PRACK | RAck: 8 [0-9]+ INVITE",
            "> 200",
            "> 200 INVITE",
            "< ACK",
            *ENDED,
        ),
    ),
    "ringing, then early media": Ladder(
        BRIDGE,
        ("> INVITE sdp", "< 100", "< 180", "< 183", "< 200", "> ACK", *BYE),
        ("< INVITE", "> 180", "wait 50", "> 183 sdp", "wait 50", "> 200 sdp", "< ACK", *ENDED),
    ),
    "a fork with a late answer": Ladder(
        BRIDGE,
        (*CALL, "wait 400", *BYE),
        (
            *("< INVITE", "> 180 tag=a", "> 180 tag=b", "> 183 tag=c sdp"),
            *("> 200 tag=b sdp", "< ACK", "wait 50", "> 200 INVITE tag=a sdp", "< ACK"),
            *("< BYE", "> 200", *ENDED),
        ),
    ),
    "glare": Ladder(
        BRIDGE,
        (*CALL, "> INVITE hold", "< 100?", "< 200", "> ACK", "wait 6000", *BYE),
        (*ANSWER, "< INVITE", "> 491", "< ACK", "< INVITE", "> 200 sdp", "< ACK", *ENDED),
        {"proxy-hold": "true"},
        calls=3,
    ),
    "a redirection by the dialplan": Ladder(
        ("redirect sip:42@192.0.2.7",),
        ("> INVITE sdp", "< 100", "< 302 | Contact: .*sip:42@192.0.2.7", "> ACK"),
    ),
    "a deflection": Ladder(
        ("answer", "deflect sip:42@192.0.2.7", "park"),
        (
            *(*CALL, "< REFER | Refer-To: .*sip:42@192.0.2.7", "> 202"),
            *("> NOTIFY done | Event: refer | Subscription-State: terminated", "< 200", *ENDED),
        ),
    ),
    "a refer that the partner carries out": Ladder(
        BRIDGE,
        (
            *(*CALL, "> REFER | Refer-To: <sip:42@192.0.2.7>", "< 202"),
            *("< NOTIFY | Event: refer", "> 200", *BYE),
        ),
        (
            *(*ANSWER, "< REFER | Refer-To: .*42@192.0.2.7", "> 202"),
            *("> NOTIFY done | Event: refer | Subscription-State: terminated", "< 200", *ENDED),
        ),
        {"proxy-refer": "true"},
    ),
    "headers of variables": Ladder(
        (
            *("set sip_ph_X-P=provisional", "set sip_rh_X-R=positive", "set sip_bye_h_X-B=last"),
            *("ring_ready", "sleep 50", "answer", "sleep 100", "hangup"),
        ),
        (
            *("> INVITE sdp", "< 100", "< 180 | X-P: provisional", "< 200 | X-R: positive"),
            *("> ACK", "< BYE | X-B: last | Reason: Q.850;cause=16", "> 200"),
        ),
    ),
    "headers to the callee": Ladder(
        (
            "set hangup_after_bridge=true",
            "bridge {{sip_h_X-More=m,sip_cid_type=pid,sip_auto_answer=true,origination_privacy"
            "=hide_number,origination_caller_id_number=77}}{callee}",
        ),
        (
            "> INVITE sdp | User-to-User: 48656c6c6f;encoding=hex"
            " | Diversion: <sip:9@example.test>;reason=no-answer",
            *CALL[1:],
            *BYE,
        ),
        (
            "< INVITE | X-More: m | P-Asserted-Identity: .*sip:77@ | Privacy: id"
            " | Call-Info: .*answer-after=0 | User-to-User: 48656c6c6f;encoding=hex"
            " | Diversion: .*sip:9@example.test",
            *ANSWER[1:],
            "< BYE | Reason: Q.850;cause=16",
            "> 200",
        ),
    ),
    "a refusal with its reasons": Ladder(
        ("bridge {callee}",),
        ("> INVITE sdp", "< 100", "< 486 | Reason: Q.850;cause=17", "> ACK"),
        ("< INVITE", "> 486 | Reason: Q.850;cause=17", "< ACK"),
    ),
    "a number that is not there": Ladder(
        ("bridge {callee}",),
        ("> INVITE sdp", "< 100", "< 404 | Reason: Q.850;cause=1", "> ACK"),
        ("< INVITE", "> 404", "< ACK"),
    ),
    "watching for messages that wait": Ladder(
        PARK,
        (
            f"> SUBSCRIBE | {SUMMARY} | Expires: 600",
            *("< 200", f"< NOTIFY | {SUMMARY} | Content-Type: .*simple-message-summary", "> 200"),
            f"> SUBSCRIBE | {SUMMARY} | Expires: 0",
            *("< 200", "< NOTIFY | Subscription-State: terminated", "> 200"),
        ),
        settings={"manage-presence": "true"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LADDERS)
async def test_a_ladder_is_climbed_as_written(serve: Serve, tmp_path: Path, name: str) -> None:
    ladder = LADDERS[name]
    caller = Sipp(tmp_path / "caller", Script(*ladder.caller))
    callee = Sipp(tmp_path / "callee", Script(*(ladder.callee or ANSWER)))
    there = f"sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
    actions = [action.format(callee=there) for action in ladder.actions]
    server = await serve(extension("7000", *actions), profile={**SETTINGS, **ladder.settings})
    async with callee.answering():
        outcome = await caller.call(server.address(), "7000", calls=ladder.calls, rate=RATE)
        said = caller.log() + callee.log()
        assert (outcome.successful, outcome.failed) == (ladder.calls, 0), said
        await nothing_left(server)
    if ladder.callee:
        assert callee.outcome().successful == ladder.calls, callee.log()


async def test_an_answer_that_meets_the_cancel_ends_at_once(serve: Serve, tmp_path: Path) -> None:
    late = (
        *("< INVITE", "> 180", "< CANCEL", "> 200 CANCEL", "> 200 INVITE sdp", "< ACK"),
        *("< BYE", "> 200"),
    )
    caller = Sipp(tmp_path / "caller", "uac_cancel")
    callee = Sipp(tmp_path / "callee", Script(*late))
    there = f"bridge sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
    server = await serve(extension("7000", there), profile=SETTINGS)
    async with callee.answering():
        outcome = await caller.call(server.address(), "7000", calls=CALLS, rate=RATE)
        assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log() + callee.log()
        await nothing_left(server)
    assert callee.outcome().successful == CALLS, callee.log()


STEADY = (*CALL, "> OPTIONS", "< 200", "> UPDATE hold", "< 200", "> INFO text", "< 200", *BYE)


async def test_what_comes_late_twice_or_out_of_order_is_taken(serve: Serve, tmp_path: Path) -> None:
    caller, callee = Sipp(tmp_path / "caller", Script(*STEADY)), Sipp(tmp_path / "callee", "uas")
    there = f"bridge sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
    server = await serve(extension("7000", "set hangup_after_bridge=true", there))
    async with callee.answering(), caller.behind(disorder()) as way:
        way.server = server.address()
        outcome = await caller.call(way.near, "7000", calls=40, rate=RATE)
        assert (outcome.successful, outcome.failed) == (40, 0), caller.log()
        await nothing_left(server)
    assert way.doubled and way.overtaken
    assert callee.outcome().successful == 40


async def test_updates_and_questions_survive_loss(serve: Serve, tmp_path: Path) -> None:
    caller = Sipp(tmp_path / "caller", Script(*STEADY))
    server = await serve(extension("7000", *PARK), profile=SETTINGS)
    outcome = await caller.call(server.address(), "7000", *LOSS, calls=20, rate=RATE)
    assert (outcome.successful, outcome.failed) == (20, 0), caller.log()
    await nothing_left(server)


CALLEES = {
    "updates": (*ANSWER, "wait 300", "> UPDATE hold", "< 200", "> UPDATE back", "< 200", *ENDED),
    "offers": (*ANSWER, "wait 300", "> INVITE", "< 100?", "< 200", "> ACK sdp", *ENDED),
    "questions": (*ANSWER, "wait 300", "> OPTIONS", "< 200", "> INFO text", "< 200", *ENDED),
}


@pytest.mark.parametrize("name", CALLEES)
async def test_what_callees_do_survives_loss(serve: Serve, tmp_path: Path, name: str) -> None:
    caller = Sipp(tmp_path / "caller", Script(*CALL, "wait 4000", *BYE))
    callee = Sipp(tmp_path / "callee", Script(*CALLEES[name]))
    there = f"bridge sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
    actions = ("set hangup_after_bridge=true", there)
    server = await serve(extension("7000", *actions), profile=SETTINGS)
    async with callee.answering(*LOSS):
        outcome = await caller.call(server.address(), "7000", calls=20, rate=RATE)
        assert (outcome.successful, outcome.failed) == (20, 0), caller.log() + callee.log()
        await nothing_left(server)
    assert callee.outcome().successful == 20, callee.log()


async def register(server: Server, phone: Sipp) -> None:
    """Register the user 1000 at SIPp's port, before SIPp has it."""
    wire = await SipSocket.open(server.address(), port=phone.port)
    try:
        uri = f"sip:{DOMAIN}"
        challenge = await wire.ask("REGISTER", uri, cseq=1)
        value = wire.credentials(challenge.headers.all("WWW-Authenticate"), "REGISTER", uri)
        known = (("Authorization", value),)
        assert (await wire.ask("REGISTER", uri, headers=known, cseq=2)).status == 200
    finally:
        wire.close()
    # The loop closes it a moment later.
    await until(lambda: not held_here(("127.0.0.1", phone.port)), "the port of the phone")


async def test_a_user_is_called_and_connected_from_outside(serve: Serve, tmp_path: Path) -> None:
    told = ("> REFER | Refer-To: <sip:7000@example.test>", "< 202", "< NOTIFY | Event: refer")
    last = "< NOTIFY | Subscription-State: terminated"
    referrer = Sipp(tmp_path / "referrer", Script(*told, "> 200", last, "> 200"))
    phone = Sipp(tmp_path / "phone", Script(*ANSWER, "wait 500", *BYE))
    callee = Sipp(tmp_path / "callee", "uas")
    there = f"bridge sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
    server = await serve(extension("7000", "set hangup_after_bridge=true", there))
    await register(server, phone)
    async with phone.answering(), callee.answering():
        outcome = await referrer.call(server.address(), "1000", calls=CALLS, rate=RATE)
        assert (outcome.successful, outcome.failed) == (CALLS, 0), referrer.log() + phone.log()
        await nothing_left(server)
    assert phone.outcome().successful == callee.outcome().successful == CALLS


@pytest.mark.parametrize("way", ["invite", "refer"])
async def test_a_call_takes_the_place_of_another(serve: Serve, tmp_path: Path, way: str) -> None:
    first = Sipp(tmp_path / "first", Script(*CALL, *ENDED))
    callee = Sipp(tmp_path / "callee", Script(*ANSWER, *ENDED))
    steps = {
        "invite": ("> INVITE sdp | Replaces: [dialog]", *CALL[1:], *BYE),
        "refer": (
            *(*CALL, "> REFER | Refer-To: <sip:7001@example.test?Replaces=[dialog]>", "< 202"),
            *("< NOTIFY | Subscription-State: terminated", "> 200", *ENDED),
        ),
    }
    second = Sipp(tmp_path / "second", Script(*steps[way]))
    there = f"bridge sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
    server = await serve(extension("7000", there), extension("7001", "answer", "sleep 2000"))
    async with callee.answering():
        holding = asyncio.get_running_loop().create_task(
            first.call(server.address(), "7001", calls=1, rate=RATE)
        )
        await until(lambda: answered(server) == 1, "an answer", then=first.log)
        (session,) = server.sessions
        call_id, to_tag, from_tag = session.leg.usage.dialog.key  # type: ignore[attr-defined]
        named = f"{call_id};to-tag={to_tag};from-tag={from_tag}"
        dialog = quote(named, safe="") if way == "refer" else named
        outcome = await second.call(
            server.address(), "7000", "-key", "dialog", dialog, calls=1, rate=RATE
        )
        assert outcome.successful == 1, second.log() + callee.log()
        assert (await holding).successful == 1, first.log()
        await nothing_left(server)


async def test_who_is_sent_away_hears_when_to_come_again(serve: Serve, tmp_path: Path) -> None:
    steps = ("> INVITE sdp", "< 100", "< 503 | Retry-After: [0-9]+", "> ACK")
    caller = Sipp(tmp_path / "caller", Script(*steps))
    server = await serve(extension("7000", *PARK))
    await server.api("fsctl pause")
    outcome = await caller.call(server.address(), "7000", calls=CALLS, rate=RATE)
    assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
    await nothing_left(server)
