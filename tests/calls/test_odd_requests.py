"""Odd but legal SIP to a live switch: it is understood, or refused by the status that says why."""

from __future__ import annotations

import pytest

from softswitch.sip.message import Response
from softswitch.sip.parser import parse_message
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.sip_socket import SDP, SipSocket
from tests.support.switch import extension

ANY = extension("(.*)", "answer", "park")
SETTINGS = {"enable-100rel": "true", "manage-presence": "true"}
URI = f"sip:9196@{DOMAIN}"
ALLOW, EVENTS = "Allow: INVITE, ", "Allow-Events: "
SHORT = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Type": "c"}
PARTS = (
    "--b\r\nContent-Type: {}\r\n\r\n{}\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b--\r\n"
)

# Headers are written as in a message, "|" between them.
CALLS = [
    ("tel:+49-30-1", "", SDP),
    ("tel:17;phone-context=+4930", "", SDP),
    (f"sips:9196@{DOMAIN}", "", SDP),
    (f"sip:%39%3196@{DOMAIN}", "", SDP),
    (f"sip:9196;npdi=yes;rn=+1@{DOMAIN};user=phone", "", SDP),
    (f"sip:9196@{DOMAIN}?Subject=x", "", SDP),
    (f"sip:{DOMAIN}", "", SDP),
    (URI, "", ""),
    (URI, "Content-Type: multipart/mixed;boundary=b", PARTS.format("application/sdp", SDP)),
    (URI, 'Content-Type: Multipart/Mixed; boundary="b"', PARTS.format("application/sdp", SDP)),
    (URI, "Content-Type: Application/SDP;charset=utf-8", SDP),
    (URI, "Content-Encoding: identity", SDP),
    (URI, "Max-Forwards: 0", SDP),
    (URI, "Content-Type: a/b|Content-Disposition: x;handling=optional", "?"),
    (URI, "CSeq: 2147483640 INVITE", SDP),
    (URI, "CSeq: 000017 \t INVITE", SDP),
    (URI, "From: <sip:a@b>", SDP),
    (URI, "From: sip:a@b;tag=k", SDP),
    (URI, "From: Bell, A. <sip:a@b>;tag=k", SDP),
    (URI, 'From: "a \\"b\\" \\\\" <sip:a@b>;tag=k', SDP),
    (URI, "From: \r\n <sip:a@b>\r\n\t;tag=k", SDP),
    (URI, "Require: 100REL, timer , replaces", SDP),
    (URI, "Proxy-Require: foo", SDP),
    (URI, "Route: <sip:10.0.0.9;lr>", SDP),
    (URI, "Accept: text/plain, application/*;q=0.5", SDP),
    (URI, "Date: never|Alert-Info: <x:y>|Accept-Contact: *;audio|Organization: ", SDP),
]

# The last column is a header of the answer.
REFUSED = [
    ("INVITE", "Content-Type: a/b", "?", 415, "Accept: application/sdp"),
    ("INVITE", "Content-Type: multipart/mixed;boundary=b", PARTS.format("a/b", "?"), 415, ""),
    ("INVITE", "Content-Encoding: gzip", SDP, 415, "Accept-Encoding: identity"),
    ("INVITE", "Accept: text/plain", SDP, 406, "Accept: application/sdp"),
    ("INVITE", "Require: foo, 100rel, bar", SDP, 420, "Unsupported: foo, bar"),
    ("INVITE", "Supported: timer|Session-Expires: 60", SDP, 422, "Min-SE: 120"),
    ("INVITE", "Max-Forwards: x", SDP, 400, ""),
    ("INVITE", "CSeq: 1 BYE", SDP, 400, ""),
    ("INVITE", "", SDP.replace("RTP/AVP 0 101", "RTP/AVP 3"), 488, ""),
    ("INVITE", f"To: <{URI}>;tag=none", SDP, 481, ""),
    ("INVITE foo:bar", "", SDP, 416, ""),
    ("OPTIONS http://x/", "", "", 416, ""),
    ("OPTIONS", f"To: <{URI}>;tag=none", "", 481, ""),
    ("invite", "", SDP, 501, ALLOW),
    ("FROB", "", "", 501, ALLOW),
    ("BYE", "", "", 481, ""),
    ("BYE", f"To: <{URI}>;tag=none", "", 481, ""),
    ("CANCEL", "", "", 481, ""),
    ("PRACK", "RAck: 1 1 INVITE", "", 481, ""),
    ("UPDATE", "", "", 481, ""),
    ("INFO", "", "", 481, ""),
    ("MESSAGE", "Max-Forwards: 0|Content-Type: text/plain", "x", 483, ""),
    ("NOTIFY", "Event: talk", "", 489, EVENTS),
    ("NOTIFY", "Event: refer;id=7|Subscription-State: active", "", 481, ""),
    ("SUBSCRIBE", "Event: frob", "", 489, EVENTS),
    ("SUBSCRIBE", "", "", 489, EVENTS),
    ("SUBSCRIBE", "Event: presence|Accept: a/b", "", 406, ""),
    ("SUBSCRIBE", "Event: presence|Expires: 5", "", 423, "Min-Expires: 30"),
    ("PUBLISH", "Event: presence|Content-Type: a/b", "x", 415, "Accept: application/pidf+xml"),
    ("PUBLISH", "Event: presence|SIP-If-Match: x", "", 412, ""),
    ("REGISTER", f"To: <sip:1000@{DOMAIN}>;tag=stale", "", 401, ""),
    ("REFER", "Require: norefersub|Refer-To: <sip:", "", 400, ""),
]

