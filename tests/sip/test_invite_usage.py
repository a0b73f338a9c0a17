"""What both sides of a call share: its end, and requests within its dialog."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import (
    ByeAnswered,
    Ended,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.usage_state import UsageState
from tests.support.hand import HERE, THERE, Hand
from tests.support.wire import ANSWER


def test_a_bye_from_the_peer_is_answered_and_told() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    bye = hand.request("BYE", cseq=2, to_tag=usage.local_tag)
    hand.feed(bye)
    assert hand.summaries() == ["200 BYE"]
    (ended,) = hand.told()
    assert isinstance(ended, Ended)
    assert (ended.usage, ended.reason) == (usage, "bye")
    assert ended.request is not None
    assert ended.request.method == "BYE"
    assert hand.stack.counts()["usages"] == hand.stack.counts()["dialogs"] == 0
    usage.bye(now=hand.now)
    assert hand.sent() == []
    hand.advance(64)
    assert hand.left() == {}


def test_byes_that_cross_are_both_answered_and_end_the_call_quietly() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    usage.bye(now=hand.now)
    ours = hand.sent_request("BYE")
    hand.feed(hand.request("BYE", cseq=2, to_tag=usage.local_tag))
    assert hand.summaries() == ["200 BYE"]
    hand.respond(ours, 200)
    assert hand.told() == []
    assert hand.stack.counts()["usages"] == 0


@pytest.mark.parametrize("status", [200, 481, 500])
def test_any_final_answer_to_our_bye_ends_the_dialog(status: int) -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.bye(now=hand.now)
    assert usage.state is UsageState.ENDING
    hand.respond(hand.sent_request("BYE"), status)
    assert usage.state is UsageState.TERMINATED
    assert hand.told() == []


def test_the_answer_to_a_bye_is_told_where_it_is_awaited() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.follows_bye = True
    usage.bye(now=hand.now)
    hand.respond(hand.sent_request("BYE"), 481)
    (told,) = hand.told()
    assert isinstance(told, ByeAnswered)
    assert (told.usage, told.response.status) == (usage, 481)


def test_a_bye_without_an_answer_ends_the_dialog_too() -> None:
    hand = Hand()
    hand.outgoing_call().bye(now=hand.now)
    hand.advance(32)
    assert hand.left() == {}
    assert hand.told() == []


@pytest.mark.parametrize("method", ["INFO", "MESSAGE", "OPTIONS", "REFER"])
def test_a_peer_that_has_lost_the_call_ends_it(method: str) -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.request_in_dialog(method, now=hand.now)
    hand.respond(hand.sent_request(method), 481)
    answered, ended = hand.told()
    assert isinstance(answered, ResponseReceived)
    assert isinstance(ended, Ended)
    assert (ended.usage, ended.reason) == (usage, "481")
    assert hand.summaries() == ["BYE"]
    hand.advance(64)
    assert hand.left() == {}


def test_a_peer_that_listens_no_longer_goes_on_with_the_call() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.request_in_dialog("NOTIFY", [("Event", "refer")], now=hand.now)
    hand.respond(hand.sent_request("NOTIFY"), 481)
    assert [type(event) for event in hand.told()] == [ResponseReceived]
    assert usage.state is UsageState.CONFIRMED


def test_requests_in_the_dialog_are_told_with_their_usage() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INFO", cseq=2, to_tag=usage.local_tag))
    event = hand.last(RequestReceived)
    assert event.usage is usage
    usage.respond(event.transaction, 200, [("X-Thing", "1")], now=hand.now)
    (answer,) = hand.sent()
    assert isinstance(answer, Response)
    assert answer.to.tag == usage.local_tag
    assert answer.headers.get("X-Thing") == "1"


def test_our_requests_in_the_dialog_count_up_and_tell_their_answers() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    transaction = usage.info("application/dtmf-relay", b"Signal=5", now=hand.now)
    info = hand.sent_request("INFO")
    assert (info.cseq.number, info.body, info.content_type) == (
        2,
        b"Signal=5",
        "application/dtmf-relay",
    )
    assert (info.from_.tag, info.to.tag) == (usage.local_tag, "there")
    hand.respond(info, 200)
    event = hand.last(ResponseReceived)
    assert (event.transaction, event.response.status, event.final) == (transaction, 200, True)
    usage.request_in_dialog("REFER", [("Refer-To", "<sip:x@y>")], now=hand.now)
    refer = hand.sent_request("REFER")
    assert (refer.cseq.number, refer.headers.get("Refer-To")) == (3, "<sip:x@y>")
    hand.advance(32)
    assert hand.last(TransactionFailed).reason == "timeout"
    assert usage.state is UsageState.CONFIRMED


def test_a_request_with_a_lower_cseq_is_refused_by_500() -> None:
    hand = Hand()
    usage = hand.incoming_call()
    hand.feed(hand.request("INFO", cseq=7, to_tag=usage.local_tag))
    hand.told()
    hand.feed(hand.request("INFO", cseq=6, to_tag=usage.local_tag))
    assert hand.summaries() == ["500 INFO"]
    assert hand.told() == []


@pytest.mark.parametrize("method", ["INVITE", "BYE", "INFO", "UPDATE", "OPTIONS"])
def test_requests_of_unknown_dialogs_get_481(method: str) -> None:
    hand = Hand()
    usage = hand.incoming_call()
    for tags in (("wrong", "there"), (usage.local_tag, "wrong")):
        hand.feed(hand.request(method, cseq=2, to_tag=tags[0], from_tag=tags[1]))
        assert hand.summaries() == [f"481 {method}"]
    assert hand.told() == []
    assert usage.state is UsageState.CONFIRMED


def test_prack_is_not_allowed_while_provisional_responses_are_unreliable() -> None:
    hand = Hand()
    usage = hand.incoming()
    hand.feed(hand.request("PRACK", cseq=2, to_tag=usage.local_tag))
    assert hand.summaries() == ["405 PRACK"]
    assert usage.state is UsageState.INVITED


def test_an_ack_of_no_dialog_is_dropped() -> None:
    hand = Hand()
    hand.feed(hand.request("ACK", to_tag="x"))
    assert hand.sent() == []
    assert hand.stack.stray == 1


def test_a_challenge_to_a_bye_is_answered_by_the_authorizer() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.authorizer = lambda request, response: ("Proxy-Authorization", "Digest z")
    usage.bye(now=hand.now)
    bye = hand.sent_request("BYE")
    hand.respond(bye, 407)
    again = hand.sent_request("BYE")
    assert again.headers.get("Proxy-Authorization") == "Digest z"
    assert again.cseq.number == bye.cseq.number + 1
    hand.respond(again, 407)
    assert hand.sent() == []
    assert usage.state is UsageState.TERMINATED


def test_a_repeated_request_keeps_what_its_user_put_on_the_transaction() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    usage.authorizer = lambda request, response: ("Authorization", "Digest z")
    usage.info("text/plain", b"x", now=hand.now).user = "mine"
    hand.respond(hand.sent_request("INFO"), 401)
    assert hand.told() == []
    hand.respond(hand.sent_request("INFO"), 200)
    assert hand.last(ResponseReceived).transaction.user == "mine"


def test_requests_need_a_dialog() -> None:
    hand = Hand()
    usage, _ = hand.invite()
    with pytest.raises(LocalProtocolError):
        usage.info("text/plain", b"x", now=hand.now)


def test_a_connection_that_is_gone_is_opened_anew_for_the_next_request() -> None:
    hand = Hand(transport="tcp")
    hand.flow = Flow("tcp", HERE, (THERE[0], 40000), serial=7)
    usage = hand.incoming_call()
    hand.stack.transport_failed(hand.flow, hand.now)
    usage.bye(now=hand.now)
    assert isinstance(hand.sent_request("BYE"), Request)
    assert hand.flows == [Flow("tcp", HERE, THERE)]


def test_a_request_over_a_live_connection_keeps_to_it() -> None:
    hand = Hand(transport="tcp")
    hand.flow = Flow("tcp", HERE, (THERE[0], 40000), serial=7)
    usage = hand.incoming_call()
    usage.bye(now=hand.now)
    hand.sent()
    assert hand.flows == [hand.flow]


def test_an_early_dialog_takes_requests_of_the_peer() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 183, "one", sdp=ANSWER)
    hand.told()
    hand.feed(
        hand.request(
            "INFO",
            to_tag=usage.local_tag,
            from_tag="one",
            call_id=invite.call_id,
        )
    )
    assert hand.last(RequestReceived).usage is usage
