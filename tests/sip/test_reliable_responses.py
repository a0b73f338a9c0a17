"""Reliable provisional responses of ours: repeated until their PRACK (RFC 3262 §3)."""

from __future__ import annotations

import pytest

from softswitch.sip.events import (
    Answered,
    Cancelled,
    Ended,
    OfferReceived,
    Progress,
    ProvisionalAcknowledged,
)
from softswitch.sip.message import Request, Response
from softswitch.sip.usage_server import ServerUsage
from softswitch.sip.usage_state import UsageState
from tests.sip.test_invite_client import moments
from tests.support.hand import Hand
from tests.support.wire import ANSWER, OFFER, Wire


def hand() -> Hand:
    return Hand(supported=("100rel",))


def incoming(wanted: Hand, sdp: str | None = OFFER, **headers: str) -> ServerUsage:
    headers.setdefault("Supported", "100rel")
    return wanted.incoming(sdp, **headers)


def prack(wanted: Hand, usage: ServerUsage, response: Response, cseq: int, **more: str) -> None:
    rack = more.pop("RAck", f"{response.headers.get('RSeq')} 1 INVITE")
    sdp = more.pop("sdp", None)
    wanted.feed(
        wanted.request("PRACK", cseq=cseq, to_tag=usage.local_tag, sdp=sdp, RAck=rack, **more)
    )


def one_response(wanted: Hand) -> Response:
    (sent,) = wanted.sent()
    assert isinstance(sent, Response)
    return sent


def test_a_response_is_repeated_at_growing_intervals_until_its_prack() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    response = one_response(wanted)
    assert (response.headers.get("Require"), response.body.decode()) == ("100rel", ANSWER)
    assert moments(wanted, 8, "183 INVITE") == [0.5, 1.5, 3.5, 7.5]
    prack(wanted, usage, response, 2)
    assert wanted.summaries() == ["200 PRACK"]
    wanted.last(ProvisionalAcknowledged)
    assert moments(wanted, 30, "183 INVITE") == []


