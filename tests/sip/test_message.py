"""Messages and their headers."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import LocalProtocolError, RemoteProtocolError
from softswitch.sip.headers import CSeq
from softswitch.sip.message import Headers, Request, Response, make_response
from softswitch.sip.parser import parse_message


def invite(*extra: tuple[str, str], to: str = "<sip:bob@b.com>", method: str = "INVITE") -> Request:
    return Request(
        method,
        "sip:bob@b.com",
        Headers(
            [
                ("Via", "SIP/2.0/UDP p.b.com;branch=z9hG4bK2, SIP/2.0/UDP a.com;branch=z9hG4bK1"),
                ("Via", "SIP/2.0/TCP phone;branch=z9hG4bK0"),
                ("From", "Alice <sip:alice@a.com>;tag=1"),
                ("To", to),
                ("Call-ID", "abc"),
                ("CSeq", f"7 {method}"),
                *extra,
            ]
        ),
    )


def test_headers_are_found_by_any_spelling() -> None:
    headers = Headers([("v", "1"), ("VIA", "2"), ("x-Thing", "3")])
    assert headers.get("Via") == headers.get("via") == headers.get("V") == "1"
    assert headers.all("via") == ["1", "2"]
    assert headers.get("X-THING") == "3"
    assert "X-Thing" in headers
    assert "To" not in headers
    assert headers.get("To") is None
    assert headers.get("To", "none") == "none"
    assert list(headers) == [("Via", "1"), ("Via", "2"), ("x-Thing", "3")]
    assert len(headers) == 3


def test_list_headers_are_cut_over_all_lines() -> None:
    headers = Headers([("Supported", "timer, path"), ("k", "100rel,,"), ("Allow", "INVITE")])
    assert headers.values("Supported") == ["timer", "path", "100rel"]
    assert headers.values("Require") == []


def test_headers_are_edited_in_place() -> None:
    headers = Headers([("Via", "1"), ("To", "a"), ("Via", "2"), ("Subject", "s")])
    headers.set("via", "3")
    headers.add("Route", "r1")
    headers.prepend("Route", "r0")
    headers.replace_first("route", "r")
    headers.replace_first("Expires", "60")
    headers.set("Max-Forwards", "70")
    headers.remove("s")
    assert list(headers) == [
        ("Route", "r"),
        ("Via", "3"),
        ("To", "a"),
        ("Route", "r1"),
        ("Expires", "60"),
        ("Max-Forwards", "70"),
    ]
    assert headers.get("Route") == "r"
    assert headers.get("Subject") is None


def test_writing_a_name_that_is_none_is_our_mistake() -> None:
    headers = Headers()
    for write in (headers.add, headers.set, headers.prepend, headers.replace_first):
        with pytest.raises(LocalProtocolError):
            write("X-Evil: 1\r\nY", "z")
    assert len(headers) == 0


def test_a_copy_of_headers_is_independent() -> None:
    headers = Headers([("To", "a")])
    copy = headers.copy()
    copy.set("To", "b")
    copy.add("From", "c")
    assert list(headers) == [("To", "a")]
    assert copy != headers
    assert repr(copy) == "<Headers To, From>"


def test_common_headers_are_parsed() -> None:
    request = invite(
        ("Contact", '"A, B" <sip:alice@192.0.2.1>, <sip:other@a.com>'),
        ("Content-Type", "Application/SDP ; charset=utf-8"),
        ("Expires", "3600"),
        ("Max-Forwards", "0068"),
    )
    assert request.call_id == "abc"
    assert request.cseq == CSeq(7, "INVITE")
    assert request.from_.tag == "1"
    assert request.to.uri.user == "bob"
    assert request.top_via.branch == "z9hG4bK2"
    assert request.contact is not None
    assert request.contact.uri.host == "192.0.2.1"
    assert request.content_type == "application/sdp"
    assert (request.expires, request.max_forwards) == (3600, 68)
    assert request.request_uri.host == "b.com"
    assert repr(request) == "<Request INVITE sip:bob@b.com>"


def test_optional_headers_may_be_absent() -> None:
    request = invite()
    assert request.contact is None
    assert request.content_type is None
    assert (request.expires, request.max_forwards) == (None, None)
    assert invite(("Contact", "*")).contact is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("Expires", "4294967296"), ("Expires", "-1"), ("Expires", "1.5"), ("Max-Forwards", "300")],
)
def test_malformed_numbers_are_the_peers_fault(name: str, value: str) -> None:
    request = invite((name, value))
    with pytest.raises(RemoteProtocolError) as caught:
        _ = request.expires, request.max_forwards
    assert caught.value.status == 400


def test_missing_headers_are_the_peers_fault() -> None:
    response = Response(200, "OK", Headers())
    for name in ("call_id", "cseq", "from_", "to", "top_via"):
        with pytest.raises(RemoteProtocolError, match="Missing"):
            getattr(response, name)


def test_setting_a_header_forgets_what_was_parsed() -> None:
    request = invite()
    assert request.to.tag is None
    request.set_header("To", "<sip:bob@b.com>;tag=9")
    assert request.to.tag == "9"
    assert request.request_uri.user == "bob"
    request.uri = "sip:carol@c.com"
    assert request.request_uri.user == "carol"


def test_message_is_encoded_with_its_own_length() -> None:
    request = Request(
        "MESSAGE", "sip:b@b.com", Headers([("l", "999"), ("Subject", "grüß")]), "é".encode()
    )
    assert request.encode() == (
        "MESSAGE sip:b@b.com SIP/2.0\r\nSubject: grüß\r\nContent-Length: 2\r\n\r\né".encode()
    )
    assert Response(180, "Ringing", Headers()).encode() == (
        b"SIP/2.0 180 Ringing\r\nContent-Length: 0\r\n\r\n"
    )


def test_what_was_encoded_is_parsed_to_the_same() -> None:
    request = invite(("Content-Type", "text/plain"))
    request.body = b"hello"
    parsed = parse_message(request.encode())
    assert isinstance(parsed, Request)
    parsed.headers.remove("Content-Length")
    assert (parsed.method, parsed.uri, parsed.headers, parsed.body) == (
        request.method,
        request.uri,
        request.headers,
        b"hello",
    )


@pytest.mark.parametrize("evil", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "a\0b"])
def test_no_value_can_add_a_header(evil: str) -> None:
    request = invite(("Subject", evil), ("P-Asserted-Identity", evil))
    request.uri += evil
    for message in (request, Response(200, evil, request.headers)):
        head = message.encode().decode()
        assert head.count("\n") == head.count("\r") == head.count("\r\n") == 11
        assert "\0" not in head
        assert not any(line.startswith("X-Evil") for line in head.splitlines())


def test_unencodable_text_does_not_stop_a_message() -> None:
    assert b"Subject: ?" in invite(("Subject", "\udc80")).encode()


def test_response_copies_what_it_must() -> None:
    request = invite(
        ("Record-Route", "<sip:p1;lr>"),
        ("Record-Route", "<sip:p2;lr>"),
        ("Timestamp", "54"),
        ("Subject", "no"),
    )
    response = make_response(request, 180, to_tag="t2")
    assert (response.status, response.reason) == (180, "Ringing")
    assert list(response.headers) == [
        *list(request.headers)[:3],
        ("To", "<sip:bob@b.com>;tag=t2"),
        ("Call-ID", "abc"),
        ("CSeq", "7 INVITE"),
        ("Record-Route", "<sip:p1;lr>"),
        ("Record-Route", "<sip:p2;lr>"),
    ]
    assert repr(response) == "<Response 180 Ringing to 7 INVITE>"


def test_trying_has_the_timestamp_and_no_tag() -> None:
    request = invite(("Record-Route", "<sip:p1;lr>"), ("Timestamp", "54"))
    response = make_response(request, 100, to_tag="t2")
    assert response.to.tag is None
    assert response.headers.get("Timestamp") == "54"
    assert "Record-Route" not in response.headers


def test_only_responses_that_form_dialogs_carry_the_route() -> None:
    route = ("Record-Route", "<sip:p1;lr>")
    assert "Record-Route" in make_response(invite(route), 200).headers
    assert "Record-Route" not in make_response(invite(route), 486).headers
    assert "Record-Route" not in make_response(invite(route, method="BYE"), 200).headers


def test_existing_or_unreadable_tag_is_left() -> None:
    assert make_response(invite(to="<sip:b@b>;tag=x"), 200, to_tag="t2").to.tag == "x"
    broken = make_response(invite(to='"B <sip:b@b>'), 400, "Unbalanced quotes", to_tag="t2")
    assert broken.headers.get("To") == '"B <sip:b@b>;tag=t2'
    assert broken.reason == "Unbalanced quotes"
