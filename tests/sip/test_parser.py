"""From bytes to messages."""

from __future__ import annotations

import time

import pytest

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Request, Response
from softswitch.sip.parser import (
    MAX_DATAGRAM,
    MAX_HEADERS,
    MAX_LINE,
    Keepalive,
    StreamParser,
    parse_message,
)

START = "OPTIONS sip:bob@example.com SIP/2.0"
LINES = (
    "Via: SIP/2.0/UDP host.example.com;branch=z9hG4bK1",
    "Max-Forwards: 70",
    "To: <sip:bob@example.com>",
    "From: <sip:alice@example.com>;tag=1",
    "Call-ID: 1@example.com",
    "CSeq: 1 OPTIONS",
)


def message(*extra: str, start: str = START, without: str = "-", body: str = "") -> bytes:
    lines = [line for line in LINES if not line.startswith(without)]
    return "\r\n".join([start, *lines, *extra, "", body]).encode()


def refused(data: bytes) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_message(data)
    return caught.value


def request(data: bytes) -> Request:
    parsed = parse_message(data)
    assert isinstance(parsed, Request)
    return parsed


def test_request_is_parsed() -> None:
    parsed = request(message("Content-Length: 4", body="bodyrest"))
    assert (parsed.method, parsed.uri, parsed.body) == ("OPTIONS", "sip:bob@example.com", b"body")
    assert parsed.headers.get("call-id") == "1@example.com"


def test_response_is_parsed() -> None:
    parsed = parse_message(message(start="SIP/2.0 183 Session = Progress № 1"))
    assert isinstance(parsed, Response)
    assert (parsed.status, parsed.reason) == (183, "Session = Progress № 1")
    assert parse_message(message(start="SIP/2.0 100 ")).body == b""


def test_lines_are_unfolded_and_names_made_long() -> None:
    parsed = request(
        message(
            "s :",
            " a",
            "\t  b",
            "x-Unknown:  ;;,,;;,;  ",
            "m:<sip:a@b.com>",
            "l:0",
        )
    )
    assert parsed.headers.get("Subject") == "a b"
    assert ("x-Unknown", ";;,,;;,;") in list(parsed.headers)
    assert parsed.headers.get("Contact") == "<sip:a@b.com>"
    assert parsed.headers.get("Content-Length") == "0"


def test_spaces_are_allowed_where_the_grammar_has_them() -> None:
    data = (
        b"INVITE sip:v@c.example.com;unknownparam SIP/2.0\r\n"
        b"TO :\r\n sip:v@c.example.com ;   tag    = 1918181833n\r\n"
        b'from   : "J Rosenberg \\\\\\""       <sip:j@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n'
        b"Call-ID: ws\r\nContent-Length   : 0\r\ncseq: 0009\r\n  INVITE\r\n"
        b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n\r\n"
    )
    parsed = request(data)
    assert (parsed.to.tag, parsed.from_.tag) == ("1918181833n", "98asjd8")
    assert parsed.from_.display == 'J Rosenberg \\"'
    assert (parsed.cseq.number, parsed.top_via.host) == (9, "192.0.2.2")


def test_text_is_utf_8_or_else_latin_1() -> None:
    assert request(message("Subject: grüße")).headers.get("Subject") == "grüße"
    latin = message().replace(b"To: ", b"To: J\xf6rg ")
    assert request(latin).to.display == "Jörg"


def test_blank_line_may_be_missing_from_a_datagram() -> None:
    assert request(message()[:-2]).method == "OPTIONS"


def test_line_breaks_before_a_message_are_skipped() -> None:
    assert request(b"\r\n\r\n" + message()).method == "OPTIONS"


def test_body_without_content_length_is_the_rest() -> None:
    assert request(message(body="all of it")).body == b"all of it"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (message(start="INVITE sip:bob@example.com"), "Malformed request line"),
        (message(start="OPTIONS  sip:bob@example.com SIP/2.0"), "Malformed request line"),
        (message(start="OPTIONS sip:bob@example.com; lr SIP/2.0"), "Malformed request line"),
        (message(start="OPTIONS sip:bob@example.com SIP/2.0 "), "Malformed request line"),
        (message(start="OPTIONS sip:bob@example.com HTTP/1.1"), "Malformed request line"),
        (message(start="OPT(ONS sip:bob@example.com SIP/2.0"), "Malformed method"),
        (message(start="OPTIONS <sip:bob@example.com> SIP/2.0"), "Malformed URI"),
        (message("no colon here"), "Header line without a colon"),
        (message("bad name: x"), "Malformed header name"),
        (message("Subject: a\rb"), "Stray line break"),
        (message("Subject: a\nb"), "Stray line break"),
        (message("Subject: a\n"), "Stray line break"),
        (message("CSeq: 2 OPTIONS"), "More than one CSeq header"),
        (message("t: <sip:x@y>"), "More than one To header"),
        (message("l: 0", "Content-Length: 0"), "More than one Content-Length header"),
        (message("Content-Length: -999"), "Malformed Content-Length"),
        (message("Content-Length: +1", body="x"), "Malformed Content-Length"),
        (message("Content-Length: ٣", body="xxx"), "Malformed Content-Length"),
        (message("Content-Length: 5", body="1234"), "Content-Length larger than the message"),
        (
            message("CSeq: 36893488147419103232 OPTIONS", without="CSeq"),
            "CSeq number too large",
        ),
        (message("CSeq: 1 INVITE", without="CSeq"), "CSeq method differs from the request's"),
        (message('To: "Bob <sip:b@b>', without="To"), "Unbalanced quotes or brackets in address"),
        (message("Contact: <sip:a@b>;;;;"), "Malformed parameter"),
        (message("Expires: 99999999999"), "Malformed Expires header"),
        (message("Max-Forwards: 300", without="Max-Forwards"), "Malformed Max-Forwards header"),
        (message(f"Subject: {'x' * MAX_LINE}"), "Header line too long"),
        (message()[:-4], "Message ends within its headers"),
    ],
)
def test_mistake_is_named_and_can_be_answered(data: bytes, reason: str) -> None:
    error = refused(data)
    assert (error.status, error.reason) == (400, reason)
    assert error.partial is not None
    assert error.partial.call_id == "1@example.com"


