"""What the stack answers by itself, how it matches, and whole calls between two stacks."""

from __future__ import annotations

import pytest

from softswitch.sip.events import (
    Acknowledged,
    Answered,
    Ended,
    InviteReceived,
    Progress,
    RequestReceived,
    ResponseReceived,
)
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.usage_state import UsageState
from tests.support.hand import HERE, THERE, Hand
from tests.support.wire import ANSWER, OFFER, Wire


def test_a_call_is_made_answered_and_ended_and_leaves_nothing() -> None:
    wire = Wire()
    outgoing = wire.invite()
    wire.run(0.1)
    incoming = wire.callee.last(InviteReceived).usage
    assert incoming.request.body.decode() == OFFER
    incoming.ring(now=wire.now)
    wire.run(1)
    assert wire.caller.last(Progress).response.status == 180
    incoming.accept(ANSWER, now=wire.now)
    wire.run(1)
    assert wire.caller.last(Answered).response.body.decode() == ANSWER
    assert wire.callee.last(Acknowledged).usage is incoming
    assert (outgoing.state, incoming.state) == (UsageState.CONFIRMED, UsageState.CONFIRMED)
    outgoing.bye(now=wire.now)
    wire.run(1)
    assert wire.callee.last(Ended).reason == "bye"
    assert [sent.summary for sent in wire.log] == [
        "INVITE",
        "100 INVITE",
        "180 INVITE",
        "200 INVITE",
        "ACK",
        "BYE",
        "200 BYE",
    ]
    wire.run(32)
    wire.assert_nothing_left()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_calls_end_in_each_direction_with_nothing_repeated_in_vain(transport: str) -> None:
    wire = Wire(transport=transport)
    wire.invite()
    wire.run(0.1)
    incoming = wire.callee.last(InviteReceived).usage
    incoming.accept(ANSWER, now=wire.now)
    wire.run(5)
    incoming.bye(now=wire.now)
    wire.run(64)
    assert wire.caller.last(Ended).reason == "bye"
    assert len(wire.log) == 6
    wire.assert_nothing_left()


# What the stack answers by itself


@pytest.mark.parametrize(
    ("method", "status"), [("FROB", 501), ("PRACK", 405), ("BYE", 481), ("UPDATE", 481)]
)
def test_methods_that_nobody_takes_are_refused(method: str, status: int) -> None:
    hand = Hand()
    hand.feed(hand.request(method))
    (answer,) = hand.sent()
    assert isinstance(answer, Response)
    assert answer.status == status
    assert ("INVITE" in answer.headers.get("Allow", "")) == (status != 481)
    assert answer.to.tag
    assert hand.left() == {}


def test_methods_left_out_of_allow_get_405() -> None:
    hand = Hand(allow=("INVITE", "ACK", "BYE", "CANCEL"))
    hand.feed(hand.request("REGISTER"))
    (answer,) = hand.sent()
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Allow")) == (405, "INVITE, ACK, BYE, CANCEL")


def test_unknown_extensions_get_420_and_known_ones_pass() -> None:
    hand = Hand(supported=("replaces",))
    hand.feed(hand.request("INVITE", Require="100rel, replaces, frob"))
    (answer,) = hand.sent()
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers.get("Unsupported")) == (420, "100rel, frob")
    hand.feed(hand.request("INVITE", Require="replaces"))
    assert hand.summaries() == ["100 INVITE"]


def test_a_scheme_that_is_not_ours_gets_416() -> None:
    hand = Hand()
    request = hand.request("OPTIONS")
    request.uri = "mailto:x@example.com"
    hand.feed(request)
    assert hand.summaries() == ["416 OPTIONS"]


def test_a_refusal_is_the_same_each_time_and_costs_no_memory() -> None:
    hand = Hand()
    request = hand.request("FROB")
    hand.feed(request)
    hand.feed(request)
    first, second = hand.sent()
    assert first.encode() == second.encode()
    assert hand.left() == {}


