"""The REGISTER client."""

from __future__ import annotations

from typing import Any

import pytest

from softswitch.sip.events import Registered, RegistrationFailed, Unregistered
from softswitch.sip.message import Request
from softswitch.sip.nonces import AuthResult, NonceKeeper
from softswitch.sip.registration import Registration, RegistrationState
from softswitch.sip.uri import NameAddr
from tests.support.hand import Hand
from tests.support.wire import tokens

CONTACT = "<sip:trunk@192.0.2.1:5060>"
KEEPER = NonceKeeper(b"secret", tokens("keeper"))


def registration(hand: Hand, **options: Any) -> Registration:
    return Registration(
        hand.stack,
        hand.flow,
        registrar="sip:example.com",
        address=NameAddr.parse("<sip:alice@example.com>"),
        username="alice",
        password="wonder",
        contact=CONTACT,
        **options,
    )


def registered(hand: Hand, expires: int = 100) -> Registration:
    """One that has been accepted for so many seconds."""
    client = registration(hand)
    client.start(hand.now)
    request = hand.sent_request("REGISTER")
    hand.respond(request, 200, Contact=f"<sip:other@x>, {CONTACT};expires={expires}")
    assert hand.last(Registered).expires == expires
    hand.told()
    return client


def challenged(hand: Hand, request: Request, *, stale: bool = False) -> Request:
    (challenge,) = KEEPER.challenge(hand.now, "example.com", stale, ("SHA-256",))
    hand.respond(request, 401, WWW_Authenticate=challenge)
    return hand.sent_request("REGISTER")


def test_a_challenge_is_answered_with_the_password() -> None:
    hand = Hand()
    client = registration(hand, headers=[("X-Trunk", "1")])
    client.start(hand.now)
    first = hand.sent_request("REGISTER")
    assert (first.uri, str(first.to.uri)) == ("sip:example.com", "sip:alice@example.com")
    assert first.headers.get("Contact") == CONTACT
    assert (first.expires, first.headers.get("X-Trunk")) == (3600, "1")
    second = challenged(hand, first)
    credentials = second.headers.get("Authorization")
    result = KEEPER.check(
        credentials, method="REGISTER", password_for=lambda user, realm: "wonder", now=hand.now
    )
    assert result is AuthResult.OK
    assert (second.call_id, second.cseq.number) == (first.call_id, first.cseq.number + 1)
    assert second.from_.tag == first.from_.tag
    hand.respond(second, 200, Contact="", Expires="600")
    assert hand.last(Registered).expires == 600
    assert client.state is RegistrationState.REGISTERED


def test_the_binding_is_refreshed_before_it_expires() -> None:
    hand = Hand()
    client = registered(hand, expires=100)
    hand.advance(79)
    assert hand.sent() == []
    hand.advance(12)
    refresh = hand.sent()[0]
    assert isinstance(refresh, Request)
    assert client.state is RegistrationState.REGISTERED
    hand.respond(refresh, 200, Contact="", Expires="50")
    assert hand.last(Registered).expires == 50


def test_a_wrong_password_is_told_once_and_tried_again_later() -> None:
    hand = Hand()
    client = registration(hand, retry=20)
    client.start(hand.now)
    second = challenged(hand, hand.sent_request("REGISTER"))
    hand.respond(second, 401, WWW_Authenticate='Digest realm="x", nonce="y"')
    assert hand.told() == [RegistrationFailed(client, 401, 20)]
    assert client.state is RegistrationState.WAITING
    hand.advance(19.9)
    assert hand.sent() == []
    hand.advance(0.2)
    assert "Authorization" not in hand.sent_request("REGISTER").headers


def test_a_stale_nonce_is_answered_again() -> None:
    hand = Hand()
    registration(hand).start(hand.now)
    second = challenged(hand, hand.sent_request("REGISTER"))
    challenged(hand, second, stale=True)
    assert hand.told() == []


