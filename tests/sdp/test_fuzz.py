"""Whatever arrives is negotiated or refused by SdpError, never anything else.

``SOFTSWITCH_FUZZ=N`` runs N rounds instead of a few hundred.
"""

from __future__ import annotations

import os
import random

import pytest

from softswitch.sdp.audio import LocalAudio, LocalCodec, Preference
from softswitch.sdp.description import SdpError, SessionDescription
from softswitch.sdp.negotiation import accept_answer, answer, offer

ROUNDS = int(os.environ.get("SOFTSWITCH_FUZZ", "200"))
LOCAL = LocalAudio(
    "192.0.2.9",
    20000,
    (
        LocalCodec("opus", 48000, 2, fmtp="useinbandfec=1"),
        LocalCodec("PCMU", payload_type=0),
        LocalCodec("G722", payload_type=9),
    ),
    session_id=1,
    rtcp_mux=True,
)
SEEDS = [
    b"v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=sendrecv\r\n"
    b"m=audio 7000 RTP/AVP 96 0 9 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 a=1;b\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=maxptime:60\r\n"
    b"a=rtcp:7001 IN IP4 192.0.2.1\r\na=rtcp-mux\r\nm=video 7002/2 RTP/AVP 31\r\nb=AS:5\r\n",
    b"v=0\no=x 1 1 IN IP6 ::1\ns=\nc=IN IP6 ::1\nm=audio 0 RTP/SAVP 8\na=inactive\na=crypto:1 A b\n"
    b"m=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0\na=candidate:1 1 udp 1 192.0.2.1 1 typ host\n",
]
FRAGMENTS = [
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"/", b":", b"=", b"-1", b"99999", b"0", b"\xff", b"m=",
    b"\nm=audio 5 RTP/AVP 0\n", b"c=IN IP4 224.0.0.1\n", b"a=rtpmap:0 \n", b"a=sendonly\n",
    b"a=ptime:0\n", "\u0663".encode(), b"IP6", b"128", b"127", b"a=rtpmap:127 PCMU/8000\n",
]  # fmt: skip


def mutated(source: random.Random) -> bytes:
    data = bytearray(source.choice(SEEDS))
    for _ in range(source.randint(0, 8)):
        start = source.randrange(len(data) + 1)
        match source.randrange(4):
            case 0:
                data[start:start] = source.choice(FRAGMENTS)
            case 1:
                data[start : start + source.randint(1, 30)] = b""
            case 2:
                data[start : start + 1] = bytes([source.randrange(256)])
            case _:
                data[start:start] = data[start : start + 40]
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_any_description_is_negotiated_or_refused(seed: int) -> None:
    source = random.Random(seed)
    ours = offer(LOCAL)
    for _ in range(ROUNDS // 4):
        try:
            theirs = SessionDescription.parse(mutated(source))
        except SdpError as error:
            assert str(error)[0].isupper()
            continue
        preference = source.choice(list(Preference))
        outcome = answer(theirs, LOCAL, preference=preference)
        assert len(outcome.description.media) == len(theirs.media)
        assert (outcome.audio.rejected is None) == any(m.port for m in outcome.description.media)
        assert str(SessionDescription.parse(outcome.text)) == outcome.text
        assert str(offer(LOCAL, outcome.description))
        accepted = accept_answer(ours, theirs, LOCAL, preference=preference).audio
        for codec in (*outcome.audio.codecs, *accepted.codecs):
            assert 0 <= codec.payload_type < 128
            assert 10 <= codec.ptime <= 120
        assert str(outcome.report)


def test_what_was_parsed_is_written_and_parsed_to_the_same() -> None:
    source = random.Random(9)
    for _ in range(ROUNDS):
        try:
            description = SessionDescription.parse(mutated(source))
        except SdpError:
            continue
        written = str(description)
        assert str(SessionDescription.parse(written)) == written
