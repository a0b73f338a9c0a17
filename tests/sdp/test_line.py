"""What a media line says beside its codecs; whole exchanges are in test_negotiation."""

from __future__ import annotations

import pytest

from softswitch.sdp.audio import LocalAudio, LocalCodec
from softswitch.sdp.crypto import Crypto, Protection, Secure
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.line import (
    answered_crypto,
    answered_keys,
    chosen_keys,
    offered_crypto,
    refusal,
    settle,
    why_unprotected,
    why_unusable,
)
from softswitch.sdp.media import Direction

SUITE = "AES_CM_128_HMAC_SHA1_80"
MINE = Crypto(1, SUITE, bytes(30))
LOCAL = LocalAudio("192.0.2.9", 20248, (LocalCodec("PCMU", payload_type=0),), 1)
SECURE = LOCAL._replace(secure=Secure.OPTIONAL, crypto=(MINE,))
THEIRS = "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:" + "Q" * 40


def offered(media: str, connection: str = "c=IN IP4 192.0.2.1") -> SessionDescription:
    return SessionDescription.parse(f"v=0\n{connection}\n{media}\n")


@pytest.mark.parametrize("protocol", ["RTP/AVP", "rtp/avp", "RTP/AVPF"])
def test_plain_rtp_is_usable(protocol: str) -> None:
    description = offered(f"m=audio 4000 {protocol} 0")
    assert why_unusable(description, description.media[0], LOCAL) is None


def test_own_address_of_a_line_goes_before_the_sessions() -> None:
    description = offered("m=audio 4000 RTP/AVP 0\nc=IN IP4 host", "c=IN IP4 192.0.2.1")
    assert why_unusable(description, description.media[0], LOCAL) == "host is not an IP address"


@pytest.mark.parametrize(
    ("media", "connection", "why"),
    [
        ("m=video 4000 RTP/AVP 96", "c=IN IP4 192.0.2.1", None),
        ("m=audio 4000 RTP/AVP 0", "c=IN IP4 192.0.2.1", "audio is not supported"),
        ("m=video 0 RTP/AVP 96", "c=IN IP4 192.0.2.1", "refused by the far end (port 0)"),
        ("m=video 4 udptl t38", "c=IN IP4 192.0.2.1", "the transport udptl is not supported"),
        ("m=video 4 RTP/SAVP 96", "c=IN IP4 192.0.2.1", "RTP/SAVP is not allowed here"),
        ("m=video 4000 RTP/AVP 96", "b=AS:1", "it has no connection address"),
        ("m=video 4 RTP/AVP 96", "c=IN IP4 239.0.0.1", "multicast or broadcast"),
        ("m=video 4 RTP/AVP 96", "c=IN IP6 2001:db8::1", "its address is IPv6, ours is not"),
    ],
)
def test_why_a_line_of_video_cannot_be_used(media: str, connection: str, why: str | None) -> None:
    description = offered(media, connection)
    found = why_unusable(description, description.media[0], LOCAL, "video")
    assert found is None if why is None else why in (found or "")


@pytest.mark.parametrize(
    ("attributes", "mux", "reports"),
    [
        ("", False, ("192.0.2.1", 4001)),
        ("a=rtcp:5000", False, ("192.0.2.1", 5000)),
        ("a=rtcp:5000 IN IP4 192.0.2.2", False, ("192.0.2.2", 5000)),
        ("a=rtcp-mux", False, ("192.0.2.1", 4001)),
        ("a=rtcp-mux", True, ("192.0.2.1", 4000)),
    ],
)
def test_where_packets_and_reports_go(attributes: str, mux: bool, reports: tuple[str, int]) -> None:
    description = offered(f"m=audio 4000 RTP/AVP 0\n{attributes}")
    settled = settle(description, description.media[0], LOCAL._replace(rtcp_mux=mux))
    assert settled.remote_address == ("192.0.2.1", 4000)
    assert (settled.remote_rtcp_address, settled.rtcp_mux) == (reports, mux)


@pytest.mark.parametrize(
    ("theirs", "ours", "send", "receive", "held"),
    [
        ("sendrecv", Direction.SENDRECV, True, True, False),
        ("sendonly", Direction.SENDRECV, False, True, True),
        ("recvonly", Direction.SENDRECV, True, False, False),
        ("inactive", Direction.SENDRECV, False, False, True),
        ("sendrecv", Direction.SENDONLY, True, False, False),
    ],
)
def test_who_sends(theirs: str, ours: Direction, send: bool, receive: bool, held: bool) -> None:
    description = offered(f"m=audio 4000 RTP/AVP 0\na={theirs}")
    settled = settle(description, description.media[0], LOCAL._replace(direction=ours))
    assert (settled.send, settled.receive, settled.held) == (send, receive, held)


def test_keys_are_those_of_the_first_line_we_allow_and_the_answer_bears_its_tag() -> None:
    line = offered(f"m=audio 4000 RTP/SAVP 0\na=crypto:1 UNKNOWN inline:AAAA\n{THEIRS}").media[0]
    protection = chosen_keys(line, SECURE)
    assert protection is not None and protection.send == MINE.key
    answered = answered_crypto(line, protection)
    assert (answered.tag, answered.key) == (7, MINE.key)
    assert chosen_keys(line, LOCAL) is None


def test_an_answer_must_name_a_line_of_ours() -> None:
    asked = offered(f"m=audio 4000 RTP/SAVP 0\na=crypto:{MINE}").media[0]
    right = offered(f"m=audio 4000 RTP/SAVP 0\n{THEIRS.replace(':7', ':1')}").media[0]
    wrong = offered(f"m=audio 4000 RTP/SAVP 0\n{THEIRS}").media[0]
    found = answered_keys(right, asked)
    assert found is not None and found.send == MINE.key
    assert answered_keys(wrong, asked) is None


@pytest.mark.parametrize(
    ("protocol", "local", "why"),
    [
        ("RTP/AVP", SECURE, None),
        ("RTP/SAVP", SECURE, "RTP/SAVP without a crypto line we can use"),
        (
            "RTP/AVP",
            SECURE._replace(secure=Secure.MANDATORY),
            "SRTP is mandatory here and was not agreed",
        ),
    ],
)
def test_what_may_go_unprotected(protocol: str, local: LocalAudio, why: str | None) -> None:
    line = offered(f"m=audio 4000 {protocol} 0").media[0]
    assert why_unprotected(line, local, None) == why
    assert why_unprotected(line, local, Protection(SUITE, b"1", b"2")) is None


def test_within_a_call_the_suite_stays() -> None:
    other = Crypto(2, "AEAD_AES_128_GCM", bytes(28))
    local = SECURE._replace(crypto=(other, MINE))
    in_use = offered(f"m=audio 4000 RTP/SAVP 0\n{THEIRS}").media[0]
    assert offered_crypto(local, in_use) == [MINE]
    assert offered_crypto(local, None) == [other, MINE]


def test_a_refusal_names_the_formats_and_no_port() -> None:
    line = refusal(offered("m=video 4000 RTP/AVPF 96 97").media[0])
    assert line.lines() == ["m=video 0 RTP/AVPF 96 97"]
