"""What calls and subscriptions share: the way of their requests, and challenges to them."""

from __future__ import annotations

import pytest

from softswitch.sip.dialog import Dialog
from softswitch.sip.dialog_usage import DialogUsage
from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.flow import Flow
from tests.support.hand import HERE, THERE, Hand


def usage(hand: Hand, target: str = "sip:there@192.0.2.9:5070", *routes: str) -> DialogUsage:
    made = DialogUsage(hand.stack, hand.flow, "mine")
    made.dialog = Dialog(
        call_id="c",
        local_tag="mine",
        remote_tag="theirs",
        local_party="<sip:a@x>;tag=mine",
        remote_party="<sip:b@x>;tag=theirs",
        remote_target=target,
        route_set=list(routes),
        local_cseq=4,
    )
    return made


def test_before_there_is_a_dialog_nothing_can_be_sent_in_it() -> None:
    hand = Hand()
    with pytest.raises(LocalProtocolError):
        DialogUsage(hand.stack, hand.flow, "mine").build_request("INFO")


@pytest.mark.parametrize(
    ("target", "routes", "remote"),
    [
        ("sip:there@192.0.2.9:5070", (), ("192.0.2.9", 5070)),
        ("sip:there@192.0.2.9:5070", ("<sip:192.0.2.7;lr>",), ("192.0.2.7", 5060)),
        ("sip:there@a.name", (), THERE),
    ],
)
def test_requests_go_by_route_or_target(
    target: str, routes: tuple[str, ...], remote: tuple[str, int]
) -> None:
    hand = Hand()
    made = usage(hand, target, *routes)
    assert made.next_flow(made.established()) == Flow("udp", HERE, remote)


def test_behind_a_nat_requests_go_back_where_they_came_from() -> None:
    hand = Hand()
    made = usage(hand)
    made.symmetric = True
    assert made.next_flow(made.established()) == hand.flow


def test_a_challenge_is_answered_once() -> None:
    hand = Hand()
    made = usage(hand)
    made.authorizer = lambda request, response: ("Authorization", "Digest x")

    class Heard:
        def handle_response(self, transaction: object, response: object, now: float) -> None:
            statuses.append(made.repeat_authorized(transaction, response, self, now))  # type: ignore[arg-type]

        def handle_failure(self, *_: object) -> None: ...

    statuses: list[object] = []
    made.send_request(made.build_request("NOTIFY"), Heard(), hand.now)
    first = hand.sent_request("NOTIFY")
    hand.respond(first, 401)
    second = hand.sent_request("NOTIFY")
    assert (first.cseq.number, second.cseq.number) == (5, 6)
    assert second.headers.get("Authorization") == "Digest x"
    hand.respond(second, 401)
    assert hand.sent() == []
    assert statuses[1] is None
