"""What an element puts into its messages."""

from __future__ import annotations

from softswitch.sip.flow import Flow
from softswitch.sip.identity import Identity
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import NameAddr
from tests.support.wire import tokens


def identity(**options: str) -> Identity:
    return Identity(
        sent_by=lambda flow: ("203.0.113.1" if flow.remote[0] == "8.8.8.8" else "::1", 5070),
        token=tokens("identity"),
        **options,
    )


UDP = Flow("udp", ("::1", 5070), ("::2", 5060))
OUTSIDE = Flow("tcp", ("10.0.0.1", 5070), ("8.8.8.8", 5060))


def test_via_and_contact_name_the_address_for_the_flow() -> None:
    element = identity()
    request = Request("OPTIONS", "sip:x", Headers([("From", "<sip:a@b>;tag=1")]))
    branch = element.add_via(request, OUTSIDE)
    assert request.headers.get("Via") == (f"SIP/2.0/TCP 203.0.113.1:5070;branch={branch};rport")
    assert element.contact(OUTSIDE) == "<sip:203.0.113.1:5070;transport=tcp>"
    assert element.contact(UDP) == "<sip:[::1]:5070>"


def test_what_the_user_set_is_kept() -> None:
    request = Request("OPTIONS", "sip:x", Headers([("Max-Forwards", "5"), ("User-Agent", "mine")]))
    identity().add_via(request, UDP)
    assert request.headers.all("Max-Forwards") == ["5"]
    assert request.headers.all("User-Agent") == ["mine"]


def test_a_request_gets_a_tag_and_a_call_id_where_it_has_none() -> None:
    element = identity()
    request = element.build_request(
        "MESSAGE",
        "sip:b@example.com",
        from_=NameAddr.parse("<sip:a@example.com>"),
        to=NameAddr.parse("<sip:b@example.com>"),
        headers=[("X-One", "1")],
        body=b"hello",
        content_type="text/plain",
    )
    assert request.from_.tag
    assert request.call_id
    assert str(request.cseq) == "1 MESSAGE"
    assert (request.content_type, request.headers.get("X-One")) == ("text/plain", "1")
    again = element.build_request(
        "MESSAGE",
        "sip:b",
        from_=NameAddr.parse("<sip:a@example.com>;tag=t"),
        to=request.to,
        call_id="c",
        cseq=9,
    )
    assert (again.from_.tag, again.call_id, again.cseq.number) == ("t", "c", 9)


def test_a_renewed_request_is_the_same_but_for_via_and_cseq() -> None:
    element = identity()
    request = Request("INFO", "sip:x", Headers([("CSeq", "1 INFO"), ("Route", "<sip:r;lr>")]), b"x")
    element.add_via(request, UDP)
    renewed = element.renewed(request, 4)
    assert "Via" not in renewed.headers
    assert (str(renewed.cseq), renewed.body) == ("4 INFO", b"x")
    assert renewed.headers.get("Route") == "<sip:r;lr>"
    assert str(request.cseq) == "1 INFO"


def test_responses_name_the_server_unless_it_is_anonymous() -> None:
    request = Request("OPTIONS", "sip:x", Headers([("To", "<sip:b@c>")]))
    assert identity(user_agent="me").response(request, 200).headers.get("User-Agent") == "me"
    assert "User-Agent" not in identity(user_agent="").response(request, 200).headers
    assert "User-Agent" not in identity(user_agent="me").response(request, 100).headers


def test_chances_are_fractions() -> None:
    element = identity()
    chances = [element.chance() for _ in range(200)]
    assert all(0 <= chance < 1 for chance in chances)
    assert min(chances) < 0.1
    assert max(chances) > 0.9
