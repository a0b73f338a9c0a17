"""Session timers: who refreshes, when, and what ends a call that nobody refreshes (RFC 4028)."""

from __future__ import annotations

import pytest

from softswitch.sip.events import Ended, OfferAnswered, Refreshed, Rejected
from softswitch.sip.message import Request
from softswitch.sip.session_timer import SessionInterval
from softswitch.sip.usage_client import ClientUsage
from softswitch.sip.usage_server import ServerUsage
from softswitch.sip.usage_state import UsageState
from tests.support.hand import Hand
from tests.support.wire import ANSWER, OFFER, Wire

ALLOWS = "INVITE, ACK, BYE, UPDATE"


def hand(**wish: object) -> Hand:
    return Hand(
        supported=("timer",),
        session_interval=SessionInterval(enabled=True, **wish),  # type: ignore[arg-type]
    )


def called(timed: Hand, **answer: str) -> tuple[ClientUsage, Request]:
    """A call of ours, answered with these headers."""
    usage, invite = timed.invite()
    timed.respond(invite, 200, sdp=ANSWER, **answer)
    timed.sent_request("ACK")
    timed.told()
    return usage, invite


def calling(timed: Hand, **headers: str) -> tuple[ServerUsage, dict[str, str]]:
    """A call to us with these headers, answered; and our answer's headers."""
    usage = timed.incoming(**headers)
    usage.accept(ANSWER, now=timed.now)
    (answer,) = timed.sent()
    timed.feed(timed.request("ACK", to_tag=usage.local_tag))
    timed.told()
    return usage, dict(answer.headers)


def test_nothing_is_said_of_timers_where_they_are_off() -> None:
    plain = Hand()
    usage, invite = plain.invite()
    assert "Session-Expires" not in invite.headers
    plain.respond(invite, 200, sdp=ANSWER, Session_Expires="90;refresher=uac")
    plain.sent()
    plain.advance(3600)
    assert plain.sent() == []
    assert usage.state is UsageState.CONFIRMED


def test_our_invite_asks_for_the_interval_we_want() -> None:
    _, invite = hand(wanted=1800, minimum=120).invite()
    assert invite.headers.get("Session-Expires") == "1800"
    assert invite.headers.get("Min-SE") == "120"
    assert invite.headers.get("Supported") == "timer"
    _, invite = hand().invite()
    assert "Session-Expires" not in invite.headers
    assert "Min-SE" not in invite.headers
    _, invite = hand(required=True).invite()
    assert invite.headers.get("Require") == "timer"


@pytest.mark.parametrize("answer", ["1800;refresher=uac", "1800"])
def test_the_caller_refreshes_at_half_the_interval_by_reinvite(answer: str) -> None:
    timed = hand(wanted=1800)
    usage, _ = called(timed, Session_Expires=answer)
    timed.advance(899)
    assert timed.sent() == []
    timed.advance(1.2)
    refresh = timed.sent_request("INVITE")
    assert refresh.headers.get("Session-Expires") == "1800;refresher=uac"
    assert refresh.body.decode() == OFFER
    timed.respond(refresh, 200, sdp=ANSWER, Session_Expires="1800;refresher=uac")
    timed.sent_request("ACK")
    assert [type(each) for each in timed.told()] == [OfferAnswered]
    timed.advance(899)
    assert timed.sent() == []
    timed.advance(1.2)
    timed.sent_request("INVITE")
    assert usage.state is UsageState.CONFIRMED


def test_a_refresh_may_be_an_update_without_a_body_where_the_peer_takes_it() -> None:
    timed = hand(wanted=200, by_update=True)
    called(timed, Session_Expires="200;refresher=uac", Allow=ALLOWS)
    timed.advance(100.2)
    update = timed.sent_request("UPDATE")
    assert (update.body, update.headers.get("Session-Expires")) == (b"", "200;refresher=uac")
    timed.respond(update, 200, Session_Expires="200;refresher=uac")
    timed.advance(99.5)
    assert timed.sent() == []
    other = hand(wanted=200, by_update=True)
    called(other, Session_Expires="200;refresher=uac", Allow="INVITE, ACK, BYE")
    other.advance(100.2)
    other.sent_request("INVITE")


def test_a_callee_without_timers_is_refreshed_all_the_same() -> None:
    timed = hand(wanted=200)
    called(timed)
    timed.advance(100.2)
    assert timed.sent_request("INVITE").headers.get("Session-Expires") == "200;refresher=uac"


def test_a_call_that_the_callee_does_not_refresh_is_ended_a_little_early() -> None:
    timed = hand(wanted=1800)
    usage, _ = called(timed, Session_Expires="1800;refresher=uas")
    timed.advance(1767)
    assert timed.sent() == []
    timed.advance(1.2)
    timed.sent_request("BYE")
    ended = timed.last(Ended)
    assert (ended.usage, ended.reason) == (usage, "session expired")
    timed.advance(64)
    assert timed.left() == {}


def test_a_refresh_that_is_refused_is_tried_again_until_the_session_ends() -> None:
    timed = hand(wanted=90)
    called(timed, Session_Expires="90;refresher=uac")
    timed.advance(45.2)
    timed.respond(timed.sent_request("INVITE"), 500)
    timed.sent()
    timed.advance(10)
    timed.respond(timed.sent_request("INVITE"), 500)
    timed.sent()
    timed.advance(5)
    timed.sent_request("BYE")
    assert timed.last(Ended).reason == "session expired"