def test_malformed_requests_get_400_and_malformed_responses_nothing() -> None:
    hand = Hand()
    data = hand.request("OPTIONS").encode()
    hand.feed(data.replace(b"Content-Length: 0", b"Content-Length: 10"))
    assert hand.summaries() == ["400 OPTIONS"]
    hand.feed(data.replace(b"OPTIONS sip:here@192.0.2.1 SIP/2.0", b"SIP/2.0 200 OK"))
    hand.feed(data.replace(b"Via:", b"Vai:"))
    assert hand.sent() == []
    assert hand.stack.malformed == 2


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_a_request_that_lacks_something_is_refused_without_it(name: str) -> None:
    hand = Hand()
    hand.feed(hand.request("OPTIONS").encode().replace(f"\r\n{name}: ".encode(), b"\r\nX-Y: "))
    ((answer, flow),) = hand.stack.transmits()
    assert answer.startswith(f"SIP/2.0 400 Missing {name} header\r\nVia: ".encode())
    assert f"\r\n{name}: ".encode() not in answer
    assert flow == hand.flow
    assert hand.left() == {}


def test_a_request_with_bare_line_feeds_is_refused() -> None:
    hand = Hand()
    request = hand.request("INVITE")
    hand.feed(request.encode().replace(b"\r\n", b"\n"))
    (answer,) = hand.sent()
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason) == (400, "Stray line break")
    assert (answer.call_id, answer.from_tag) == (request.call_id, request.from_tag)
    assert hand.told() == []


def test_the_malformed_of_a_host_are_logged_once_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hand = Hand()
    for number in range(300):
        hand.feed(
            b"hello, is anybody there?", hand.flow._replace(remote=("192.0.2.7", 5000 + number))
        )
    assert [record.message for record in caplog.records] == [
        "malformed message from 192.0.2.7: Malformed request line; further ones are only counted"
    ]
    for number in range(300):
        hand.feed(b"hello", hand.flow._replace(remote=(f"198.51.100.{number % 256}", number + 1)))
        hand.feed(
            b"hello, is anybody there?", hand.flow._replace(remote=(f"2001:db8::{number:x}", 5060))
        )
    assert len(caplog.records) == 100
    assert hand.stack.malformed == 600 + 300


def test_a_malformed_ack_is_never_answered() -> None:
    hand = Hand()
    hand.feed(hand.request("ACK").encode().replace(b"Content-Length: 0", b"Content-Length: 10"))
    assert hand.sent() == []


def test_a_request_that_comes_by_two_ways_is_answered_once() -> None:
    hand = Hand()
    hand.feed(hand.request("INVITE", branch="z9hG4bKone"))
    hand.feed(hand.request("INVITE", branch="z9hG4bKtwo"))
    assert hand.summaries() == ["100 INVITE", "482 INVITE"]
    assert len(hand.told()) == 1
    hand.feed(hand.request("INVITE", branch="z9hG4bKthree", cseq=2))
    assert hand.summaries() == ["100 INVITE"], "with credentials it is another request"


# Matching


def test_a_branch_of_another_sender_is_another_transaction() -> None:
    hand = Hand()
    request = hand.request("OPTIONS", branch="z9hG4bKsame")
    hand.feed(request)
    other = hand.request("OPTIONS", branch="z9hG4bKsame", call_id="other")
    other.set_header("Via", "SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bKsame")
    hand.feed(other)
    assert len(hand.told()) == 2


def test_rfc_2543_requests_are_matched_without_a_branch() -> None:
    hand = Hand()
    invite = hand.request("INVITE", Via="SIP/2.0/UDP 192.0.2.2:5060", From="<sip:old@192.0.2.2>")
    hand.feed(invite)
    hand.feed(invite)
    usage = hand.last(InviteReceived).usage
    usage.accept(ANSWER, now=hand.now)
    assert hand.summaries() == ["100 INVITE", "100 INVITE", "200 INVITE"]
    ack = hand.request(
        "ACK",
        to_tag=usage.local_tag,
        Via="SIP/2.0/UDP 192.0.2.2:5060",
        From="<sip:old@192.0.2.2>",
    )
    hand.feed(ack)
    assert hand.last(Acknowledged).usage is usage


