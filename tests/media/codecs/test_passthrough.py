"""Codecs that are only passed on."""

from __future__ import annotations

import pytest

from softswitch.media.codecs.passthrough import KNOWN, PassThrough, find


@pytest.mark.parametrize(
    ("name", "spelling", "payload_type"),
    [("g729", "G729", 18), ("g723", "G723", 4), ("lpc", "LPC", 7)],
)
def test_static_payload_types_are_known_by_name(
    name: str, spelling: str, payload_type: int
) -> None:
    found, known = find(name)
    assert (found, known.payload_type) == (spelling, payload_type)


@pytest.mark.parametrize(
    ("rate", "payload_type"), [(None, 5), (16000, 6), (11025, 16), (22050, 17), (48000, None)]
)
def test_dvi4_has_a_payload_type_for_each_clock(rate: int | None, payload_type: int | None) -> None:
    assert find("dvi4", rate)[1].payload_type == payload_type


def test_an_unknown_name_is_a_dynamic_codec_of_8000_hz() -> None:
    assert find("Humming") == ("Humming", PassThrough())


def test_no_payload_type_is_given_twice() -> None:
    types = [known.payload_type for known in KNOWN.values() if known.payload_type is not None]
    assert len(types) == len(set(types))


@pytest.mark.parametrize("name", ["h264", "VP8", "vp9", "H263-1998", "AV1"])
def test_video_has_a_clock_of_its_own(name: str) -> None:
    _, known = find(name)
    assert known.video and known.clock_rate == 90000 and known.module