UNDERSTOOD = [
    ("OPTIONS", "Max-Forwards: 0"),
    ("OPTIONS sip:[2001:db8::1]:5060", ""),
    ("OPTIONS", "Via: SIP / 2.0 / UDP {0}:{1} ;branch=z9hG4bKodd ; rport"),
    ("OPTIONS", "Via: SIP/2.0/UDP {0}:{1};rport"),
    ("OPTIONS", "Via: SIP/2.0/UDP {0}:{1};branch=z9hG4bKm;ttl=1;maddr=127.0.0.1"),
    ("NOTIFY", "Event: keep-alive"),
]


def written(text: str) -> tuple[tuple[str, str], ...]:
    """Headers as the tables write them."""
    parts = [item.partition(": ") for item in text.split("|") if item]
    named = [(name, value) for name, _, value in parts]
    return (("From", "<sip:a@b>;tag=k"), ("To", f"<{URI}>"), *named)


async def hang_up(wire: SipSocket, response: Response, answer: str = "") -> None:
    """Acknowledge an answer, or an offer with ``answer``, and end the call."""
    contact = response.contact
    assert contact is not None
    common = {
        "call_id": response.call_id,
        "headers": tuple((n, response.headers.get(n) or "") for n in ("From", "To")),
    }
    number = response.cseq.number
    ack = wire.build("ACK", str(contact.uri), cseq=number, body=answer, **common)  # type: ignore[arg-type]
    wire.send(ack)
    wire.send(wire.build("BYE", str(contact.uri), cseq=number + 1, **common))  # type: ignore[arg-type]
    while (await wire.response()).cseq.method != "BYE":
        pass


async def nothing_left(server: Server) -> None:
    await until(lambda: not server.left_over(), "the end", then=server.left_over)


async def test_odd_calls_are_answered(serve: Serve) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    for number, (uri, headers, body) in enumerate(CALLS):
        named = written(headers)
        wire.send(wire.build("INVITE", uri, headers=named, body=body, call_id=f"call-{number}"))
        response = await wire.response()
        assert response.status == 200, (uri, headers, response)
        await hang_up(wire, response, "" if "m=audio" in body else SDP)
    await nothing_left(server)


async def test_what_cannot_be_done_is_refused_by_its_own_status(serve: Serve) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    for number, (line, headers, body, status, wanted) in enumerate(REFUSED):
        method, _, uri = line.partition(" ")
        options = {"call_id": f"refused-{number}", "headers": written(headers)}
        wire.send(wire.build(method, uri or URI, body=body, **options))  # type: ignore[arg-type]
        response = await wire.response()
        assert response.call_id == f"refused-{number}"
        assert response.status == status, (line, headers, response)
        name, _, value = wanted.partition(": ")
        if wanted:
            assert (response.headers.get(name) or "").startswith(value), (line, headers)
            assert name in response.headers, (line, headers)
        if response.cseq.method == "INVITE":
            options["headers"] = (("To", response.headers.get("To") or ""),)
            wire.send(wire.build("ACK", uri or URI, **options))  # type: ignore[arg-type]
    assert not server.sessions
    await nothing_left(server)


async def test_odd_requests_are_understood(serve: Serve) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    for line, headers in UNDERSTOOD:
        method, _, uri = line.partition(" ")
        named = written(headers.format(*wire.local))
        response = await wire.ask(method, uri or URI, headers=named)
        assert response.status == 200, (line, headers, response)


@pytest.mark.parametrize("change", ["short", "lower", "spaced", "two-vias"])
async def test_headers_may_be_written_in_any_way(serve: Serve, change: str) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    text = wire.build("INVITE", URI, body=SDP).decode()
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    if change == "short":
        pairs = [[SHORT.get(name, name), value] for name, value in pairs]
    elif change == "lower":
        pairs = [[name.lower(), value] for name, value in pairs]
    elif change == "spaced":
        pairs = [[f"{name} \t", f"  {value}  "] for name, value in pairs]
    else:
        pairs[0][1] += ", SIP/2.0/TCP [2001:db8::9];branch=z9hG4bKfar"
        pairs.insert(1, ["Via", "SIP/2.0/TLS proxy.test:5061;branch=z9hG4bKfarther"])
        pairs.append(["Record-Route", "<sip:127.0.0.1:9;lr>, <sip:127.0.0.2;lr>"])
        pairs.append(["Record-Route", "<sip:127.0.0.3;lr>"])
    head = "\r\n".join([first, *(f"{name}: {value}" for name, value in pairs)])
    wire.send(f"{head}\r\n\r\n{body}".encode())
    response = await wire.response()
    assert response.status == 200
    if change == "two-vias":
        assert len(response.headers.values("Via")) == 3
        assert response.headers.values("Record-Route") == [
            "<sip:127.0.0.1:9;lr>",
            "<sip:127.0.0.2;lr>",
            "<sip:127.0.0.3;lr>",
        ]
    await hang_up(wire, response)
    await nothing_left(server)


