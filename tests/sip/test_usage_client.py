"""The calling side: answers, forks, cancellation, challenges."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import LocalProtocolError
from softswitch.sip.events import Answered, Ended, InviteFailed, Progress, Rejected
from softswitch.sip.message import Request, Response
from softswitch.sip.transaction import FailureReason
from softswitch.sip.usage_state import UsageState
from tests.support.hand import Hand
from tests.support.wire import ANSWER, OFFER


def test_provisional_responses_make_early_dialogs_and_100_does_not() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 100)
    assert hand.told() == []
    hand.respond(invite, 180, "one")
    hand.respond(invite, 183, "two", sdp=ANSWER)
    assert [each.early for each in hand.told() if isinstance(each, Progress)] == ["one", "two"]
    assert set(usage.early) == {"one", "two"}
    assert usage.state is UsageState.EARLY


def test_a_2xx_is_acknowledged_each_time_it_comes_and_told_once() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    accepted = hand.respond(invite, 200, sdp=ANSWER)
    ack = hand.sent_request("ACK")
    assert ack.uri == "sip:there@192.0.2.2:5060"
    assert ack.top_via.branch != invite.top_via.branch
    assert (ack.cseq.number, ack.to.tag) == (1, "there")
    hand.feed(accepted)
    assert hand.summaries() == ["ACK"]
    assert [type(each) for each in hand.told()] == [Answered]
    assert usage.offers.remote == ANSWER


def test_an_offer_in_the_2xx_is_answered_in_the_ack() -> None:
    hand = Hand()
    usage, invite = hand.invite(sdp=None)
    accepted = hand.respond(invite, 200, sdp=OFFER)
    assert usage.ack_due
    assert hand.sent() == []
    usage.ack(ANSWER, now=hand.now)
    ack = hand.sent_request("ACK")
    assert (ack.body.decode(), ack.content_type) == (ANSWER, "application/sdp")
    assert not usage.ack_due
    assert usage.state is UsageState.CONFIRMED
    hand.feed(accepted)
    assert hand.sent_request("ACK").body.decode() == ANSWER
    with pytest.raises(LocalProtocolError):
        usage.ack(ANSWER, now=hand.now)


def test_a_call_hung_up_before_its_due_ack_is_acknowledged_and_ended() -> None:
    hand = Hand()
    usage, invite = hand.invite(sdp=None)
    hand.respond(invite, 200, sdp=OFFER)
    usage.bye(now=hand.now)
    assert hand.summaries() == ["ACK", "BYE"]


def test_the_first_branch_to_answer_wins_and_late_ones_are_ended() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    for tag in ("one", "two", "three"):
        hand.respond(invite, 180, tag)
    hand.respond(invite, 200, "two", sdp=ANSWER)
    assert usage.established().remote_tag == "two"
    assert usage.early == {}
    assert hand.summaries() == ["ACK"]
    late = hand.respond(invite, 200, "one", sdp=ANSWER, Contact="<sip:one@192.0.2.3>")
    ack, bye = hand.sent()
    assert isinstance(ack, Request)
    assert isinstance(bye, Request)
    assert (ack.method, ack.to.tag, ack.uri) == ("ACK", "one", "sip:one@192.0.2.3")
    assert (bye.method, bye.to.tag, bye.cseq.number) == ("BYE", "one", 2)
    assert [flow.remote for flow in hand.flows] == [("192.0.2.3", 5060)] * 2
    hand.feed(late)
    assert hand.summaries() == ["ACK"], "one BYE is enough"
    hand.respond(invite, 200, "stranger", sdp=ANSWER)
    assert hand.summaries() == ["ACK", "BYE"]
    assert len([each for each in hand.told() if isinstance(each, Answered)]) == 1
    assert usage.state is UsageState.CONFIRMED
    usage.bye(now=hand.now)
    hand.respond(hand.sent_request("BYE"), 200)
    hand.advance(64)
    assert hand.left() == {}


def test_a_2xx_of_another_branch_after_the_call_has_ended_is_ended_too() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 200, "one", sdp=ANSWER)
    hand.sent()
    usage.bye(now=hand.now)
    hand.respond(hand.sent_request("BYE"), 200)
    assert usage.state is UsageState.TERMINATED
    hand.respond(invite, 200, "two", sdp=ANSWER)
    assert hand.summaries() == ["ACK", "BYE"]


def test_a_flood_of_branches_is_bounded() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    for number in range(200):
        hand.respond(invite, 180, f"branch{number}")
    assert len(usage.early) <= 64
    assert len(hand.told()) <= 64


def test_a_refusal_is_told_and_leaves_nothing() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 180)
    hand.respond(invite, 486)
    assert hand.last(Rejected).response.status == 486
    assert usage.state is UsageState.TERMINATED
    assert hand.stack.counts()["dialogs"] == 0
    hand.advance(32)
    assert hand.left() == {}


# CANCEL


def test_cancel_waits_for_a_provisional_response() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    usage.cancel([("Reason", "Q.850;cause=16")], now=hand.now)
    assert hand.sent() == []
    hand.respond(invite, 100)
    cancel = hand.sent_request("CANCEL")
    assert cancel.uri == invite.uri
    assert cancel.headers.all("Via") == invite.headers.all("Via")
    assert cancel.headers.get("To") == invite.headers.get("To")
    assert str(cancel.cseq) == "1 CANCEL"
    assert cancel.headers.get("Reason") == "Q.850;cause=16"
    hand.respond(cancel, 200)
    hand.respond(invite, 487)
    assert hand.summaries() == ["ACK"]
    assert [type(each) for each in hand.told()] == [Rejected]
    hand.advance(32)
    assert hand.left() == {}


def test_a_second_cancel_and_a_bye_change_nothing() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 180)
    usage.bye(now=hand.now)
    assert hand.summaries() == ["CANCEL"]
    usage.bye(now=hand.now)
    usage.cancel(now=hand.now)
    assert hand.sent() == []


def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 180)
    hand.told()
    usage.cancel(now=hand.now)
    hand.sent()
    hand.respond(invite, 200, sdp=ANSWER)
    assert hand.summaries() == ["ACK", "BYE"]
    assert hand.told() == [Ended(usage, None, "cancelled")]
    assert usage.state is UsageState.TERMINATED
    hand.advance(64)
    assert hand.left() == {}


def test_an_answer_before_any_provisional_response_still_ends_a_cancelled_call() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    usage.cancel(now=hand.now)
    hand.respond(invite, 200, sdp=ANSWER)
    assert hand.summaries() == ["ACK", "BYE"]
    assert hand.last(Ended).reason == "cancelled"


def test_a_cancelled_call_that_never_ends_is_given_up() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 180)
    hand.told()
    usage.cancel(now=hand.now)
    hand.advance(32)
    assert hand.told() == [InviteFailed(usage, FailureReason.TIMEOUT)]
    hand.advance(1)
    assert hand.left() == {}


def test_an_answered_call_is_not_cancelled() -> None:
    hand = Hand()
    usage = hand.outgoing_call()
    with pytest.raises(LocalProtocolError):
        usage.cancel(now=hand.now)


def test_a_bye_in_an_early_dialog_ends_that_branch_alone() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 180, "one")
    hand.respond(invite, 180, "two")
    hand.told()
    bye = {"to_tag": usage.local_tag, "call_id": invite.call_id}
    hand.feed(hand.request("BYE", from_tag="one", **bye))
    assert hand.summaries() == ["200 BYE"]
    assert hand.told() == []
    assert usage.established().remote_tag == "two"
    hand.respond(invite, 200, "two", sdp=ANSWER)
    assert hand.last(Answered).usage is usage


# Challenges


def test_authenticate_sends_the_invite_again_as_a_new_one() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    hand.respond(invite, 407, Proxy_Authenticate='Digest realm="x", nonce="y"')
    assert hand.summaries() == ["ACK"]
    assert hand.last(Rejected).response.status == 407
    usage.authenticate("Proxy-Authorization", "Digest z", now=hand.now)
    again = hand.sent_request("INVITE")
    assert again.headers.get("Proxy-Authorization") == "Digest z"
    assert (again.call_id, again.from_.tag) == (invite.call_id, invite.from_.tag)
    assert again.cseq.number == 2
    assert again.top_via.branch != invite.top_via.branch
    assert again.to.tag is None
    assert again.body == invite.body
    hand.respond(again, 200, sdp=ANSWER)
    assert hand.sent_request("ACK").cseq.number == 2
    assert hand.last(Answered).usage is usage
    assert usage in hand.stack.usages
    usage.bye(now=hand.now)
    assert hand.sent_request("BYE").cseq.number == 3


def test_an_authorizer_answers_by_itself_but_only_once() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    asked: list[int] = []

    def authorize(request: Request, response: Response) -> tuple[str, str]:
        asked.append(response.status)
        return ("Authorization", "Digest z")

    usage.authorizer = authorize
    hand.respond(invite, 401)
    _ack, again = hand.sent()
    assert isinstance(again, Request)
    assert again.headers.get("Authorization") == "Digest z"
    assert hand.told() == []
    hand.respond(again, 401)
    assert hand.summaries() == ["ACK"]
    assert [type(each) for each in hand.told()] == [Rejected]


@pytest.mark.parametrize("status", [401, 407])
def test_credentials_with_an_old_nonce_are_made_anew_but_not_for_ever(status: int) -> None:
    hand = Hand()
    usage, invite = hand.invite()
    usage.authorizer = lambda request, response: ("Authorization", "Digest z")
    asked = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    challenge = {asked: 'Digest realm="r", nonce="n", stale=TRUE'}
    sent = 1
    while invite is not None and sent < 100:
        hand.respond(invite, status, **challenge)
        found = [each for each in hand.sent() if isinstance(each, Request)]
        invite = next((each for each in found if each.method == "INVITE"), None)  # type: ignore[assignment]
        sent += invite is not None
    assert sent == 10
    assert [type(each) for each in hand.told()] == [Rejected]


def test_only_a_challenged_call_is_authenticated() -> None:
    hand = Hand()
    usage, invite = hand.invite()
    with pytest.raises(LocalProtocolError):
        usage.authenticate("Authorization", "x", now=hand.now)
    usage.cancel(now=hand.now)
    hand.respond(invite, 401)
    assert hand.last(Rejected).response.status == 401
    with pytest.raises(LocalProtocolError):
        usage.authenticate("Authorization", "x", now=hand.now)


# Where requests go


@pytest.mark.parametrize(
    ("remote", "contact", "target"),
    [
        ("192.0.2.2", "<sip:there@192.0.2.5:5070>", ("192.0.2.5", 5070)),
        ("8.8.8.8", "<sip:there@192.168.1.5:5070>", ("8.8.8.8", 5060)),
        ("10.0.0.1", "<sip:there@192.168.1.5:5070>", ("192.168.1.5", 5070)),
        ("192.0.2.2", "<sip:there@phone.example.com>", ("192.0.2.2", 5060)),
    ],
    ids=["elsewhere", "behind a NAT", "between private networks", "a name"],
)
def test_requests_go_to_the_contact_but_not_into_a_nat(
    remote: str, contact: str, target: tuple[str, int]
) -> None:
    hand = Hand()
    hand.flow = hand.flow._replace(remote=(remote, 5060))
    usage, invite = hand.invite()
    hand.respond(invite, 200, sdp=ANSWER, Contact=contact)
    hand.sent()
    assert [flow.remote for flow in hand.flows] == [target]
    usage.bye(now=hand.now)
    assert hand.sent_request("BYE").uri == contact.strip("<>")
    assert [flow.remote for flow in hand.flows] == [target]


def test_only_a_uac_cancels_and_only_a_uas_answers() -> None:
    hand = Hand()
    outgoing, _ = hand.invite()
    incoming = hand.incoming()
    with pytest.raises(LocalProtocolError):
        incoming.cancel(now=hand.now)
    with pytest.raises(LocalProtocolError):
        incoming.authenticate("Authorization", "x", now=hand.now)
    with pytest.raises(LocalProtocolError):
        outgoing.ring(now=hand.now)
    with pytest.raises(LocalProtocolError):
        outgoing.accept(ANSWER, now=hand.now)
    with pytest.raises(LocalProtocolError):
        outgoing.reject(486, now=hand.now)


def test_an_invite_of_ours_is_cancelled_when_its_expires_has_passed() -> None:
    hand = Hand()
    usage = hand.expiring(20)
    invite = hand.sent_request("INVITE")
    hand.respond(invite, 180)
    hand.advance(20)
    assert hand.sent_request("CANCEL").call_id == invite.call_id
    hand.respond(invite, 487)
    assert hand.last(Rejected).usage is usage
    hand.advance(100)
    assert not hand.left()


def test_an_answer_in_time_makes_the_expires_of_our_invite_void() -> None:
    hand = Hand()
    usage = hand.expiring(20)
    hand.respond(hand.sent_request("INVITE"), 200, sdp=ANSWER)
    hand.sent()
    hand.advance(60)
    assert hand.sent() == []
    assert usage.state is UsageState.CONFIRMED
