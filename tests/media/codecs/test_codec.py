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
    ours = {entry.name for entry in codec if entry.target.transcodable}
    assert ours <= set(native.codecs())


def test_every_registered_codec_has_its_default_clock_and_some_help() -> None:
    discover("softswitch.media.codecs")
    for entry in codec:
        assert entry.target.name == entry.name
        assert entry.target.clock_rate in entry.target.clock_rates
        assert entry.help


def test_format_parameters_of_plain_codecs_are_empty() -> None:
    assert find("PCMU").answer_fmtp("") == find("PCMU").answer_fmtp("annexb=no") == ""
