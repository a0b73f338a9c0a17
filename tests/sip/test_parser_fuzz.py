"""Whatever arrives becomes messages or RemoteProtocolError, never anything else.

``SOFTSWITCH_FUZZ=N`` runs N rounds instead of a few hundred.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from softswitch.sip.auth import Challenge, Credentials
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.headers import CSeq, Via
from softswitch.sip.message import Message, Request, make_response
from softswitch.sip.parser import Keepalive, StreamParser, parse_message
from softswitch.sip.uri import NameAddr, SipUri

ROUNDS = int(os.environ.get("SOFTSWITCH_FUZZ", "300"))

SEEDS = [
    b"INVITE sip:bob@example.com;transport=udp SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77;rport, SIP/2.0/TCP [2001:db8::1];lr\r\n"
    b'f: "A. \\"Lice\\"" <sip:alice@example.com:5060?Subject=x>;tag=88\r\n'
    b"To: sip:bob@example.com;tag=%31\r\nCall-ID: 1@example.com\r\nCSeq: 3 INVITE\r\n"
    b"m: <sip:alice@[::1]:5080;ob>;expires=60;+sip.instance=\"<urn:x>\", *\r\n"
    b"Max-Forwards: 70\r\nExpires: 60\r\nSupported: a,\r\n b\r\nContent-Type: application/sdp\r\n"
    b"Content-Length: 4\r\n\r\nv=0\n",
    b"SIP/2.0 200 OK\r\nv: SIP / 2.0 / UDP a.example.com;received=::1;rport=9\r\n"
    b"From: <sips:\xc3\xa9%20%FF@example.com>;tag=1\r\nTo: Bob<tel:+49123;ext=1>;tag=2\r\n"
    b'i: x\r\nCSeq: 1 OPTIONS\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
    b"Content-Length: 0\r\n\r\n",
]  # fmt: skip
FRAGMENTS = [
    b"\r\n", b"\r\n ", b"\r", b"\n", b"\0", b'"', b"\\", b"<", b">", b";", b",", b"=", b":", b"@",
    b"%", b"%00", b"[", b"]", b"?", b" ", b"\t", b"\xff", b"\xe2\x80\xa8", b"SIP/2.0", b"9" * 30,
    b"Content-Length: 3\r\n", b"Via:", b";;", b"*", b"-1",
]  # fmt: skip


def mutated(source: random.Random) -> bytes:
    data = bytearray(source.choice(SEEDS))
    for _ in range(source.randint(1, 8)):
        start = source.randrange(len(data) + 1)
        match source.randrange(5):
            case 0:
                data[start:start] = source.choice(FRAGMENTS)
            case 1:
                data[start : start + source.randint(1, 40)] = b""
            case 2:
                data[start : start + 1] = bytes([source.randrange(256)])
            case 3:
                data[start:start] = data[start : start + 60]
            case _:
                data[start : start + 3] = source.choice(FRAGMENTS)
    return bytes(data)


def touch(message: Message) -> None:
    """Ask for everything a message can be asked for."""
    # These were checked by the parser: they must not raise.
    for part in (message.from_, message.to, message.top_via, message.cseq):
        assert str(part)
    try:
        _ = message.content_type, message.contact, message.expires, message.max_forwards
    except RemoteProtocolError:
        assert not isinstance(message, Request)
    assert not isinstance(message, Request) or str(message.request_uri)
    for name in ("Via", "Contact", "Supported"):
        try:
            message.headers.values(name)
        except RemoteProtocolError:
            pass
    head = message.encode().partition(b"\r\n\r\n")[0]
    assert (
        head.count(b"\n")
        == head.count(b"\r")
        == len(message.headers) + ("Content-Length" not in message.headers)
    )


@pytest.mark.parametrize("seed", range(4))
def test_any_datagram_gives_a_message_or_a_protocol_error(seed: int) -> None:
    source = random.Random(seed)
    for _ in range(ROUNDS // 4):
        data = mutated(source)
        try:
            touch(parse_message(data))
        except RemoteProtocolError as error:
            assert 400 <= error.status < 700
            if error.partial is not None:
                assert make_response(error.partial, error.status, error.reason, to_tag="t").encode()


def outcome(parser: StreamParser, chunks: list[bytes]) -> list[object]:
    """What a stream gives, keep-alives left out, ended by the error if there was one."""
    seen: list[object] = []
    for chunk in [*chunks, b""]:
        try:
            items = parser.feed(chunk)
        except RemoteProtocolError as error:
            return [*seen, (error.status, error.reason)]
        seen += [item.encode() for item in items if not isinstance(item, Keepalive)]
    return seen


def test_any_stream_gives_the_same_whole_and_byte_by_byte() -> None:
    source = random.Random(5)
    for _ in range(ROUNDS // 10):
        data = mutated(source) + source.choice(SEEDS)
        single = outcome(StreamParser(), [data[index : index + 1] for index in range(len(data))])
        whole = outcome(StreamParser(), [data])
        assert whole == single


@pytest.mark.parametrize(
    "parse",
    [
        SipUri.parse,
        NameAddr.parse,
        NameAddr.parse_list,
        Via.parse,
        Via.parse_list,
        CSeq.parse,
        Challenge.parse,
        Credentials.parse,
    ],
)
def test_any_value_is_parsed_or_refused(parse: Callable[[str], object]) -> None:
    source = random.Random(7)
    lines = [line.partition(b":")[2].strip() for seed in SEEDS for line in seed.split(b"\r\n")]
    for _ in range(ROUNDS // 2):
        data = bytearray(source.choice(lines) or b"x")
        for _ in range(source.randint(0, 4)):
            start = source.randrange(len(data) + 1)
            data[start : start + source.randint(0, 2)] = source.choice(FRAGMENTS)
        try:
            parsed = parse(data.decode("latin-1"))
        except RemoteProtocolError as error:
            assert error.status == 400
        else:
            assert not isinstance(parsed, SipUri) or str(parsed).isprintable()