def test_an_rfc_2543_cancel_finds_its_invite() -> None:
    hand = Hand()
    via = "SIP/2.0/UDP 192.0.2.2:5060;branch=1"
    hand.feed(hand.request("INVITE", Via=via))
    hand.feed(hand.request("CANCEL", Via=via))
    assert hand.summaries() == ["100 INVITE", "200 CANCEL", "487 INVITE"]


def test_stray_responses_are_counted_and_dropped() -> None:
    hand = Hand()
    hand.respond(hand.request("OPTIONS"), 200)
    assert (hand.sent(), hand.told(), hand.stack.stray) == ([], [], 1)


# Where responses go


@pytest.mark.parametrize(
    ("via", "source", "answer_to", "marks"),
    [
        ("192.0.2.2:5060", ("192.0.2.2", 5060), ("192.0.2.2", 5060), ""),
        ("192.0.2.2:5099", ("192.0.2.2", 40000), ("192.0.2.2", 5099), ""),
        (
            "192.0.2.2:5099;rport",
            ("192.0.2.2", 40000),
            ("192.0.2.2", 40000),
            ";rport=40000;received=192.0.2.2",
        ),
        (
            "10.0.0.1:5060",
            ("192.0.2.2", 40000),
            ("192.0.2.2", 40000),
            ";received=192.0.2.2",
        ),
        (
            "phone.example.com;received=203.0.113.9;rport=1",
            ("192.0.2.2", 5060),
            ("192.0.2.2", 5060),
            ";received=192.0.2.2;rport=5060",
        ),
    ],
    ids=["plain", "listens elsewhere", "rport", "behind a NAT", "forged"],
)
def test_responses_go_back_where_the_request_came_from(
    via: str, source: tuple[str, int], answer_to: tuple[str, int], marks: str
) -> None:
    hand = Hand()
    others = ", SIP/2.0/TCP 192.0.2.50;branch=z9hG4bKx"
    request = hand.request("OPTIONS", Via=f"SIP/2.0/UDP {via};branch=z9hG4bKy{others}")
    hand.feed(request, Flow("udp", HERE, source))
    hand.stack.reply(hand.last(RequestReceived).transaction, 200, now=hand.now)
    (answer,) = hand.sent()
    assert [flow.remote for flow in hand.flows] == [answer_to]
    value = answer.headers.get("Via") or ""
    assert value.endswith(others)
    for mark in marks.split(";"):
        assert mark in answer.headers.values("Via")[0]
    assert "203.0.113.9" not in value


def test_responses_over_a_connection_go_back_by_it() -> None:
    hand = Hand()
    connection = Flow("tcp", HERE, (THERE[0], 40000), 9)
    hand.feed(hand.request("FROB"), connection)
    hand.sent()
    assert hand.flows == [connection]


# What is sent


def test_what_goes_out_and_in_by_hand_is_complete() -> None:
    hand = Hand(supported=("replaces", "timer"))
    _, invite = hand.invite()
    for name in ("Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact", "Allow"):
        assert name in invite.headers, name
    assert invite.headers.get("Supported") == "replaces, timer"
    assert invite.headers.get("Contact") == "<sip:192.0.2.1:5060>"


def test_calling_the_outputs_once_too_often_is_harmless() -> None:
    hand = Hand()
    hand.feed(hand.request("INVITE"))
    assert hand.stack.transmits()
    assert hand.stack.events()
    assert hand.stack.transmits() == []
    assert hand.stack.events() == []
    hand.stack.handle_timeout(hand.now)


def test_busy_tells_whether_anything_waits() -> None:
    hand = Hand()
    assert not hand.stack.busy
    request = hand.stack.build_request(
        "OPTIONS",
        "sip:there@192.0.2.2",
        from_=hand.request("OPTIONS").from_,
        to=hand.request("OPTIONS").to,
    )
    hand.stack.request(request, hand.flow, hand.now)
    assert hand.stack.busy
    sent = hand.sent_request("OPTIONS")
    assert isinstance(sent, Request)
    hand.respond(sent, 200)
    assert hand.last(ResponseReceived).final
    assert not hand.stack.busy
    hand.incoming()
    assert hand.stack.busy
    assert "1 usages" in repr(hand.stack)
