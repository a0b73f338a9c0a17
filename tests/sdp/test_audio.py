"""Inputs and outputs of a negotiation."""

from __future__ import annotations

from softswitch.sdp.audio import (
    LocalCodec,
    NegotiatedAudio,
    NegotiatedCodec,
    Negotiation,
    NegotiationReport,
)
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction

OPUS = NegotiatedCodec("opus", 48000, 2, 96, 97, "", "", 20)


def test_codec_matches_by_name_rate_and_channels() -> None:
    codec = LocalCodec("PCMU", payload_type=0)
    assert codec.matches("pcmu", 8000, 1)
    assert not codec.matches("PCMU", 16000, 1)
    assert not codec.matches("PCMU", 8000, 2)
    assert str(codec) == "PCMU/8000"
    assert str(LocalCodec("opus", 48000, 2)) == "opus/48000/2"


def test_first_codec_is_the_one_to_send() -> None:
    audio = NegotiatedAudio(("192.0.2.1", 4000), codecs=(OPUS,), send=True)
    assert (audio.codec, audio.ptime, audio.direction) == (OPUS, 20, Direction.SENDONLY)
    assert repr(audio) == "<NegotiatedAudio opus/48000/2 sendonly with 192.0.2.1:4000>"


def test_rejected_audio_says_why() -> None:
    audio = NegotiatedAudio(rejected="no codec in common")
    assert (audio.codec, audio.ptime, audio.direction) == (None, None, Direction.INACTIVE)
    assert repr(audio) == "<NegotiatedAudio rejected: no codec in common>"


def test_report_is_in_plain_words() -> None:
    report = NegotiationReport(["PCMU/8000"], ["PCMA/8000"])
    report.reject("PCMU/8000", "is not allowed here")
    report.reject("audio line", "no codec in common")
    assert str(report) == (
        "Offered: PCMU/8000. Allowed: PCMA/8000. Chosen: nothing. "
        "Rejected: PCMU/8000: is not allowed here; audio line: no codec in common."
    )
    assert str(NegotiationReport()) == "Offered: nothing. Allowed: nothing. Chosen: nothing."


def test_negotiation_gives_its_text() -> None:
    outcome = Negotiation(SessionDescription(), NegotiatedAudio(), NegotiationReport())
    assert outcome.text == "v=0\r\ns=-\r\nt=0 0\r\n"
