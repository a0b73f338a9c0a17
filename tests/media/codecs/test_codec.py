"""Every codec as SDP names it."""

from __future__ import annotations

import pytest

from softswitch.media.codecs.codec import Codec
from softswitch.registry import codec, discover


def find(name: str) -> type[Codec]:
    discover("softswitch.media.codecs")
    entry = codec.find(name)
    assert entry is not None
    described: type[Codec] = entry.target
    return described


@pytest.mark.parametrize(
    ("name", "rate", "channels", "payload_type"),
    [
        ("PCMU", 8000, 1, 0),
        ("pcma", 8000, 1, 8),
        ("PCMU", 16000, 1, None),
        ("L16", 44100, 2, 10),
        ("L16", 44100, 1, 11),
        ("L16", 8000, 1, None),
        ("G722", 8000, 1, 9),
        ("GSM", 8000, 1, 3),
        ("G726-32", 8000, 1, None),
        ("opus", 48000, 2, None),
        ("CN", 8000, 1, 13),
        ("CN", 16000, 1, None),
        ("telephone-event", 8000, 1, None),
    ],
)
def test_static_payload_types_are_those_of_rfc_3551(
    name: str, rate: int, channels: int, payload_type: int | None
) -> None:
    assert find(name).payload_type(rate, channels) == payload_type


def test_only_audio_with_arithmetic_is_transcoded() -> None:
    discover("softswitch.media.codecs")
    kinds = {entry.name: (entry.target.audio, entry.target.transcodable) for entry in codec}
    assert kinds["PCMU"] == kinds["PCMA"] == kinds["L16"] == (True, True)
    assert kinds["telephone-event"] == kinds["CN"] == (False, False)


def test_what_is_called_transcodable_is_known_to_the_engine() -> None:
    native = pytest.importorskip("softswitch.media._engine")
    discover("softswitch.media.codecs")
    ours = {entry.name.upper() for entry in codec if entry.target.transcodable}
    assert ours <= set(native.codecs())


def test_every_registered_codec_has_its_default_clock_and_some_help() -> None:
    discover("softswitch.media.codecs")
    for entry in codec:
        assert entry.target.name == entry.name
        assert entry.target.clock_rate in entry.target.clock_rates
        assert entry.help


@pytest.mark.parametrize(
    ("name", "clock", "channels", "rate", "bits"),
    [
        ("PCMU", 8000, 1, 8000, 64000),
        ("PCMA", 16000, 1, 16000, 128000),
        ("L16", 44100, 2, 44100, 1411200),
        ("G722", 8000, 1, 16000, 64000),
        ("GSM", 8000, 1, 8000, 13200),
        ("AAL2-G726-24", 8000, 1, 8000, 24000),
        ("opus", 48000, 2, 48000, 0),
    ],
)
def test_the_rate_of_the_sound_and_of_the_bits_is_told(
    name: str, clock: int, channels: int, rate: int, bits: int
) -> None:
    found = find(name)
    assert (found.sample_rate(clock), found.bits(clock, channels)) == (rate, bits)


def test_every_audio_codec_has_a_title_of_its_own() -> None:
    discover("softswitch.media.codecs")
    titles = [entry.target.title for entry in codec if entry.target.audio]
    assert all(titles) and len(set(titles)) == len(titles)


def test_format_parameters_of_plain_codecs_are_empty() -> None:
    assert find("PCMU").answer_fmtp("") == find("PCMU").answer_fmtp("annexb=no") == ""