def test_a_422_has_us_ask_for_more() -> None:
    timed = hand(wanted=100)
    usage, invite = timed.invite()
    timed.respond(invite, 422, Min_SE="600")
    _, again = timed.sent()
    assert isinstance(again, Request)
    assert (again.cseq.number, again.call_id) == (invite.cseq.number + 1, invite.call_id)
    assert again.headers.get("Session-Expires") == again.headers.get("Min-SE") == "600"
    timed.respond(again, 200, sdp=ANSWER, Session_Expires="600;refresher=uas")
    timed.sent_request("ACK")
    assert usage.state is UsageState.CONFIRMED
    assert usage.session_timer.interval == 600


@pytest.mark.parametrize("minimum", ["", "nonsense", "90", "99999999999"])
def test_a_422_that_helps_nothing_refuses_the_call(minimum: str) -> None:
    timed = hand(wanted=100)
    _, invite = timed.invite()
    timed.respond(invite, 422, Min_SE=minimum)
    assert timed.last(Rejected).response.status == 422
    assert timed.stack.counts()["usages"] == 0


def test_a_422_to_a_refresh_makes_it_longer() -> None:
    timed = hand(wanted=100)
    usage, _ = called(timed, Session_Expires="100;refresher=uac")
    timed.advance(50.2)
    timed.respond(timed.sent_request("INVITE"), 422, Min_SE="300")
    _, again = timed.sent()
    assert again.headers.get("Session-Expires") == "300;refresher=uac"
    timed.respond(again, 200, sdp=ANSWER, Session_Expires="300;refresher=uac")  # type: ignore[arg-type]
    assert usage.session_timer.interval == 300


@pytest.mark.parametrize(
    ("asked", "supported", "wanted", "answer", "require"),
    [
        ("1800", "timer", 0, "1800;refresher=uac", True),
        ("1800;refresher=uas", "timer", 0, "1800;refresher=uas", False),
        ("1800;refresher=uac", "timer", 600, "600;refresher=uac", True),
        ("1800", "", 0, "1800;refresher=uas", False),
        ("", "timer", 600, "600;refresher=uac", True),
        ("", "", 600, "600;refresher=uas", False),
        ("", "timer", 0, "", False),
        ('1800;refresher="', "timer", 0, "1800;refresher=uac", True),
    ],
)
def test_a_callee_settles_interval_and_refresher(
    asked: str, supported: str, wanted: int, answer: str, require: bool
) -> None:
    _, headers = calling(hand(wanted=wanted), Session_Expires=asked, Supported=supported)
    assert headers.get("Session-Expires", "") == answer
    assert (headers.get("Require") == "timer") is require


def test_an_interval_too_short_is_refused_with_what_we_accept() -> None:
    timed = hand(minimum=120)
    timed.feed(timed.request("INVITE", sdp=OFFER, Session_Expires="100", Supported="timer"))
    (refusal,) = timed.sent()
    assert refusal.headers.get("Min-SE") == "120"
    assert timed.told() == []
    # Who cannot read a 422 is not sent one.
    _, headers = calling(timed, Session_Expires="100", branch="z9hG4bKother", call_id="other")
    assert headers["Session-Expires"] == "120;refresher=uas"


def test_the_callee_refreshes_where_that_was_agreed() -> None:
    timed = hand()
    calling(timed, Session_Expires="200;refresher=uas", Supported="timer")
    timed.advance(100.2)
    refresh = timed.sent_request("INVITE")
    assert refresh.headers.get("Session-Expires") == "200;refresher=uac"
    assert refresh.body.decode() == ANSWER


def test_the_peers_refresh_starts_the_time_anew() -> None:
    timed = hand()
    usage, _ = calling(timed, Session_Expires="200", Supported="timer")
    for cseq in range(2, 6):
        timed.advance(100)
        timed.feed(
            timed.request(
                "UPDATE",
                cseq=cseq,
                to_tag=usage.local_tag,
                Session_Expires="200;refresher=uac",
                Supported="timer",
            )
        )
        (answer,) = timed.sent()
        assert answer.headers.get("Session-Expires") == "200;refresher=uac"
        assert [type(each) for each in timed.told()] == [Refreshed]
    timed.advance(168.2)
    timed.sent_request("BYE")


def test_two_of_us_keep_a_call_for_hours_and_leave_nothing() -> None:
    wire = Wire(
        supported=("timer",), session_interval=SessionInterval(enabled=True, wanted=90), loss=0.1
    )
    wire.callee.handler = lambda event, now: (
        event.usage.accept(ANSWER, now=now)
        if type(event).__name__ == "InviteReceived"
        else event.usage.answer_reinvite(ANSWER, now=now)
        if type(event).__name__ == "OfferReceived"
        else None
    )
    usage = wire.invite()
    wire.run(7200)
    assert usage.state is UsageState.CONFIRMED
    usage.bye(now=wire.now)
    wire.run(120)
    wire.assert_nothing_left()