def test_responses_wait_for_one_another() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(180, now=wanted.now)
    ringing = one_response(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    assert wanted.sent() == []
    prack(wanted, usage, ringing, 2)
    progress, ok = wanted.sent()
    assert isinstance(progress, Response)
    assert (progress.status, ok.status) == (183, 200)  # type: ignore[union-attr]
    first, second = (int(each.headers.get("RSeq") or 0) for each in (ringing, progress))
    assert second == first + 1


def test_a_2xx_waits_for_the_prack_of_a_description_and_repeats_none() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    progress = one_response(wanted)
    usage.accept(ANSWER, now=wanted.now)
    assert wanted.sent() == []
    prack(wanted, usage, progress, 2)
    assert [each.body for each in wanted.sent()] == [b"", b""]
    assert usage.state is UsageState.ACCEPTED
    wanted.feed(wanted.request("ACK", to_tag=usage.local_tag))
    assert usage.state is UsageState.CONFIRMED


def test_a_2xx_does_not_wait_for_a_mere_ringing() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(180, now=wanted.now)
    wanted.sent()
    usage.accept(ANSWER, now=wanted.now)
    assert one_response(wanted).body.decode() == ANSWER
    wanted.feed(wanted.request("ACK", to_tag=usage.local_tag))
    assert moments(wanted, 64, "180 INVITE") == []


def test_a_call_whose_answer_waits_can_be_given_up_by_both() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    usage.accept(ANSWER, now=wanted.now)
    wanted.sent()
    usage.bye(now=wanted.now)
    assert wanted.summaries() == ["480 INVITE"]
    other = hand()
    usage = incoming(other, branch="z9hG4bKsame")
    usage.ring(183, ANSWER, now=other.now)
    usage.accept(ANSWER, now=other.now)
    other.sent()
    other.feed(other.request("CANCEL", branch="z9hG4bKsame"))
    assert other.summaries() == ["200 CANCEL", "487 INVITE"]
    other.last(Cancelled)


@pytest.mark.parametrize("rack", ["1 1 INVITE", "{} 2 INVITE", "{} 1 BYE", "nonsense", ""])
def test_a_prack_that_fits_nothing_is_refused(rack: str) -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(180, now=wanted.now)
    response = one_response(wanted)
    prack(wanted, usage, response, 2, RAck=rack.format(response.headers.get("RSeq")))
    assert wanted.summaries() == ["481 PRACK"]
    assert moments(wanted, 2, "180 INVITE") == [0.5, 1.5]


def test_without_any_prack_the_call_is_refused() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    wanted.sent()
    wanted.advance(31.9)
    wanted.sent()
    wanted.advance(0.2)
    assert wanted.summaries() == ["504 INVITE"]
    assert wanted.last(Ended).reason == "prack timeout"
    wanted.advance(64)
    assert wanted.left() == {}


def test_only_callers_who_can_are_asked_for_pracks() -> None:
    wanted = hand()
    usage = incoming(wanted, Supported="timer")
    usage.ring(180, now=wanted.now)
    assert "RSeq" not in one_response(wanted).headers
    deaf = Hand()
    usage = deaf.incoming(Supported="100rel")
    usage.ring(180, now=deaf.now)
    assert "RSeq" not in one_response(deaf).headers
    deaf.feed(deaf.request("INVITE", sdp=OFFER, Require="100rel", call_id="other"))
    assert deaf.summaries() == ["420 INVITE"]


def test_our_offer_in_a_reliable_response_is_answered_by_its_prack() -> None:
    wanted = hand()
    usage = incoming(wanted, None)
    usage.ring(183, OFFER, now=wanted.now)
    prack(wanted, usage, one_response(wanted), 2, sdp=ANSWER)
    assert wanted.last(ProvisionalAcknowledged).request.body.decode() == ANSWER
    assert (usage.offers.local, usage.offers.remote) == (OFFER, ANSWER)
    wanted.sent()
    usage.accept(None, now=wanted.now)
    assert one_response(wanted).body == b""


def test_a_prack_may_offer_anew() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    prack(wanted, usage, one_response(wanted), 2, sdp=OFFER + "a=sendonly\r\n")
    assert wanted.sent() == []
    assert wanted.last(OfferReceived).request.method == "PRACK"
    usage.answer_reinvite(ANSWER + "a=recvonly\r\n", now=wanted.now)
    answer = one_response(wanted)
    assert (answer.cseq.method, answer.body.decode()) == ("PRACK", ANSWER + "a=recvonly\r\n")


def test_an_update_may_change_an_early_session_that_both_agreed_on() -> None:
    wanted = hand()
    usage = incoming(wanted)
    usage.ring(183, ANSWER, now=wanted.now)
    progress = one_response(wanted)
    usage.update(OFFER, now=wanted.now)
    assert wanted.sent() == []
    prack(wanted, usage, progress, 2)
    wanted.sent()
    usage.update(OFFER, now=wanted.now)
    update = wanted.sent_request("UPDATE")
    wanted.respond(update, 200, sdp=ANSWER)
    wanted.feed(wanted.request("UPDATE", cseq=3, to_tag=usage.local_tag, sdp=OFFER))
    usage.answer_reinvite(ANSWER, now=wanted.now)
    assert wanted.summaries() == ["200 UPDATE"]


@pytest.mark.parametrize("seed", range(8))
def test_pracks_survive_loss_and_reordering(seed: int) -> None:
    wire = Wire(seed=seed, supported=("100rel",), loss=0.25, jitter=0.4, duplication=0.1)

    def callee(event: object, now: float) -> None:
        usage = getattr(event, "usage", None)
        match type(event).__name__:
            case "InviteReceived":
                usage.ring(180, now=now)  # type: ignore[union-attr]
                usage.ring(183, ANSWER, now=now)  # type: ignore[union-attr]
                wire.after(1.0, lambda later: usage.accept(ANSWER, now=later))  # type: ignore[union-attr]

    wire.callee.handler = callee
    usage = wire.invite()
    wire.run(40)
    assert [event.response.status for event in wire.caller.told(Progress)] == [180, 183]
    assert len(wire.caller.told(Answered)) == 1
    assert usage.offers.remote == ANSWER
    usage.bye(now=wire.now)
    wire.run(120)
    wire.assert_nothing_left()
    assert isinstance(wire.sent("PRACK")[0].message, Request)
