"""Payload type numbers of an offer."""

from __future__ import annotations

import pytest

from softswitch.sdp.audio import LocalAudio, LocalCodec
from softswitch.sdp.media import Format
from softswitch.sdp.payload_types import find_format, offered_formats

PCMU = LocalCodec("PCMU", payload_type=0)
OPUS = LocalCodec("opus", 48000, 2, fmtp="useinbandfec=1")
L16 = LocalCodec("L16", 16000)


def numbers(*codecs: LocalCodec, known: tuple[Format, ...] = (), event: int | None = 101) -> str:
    local = LocalAudio("192.0.2.1", 4000, codecs, 1, telephone_event=event)
    formats = offered_formats(local, list(known))
    return " ".join(f"{item}={item.payload_type}" for item in formats)


def test_codecs_without_a_number_get_dynamic_ones() -> None:
    assert numbers(PCMU, OPUS, L16, event=None) == "PCMU/8000=0 opus/48000/2=96 L16/16000=97"


def test_each_clock_rate_has_its_telephone_event_and_8000_has_the_usual_number() -> None:
    assert numbers(OPUS, PCMU) == (
        "opus/48000/2=96 PCMU/8000=0 telephone-event/8000=101 telephone-event/48000=97"
    )
    assert numbers(OPUS) == "opus/48000/2=96 telephone-event/48000=101"


def test_a_number_in_use_is_given_to_no_other_codec() -> None:
    one = LocalCodec("one", payload_type=96)
    two = LocalCodec("two", payload_type=96)
    assert numbers(one, two, OPUS, event=97) == (
        "one/8000=96 two/8000=98 opus/48000/2=99 telephone-event/8000=97 telephone-event/48000=100"
    )


def test_codecs_keep_the_numbers_the_session_knows() -> None:
    known = (Format(97, "OPUS", 48000, 2), Format(110, "telephone-event", 8000, 1))
    assert numbers(PCMU, OPUS, known=known).startswith(
        "PCMU/8000=0 opus/48000/2=97 telephone-event/8000=110"
    )


def test_a_known_number_of_another_codec_is_avoided() -> None:
    known = (Format(96, "speex", 8000, 1), Format(101, "speex", 16000, 1), Format(0, "X", 1, 1))
    assert numbers(PCMU, L16, known=known) == (
        "PCMU/8000=97 L16/16000=98 telephone-event/8000=99 telephone-event/16000=100"
    )


def test_too_many_codecs_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="more codecs"):
        numbers(*[LocalCodec(f"c{number}") for number in range(70)])


def test_formats_are_found_without_regard_to_case() -> None:
    opus = Format(96, "opus", 48000, 2)
    assert find_format([opus], "OPUS", 48000, 2) is opus
    assert find_format([opus], "opus", 16000, 2) is None


def test_channels_tell_formats_apart_but_those_of_opus() -> None:
    opus, linear = Format(96, "opus", 48000, 2), Format(10, "L16", 44100, 2)
    assert find_format([opus], "opus", 48000, 1) is opus
    assert find_format([linear], "L16", 44100, 1) is None