def test_unknown_version_is_answered_505() -> None:
    data = message(start="OPTIONS sip:bob@example.com SIP/7.0").replace(
        b"SIP/2.0/UDP", b"SIP/7.0/UDP"
    )
    error = refused(data)
    assert error.status == 505
    assert error.partial is not None
    assert error.partial.method == "OPTIONS"


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_request_without_a_required_header_is_answered_if_it_has_a_via(name: str) -> None:
    error = refused(message(without=name))
    assert (error.status, error.reason) == (400, f"Missing {name} header")
    assert (error.partial is None) == (name == "Via")


@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_lines_that_end_otherwise_are_read_for_the_answer(end: bytes) -> None:
    error = refused(message().replace(b"\r\n", end) + b"body: no header")
    assert (error.status, error.reason) == (400, "Stray line break")
    assert error.partial is not None
    assert error.partial.headers.pairs == parse_message(message()).headers.pairs


def test_request_with_an_unreadable_via_cannot_be_answered() -> None:
    assert refused(message("Via: SIP/2.0/UDP 192.0.2.15;;,;,,", without="Via")).partial is None


@pytest.mark.parametrize(
    "start",
    [
        "SIP/2.0 4294967301 better not",
        "SIP/2.0 99 Low",
        "SIP/2.0 700 High",
        "SIP/2.0 ٢٠٠ OK",
        "SIP/7.0 200 OK",
        "SIP/2.0  200 OK",
    ],
)
def test_malformed_response_is_refused_for_good(start: str) -> None:
    assert refused(message(start=start)).partial is None


def test_response_is_not_lost_for_a_bad_contact() -> None:
    parsed = parse_message(message("Contact: <sip:", start="SIP/2.0 200 OK"))
    with pytest.raises(RemoteProtocolError):
        _ = parsed.contact


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0" * 100, b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_sip_is_refused(data: bytes) -> None:
    assert refused(data).partial is None


def test_sizes_are_limited() -> None:
    assert refused(message(body="x" * MAX_DATAGRAM)).status == 413
    assert refused(message(*["X: y"] * MAX_HEADERS)).reason == "Too many headers"


def test_stream_gives_the_same_messages_whole_and_byte_by_byte() -> None:
    one = message("Content-Length: 4", body="body")
    two = message("Content-Length: 0", start="SIP/2.0 200 OK")
    data = one + two + one
    whole = StreamParser().feed(data)
    parser = StreamParser()
    single = [item for byte in data for item in parser.feed(bytes([byte]))]
    assert [type(item) for item in whole] == [Request, Response, Request]
    for items in (whole, single):
        assert [item.encode() for item in items if not isinstance(item, Keepalive)] == [
            item.encode() for item in whole if not isinstance(item, Keepalive)
        ]
    assert repr(parser) == "<StreamParser headers, 0 octets waiting>"


def test_line_breaks_between_messages_are_keepalives() -> None:
    data = message("Content-Length: 0")
    parser = StreamParser()
    assert parser.feed(b"\r\n\r\n") == [Keepalive.PING]
    assert parser.feed(b"\r\n") == [Keepalive.PONG]
    items = parser.feed(b"\r\n\r\n" + data + b"\r\n")
    assert items[0] is Keepalive.PING
    assert isinstance(items[1], Request)
    assert items[2] is Keepalive.PONG


def test_stream_needs_content_length() -> None:
    with pytest.raises(RemoteProtocolError, match="Missing Content-Length") as caught:
        StreamParser().feed(message())
    assert caught.value.partial is not None


def test_stream_is_dead_after_an_error() -> None:
    parser = StreamParser()
    with pytest.raises(RemoteProtocolError):
        parser.feed(message("Content-Length: -1"))
    with pytest.raises(RemoteProtocolError, match="Malformed Content-Length"):
        parser.feed(message("Content-Length: 0"))
    assert repr(parser) == "<StreamParser dead, 0 octets waiting>"


def test_good_messages_before_a_bad_one_are_not_lost() -> None:
    parser = StreamParser()
    [item] = parser.feed(message("Content-Length: 0") + message("Content-Length: -1"))
    assert isinstance(item, Request)
    with pytest.raises(RemoteProtocolError, match="Malformed Content-Length"):
        parser.feed(b"")


@pytest.mark.parametrize(
    "data",
    [message("Content-Length: 3000"), b"x" * 2001, message(f"Subject: {'x' * 2000}")],
)
def test_stream_refuses_what_is_larger_than_its_limit(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        StreamParser(max_size=2000).feed(data)
    assert caught.value.status == 413


@pytest.mark.parametrize(
    "filler",
    [b"X: " + b" " * 60_000, b"a:b\r\n" * 12_000, b"X:\r\n " + b"\t " * 15_000, b"\r\n " * 20_000],
)
def test_hostile_message_takes_linear_time(filler: bytes) -> None:
    data = message().replace(b"\r\n\r\n", b"\r\n" + filler + b"\r\n\r\n")
    started = time.process_time()
    try:
        parse_message(data)
    except RemoteProtocolError:
        pass
    assert time.process_time() - started < 0.25