def test_endless_challenges_end() -> None:
    hand = Hand()
    client = registration(hand)
    client.start(hand.now)
    request = hand.sent_request("REGISTER")
    for _ in range(3):
        request = challenged(hand, request, stale=True)
    (challenge,) = KEEPER.challenge(hand.now, "example.com", True, ("MD5",))
    hand.respond(request, 401, WWW_Authenticate=challenge)
    assert hand.told() == [RegistrationFailed(client, 401, 30.0)]


def test_a_longer_time_is_asked_for_where_the_registrar_wants_it() -> None:
    hand = Hand()
    client = registration(hand, expires=60)
    client.start(hand.now)
    hand.respond(hand.sent_request("REGISTER"), 423, Min_Expires="1800")
    again = hand.sent_request("REGISTER")
    assert again.expires == 1800
    hand.respond(again, 423, Min_Expires="1800")
    assert hand.last(RegistrationFailed).status == 423


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [(403, {}, 30.0), (503, {"Retry_After": "120 (soon)"}, 120.0), (500, {"Retry_After": "x"}, 30)],
)
def test_a_refusal_is_tried_again_after_its_time(
    status: int, headers: dict[str, str], pause: float
) -> None:
    hand = Hand()
    client = registration(hand)
    client.start(hand.now)
    hand.respond(hand.sent_request("REGISTER"), status, **headers)
    assert hand.told() == [RegistrationFailed(client, status, pause)]
    hand.advance(pause)
    hand.sent_request("REGISTER")


def test_each_refusal_in_a_row_makes_the_pause_longer() -> None:
    hand = Hand()
    client = registration(hand)
    client.start(hand.now)
    pauses = []
    for status in (403, 403, 503, 403, 200, 403):
        hand.respond(hand.sent_request("REGISTER"), status)
        if status == 200:
            client.start(hand.now)
        else:
            pauses.append(hand.last(RegistrationFailed).retry_after)
            hand.advance(pauses[-1])
    assert pauses == [30, 60, 30, 90, 30]


def test_a_silent_registrar_and_a_lost_transport_are_told() -> None:
    hand = Hand()
    client = registration(hand)
    client.start(hand.now)
    hand.advance(32)
    assert hand.told() == [RegistrationFailed(client, 408, 30.0)]
    hand.advance(30)
    hand.stack.transport_failed(hand.flow, hand.now)
    assert hand.told() == [RegistrationFailed(client, 503, 30.0)]


def test_stopping_removes_the_binding_and_leaves_nothing() -> None:
    hand = Hand()
    client = registered(hand)
    client.stop(hand.now)
    client.stop(hand.now)
    request = hand.sent_request("REGISTER")
    assert request.expires == 0
    second = challenged(hand, request)
    assert second.expires == 0
    hand.respond(second, 200)
    assert hand.told() == [Unregistered(client)]
    assert client.state is RegistrationState.IDLE
    hand.advance(40)
    assert hand.left() == {}


def test_stopping_ends_even_when_the_registrar_is_silent() -> None:
    hand = Hand()
    client = registered(hand)
    client.stop(hand.now)
    hand.advance(32)
    assert hand.told() == [Unregistered(client)]
    assert hand.left() == {}


def test_an_answer_to_an_older_request_is_ignored() -> None:
    hand = Hand()
    client = registration(hand)
    client.start(hand.now)
    older = hand.sent_request("REGISTER")
    client.stop(hand.now)
    hand.sent_request("REGISTER")
    hand.respond(older, 200, Contact=f"{CONTACT};expires=60")
    assert hand.told() == []
    assert client.state is RegistrationState.REMOVING


@pytest.mark.parametrize("contact", ["<sip:", "*", '"', f"{CONTACT};expires=x", ","])
def test_nonsense_in_the_answer_does_no_harm(contact: str) -> None:
    hand = Hand()
    registration(hand, expires=77).start(hand.now)
    hand.respond(hand.sent_request("REGISTER"), 200, Contact=contact)
    assert hand.last(Registered).expires == 77