async def test_the_same_call_by_two_ways_is_one_call(serve: Serve) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    wire.send(wire.build("INVITE", URI, body=SDP, cseq=7))
    response = await wire.response()
    wire.send(wire.build("INVITE", URI, body=SDP, cseq=7))
    while (merged := await wire.response()).status == 200:
        pass
    assert merged.status == 482
    assert len(server.sessions) == 1
    await hang_up(wire, response)
    await nothing_left(server)


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("INVITE", "Content-Type: a/b", "?", 415),
        ("INVITE", "Content-Encoding: gzip", SDP, 415),
        ("INVITE", "Require: foo", SDP, 420),
        ("INVITE", "", "v=nonsense", 488),
        ("UPDATE", "Content-Type: a/b", "?", 415),
        ("UPDATE", "", SDP, 200),
        ("OPTIONS", "", "", 200),
        ("FROB", "", "", 501),
        ("PRACK", "RAck: 1 1 INVITE", "", 481),
        ("REFER", "", "", 400),
        ("SUBSCRIBE", "Event: presence", "", 489),
        ("BYE", "Require: foo", "", 420),
    ],
)
async def test_odd_requests_within_a_call_do_not_end_it(
    serve: Serve, method: str, headers: str, body: str, status: int
) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    wire.send(wire.build("INVITE", URI, body=SDP, cseq=1))
    answer = await wire.response()
    contact = answer.contact
    assert contact is not None
    parties = tuple((name, answer.headers.get(name) or "") for name in ("From", "To"))
    target, call_id = str(contact.uri), answer.call_id
    wire.send(wire.build("ACK", target, cseq=1, call_id=call_id, headers=parties))
    named = (*written(headers), *parties)
    wire.send(wire.build(method, target, cseq=2, call_id=call_id, headers=named, body=body))
    while (response := await wire.response()).cseq.number != 2:
        pass
    assert response.status == status, response
    if method == "INVITE":
        wire.send(wire.build("ACK", target, cseq=2, call_id=call_id, headers=parties))
    assert len(server.sessions) == 1
    wire.send(wire.build("BYE", target, cseq=3, call_id=call_id, headers=parties))
    while (response := await wire.response()).cseq.number != 3:
        pass
    assert response.status == 200
    await nothing_left(server)


async def test_malformed_ones_get_an_answer_that_repeats_them(serve: Serve) -> None:
    server = await serve(ANY, profile=SETTINGS)
    wire = await server.socket()
    for extra in ("From: <sip:x@y>;tag=2", "To: <sip:x@y>", "CSeq: 1 INVITE", "Call-ID: two"):
        wire.send(
            wire.build("INVITE", URI, body=SDP).replace(b"Max-F", f"{extra}\r\nMax-F".encode())
        )
        answer = await wire.received.get()
        assert answer.startswith(b"SIP/2.0 400 More than one"), answer
    wire.send(wire.build("OPTIONS", URI).replace(b" SIP/2.0\r\n", b" SIP/3.0\r\n"))
    assert parse_message(await wire.received.get()).status == 505  # type: ignore[union-attr]
    wire.send(wire.build("INVITE", URI, body=SDP).replace(b"\r\n", b"\n"))
    assert (await wire.received.get()).startswith(b"SIP/2.0 400 Stray line break\r\n")
    wire.send(wire.build("INVITE", URI, body=SDP).replace(b"\r\nFrom:", b"\r\nX-From:"))
    assert (await wire.received.get()).startswith(b"SIP/2.0 400 Missing From header\r\n")
    assert not server.sessions
    assert server.profile().stack.malformed == 7


@pytest.mark.parametrize("forwards", [0, 1])
async def test_a_call_with_no_hop_left_goes_no_further(serve: Serve, forwards: int) -> None:
    server = await serve(extension(r"(\d+)", "bridge sofia/internal/sip:$1@127.0.0.1:$1"))
    wire, there = await server.socket(), await server.socket()
    number = f"sip:{there.local[1]}@{DOMAIN}"
    wire.send(wire.build("INVITE", number, headers=written(f"Max-Forwards: {forwards}"), body=SDP))
    response = await wire.response()
    assert (response.status, there.received.qsize()) == (483, 0)
    wire.send(
        wire.build("INVITE", number, headers=written("Max-Forwards: 3"), body=SDP, call_id="2")
    )
    invite = await there.request("INVITE")
    assert invite.max_forwards == 2
    there.respond(invite, 486)
    assert (await wire.response()).status == 486
    await nothing_left(server)
