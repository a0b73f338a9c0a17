"""Codecs as configuration, SDP and the engine name them, each in terms of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from softswitch import registry
from softswitch.media.codecs import passthrough
from softswitch.media.codecs.opus import Opus
from softswitch.media.codecs.preference import CodecPreference, described, items, parse_preference
from softswitch.media.parameters import CodecParameters
from softswitch.sdp.audio import LocalCodec, NegotiatedCodec
from softswitch.sdp.media import Format
from softswitch.sdp.video import NegotiatedVideo, VideoFormat, first_match
from softswitch.switch.opus_settings import OpusSettings, opus_parameters


@lru_cache(maxsize=256)
def local_codecs(text: str) -> tuple[LocalCodec, ...]:
    """The audio of a codec string as the negotiation wants it; what is wrong is left out."""
    codecs: list[LocalCodec] = []
    for wanted in _preferences(text):
        if not passthrough.find(wanted.name)[1].video:
            codec = _local_codec(wanted)
            if not any(_same(codec, other) for other in codecs):
                codecs.append(codec)
    return tuple(codecs)


@lru_cache(maxsize=256)
def local_video(text: str) -> tuple[VideoFormat, ...]:
    """The video of a codec string; ``fmtp`` is what the string itself says."""
    formats = [
        VideoFormat(wanted.name, wanted.clock_rate, wanted.fmtp, (), wanted.payload_type)
        for wanted in _preferences(text)
        if passthrough.find(wanted.name)[1].video
    ]
    return tuple(dict.fromkeys(formats))


def _preferences(text: str) -> Iterator[CodecPreference]:
    for item in items(text):
        try:
            wanted = parse_preference(item)
        except ValueError:
            continue
        if wanted.name.lower() not in ("telephone-event", "cn"):
            yield wanted


def engine_formats(agreed: NegotiatedVideo) -> tuple[CodecParameters, ...]:
    """Formats of video for the engine, which tells variants apart by their ``fmtp``."""
    return tuple(
        [
            CodecParameters(number, item.theirs.name.upper(), item.theirs.clock_rate, fmtp=variant)
            for item in agreed.formats
            for variant in (item.theirs.variant,)
            for number in dict.fromkeys((item.payload_type, item.receive_payload_type))
        ]
    )


def video_strings(formats: Sequence[VideoFormat], ours: tuple[VideoFormat, ...]) -> str:
    """The video formats of a line that we pass on too, as ``ep_codec_string`` has them."""
    names = [item.name for item in formats if first_match(item, ours) is not None]
    return ",".join(
        [f"{passthrough.find(name)[1].module}.{name}@90000h" for name in dict.fromkeys(names)]
    )


@lru_cache(maxsize=256)
def callers_first(
    codecs: tuple[LocalCodec, ...], wished: tuple[LocalCodec, ...]
) -> tuple[LocalCodec, ...]:
    """Our codecs with those before the others that the caller speaks."""
    names = {(codec.name.lower(), codec.clock_rate) for codec in codecs}
    lead = [codec for codec in wished if (codec.name.lower(), codec.clock_rate) in names]
    rest = [codec for codec in codecs if not any(_same(codec, other) for other in lead)]
    return (*lead, *rest)


def _local_codec(wanted: CodecPreference) -> LocalCodec:
    return LocalCodec(
        wanted.name,
        wanted.clock_rate,
        wanted.channels,
        wanted.payload_type,
        wanted.fmtp,
        wanted.ptime,
        wanted.ptimes,
    )


def _same(one: LocalCodec, other: LocalCodec) -> bool:
    return one.matches(other.name, other.clock_rate, other.channels)


@lru_cache(maxsize=256)
def engine_codecs(
    codecs: tuple[NegotiatedCodec, ...], opus: str = ""
) -> tuple[CodecParameters, ...]:
    """Codecs for the engine: each by the number we send, and by that we receive if it differs.

    ``opus`` is what its encoder is told beside what the far end asks for.
    """
    found = []
    for codec in codecs:
        fmtp = f"{opus}|{codec.fmtp}" if codec.name.lower() == "opus" else codec.fmtp
        for number in dict.fromkeys((codec.payload_type, codec.receive_payload_type)):
            found.append(
                CodecParameters(
                    number,
                    codec.name.upper(),
                    codec.clock_rate,
                    codec.channels,
                    codec.ptime,
                    fmtp,
                )
            )
    return tuple(found)


@lru_cache(maxsize=256)
def with_opus(codecs: tuple[LocalCodec, ...], settings: OpusSettings) -> tuple[LocalCodec, ...]:
    """The codecs with the parameters that ``opus.conf`` wants said; what a string says stays."""
    usual = Opus.fmtp
    return tuple(
        [
            codec._replace(fmtp=opus_parameters(codec.fmtp, settings))
            if codec.name == Opus.name and codec.fmtp.startswith(usual)
            else codec
            for codec in codecs
        ]
    )


@lru_cache(maxsize=256)
def codec_strings(
    formats: tuple[Format, ...], ptime: int | None, ours: tuple[LocalCodec, ...]
) -> str:
    """The formats of a line that we speak too."""
    return ",".join(
        [
            _codec_string(item, ptime or codec.ptime)
            for item in formats
            for codec in ours
            if codec.matches(item.name, item.clock_rate, item.channels)
        ]
    )


def _codec_string(item: Format, ptime: int) -> str:
    """A format as ``ep_codec_string`` has it."""
    text = f"{_module(item.name)}.{item.name}@{item.clock_rate}h@{ptime}i"
    if bits := bit_rate(item.name, item.clock_rate, item.channels):
        text += f"@{bits}b"
    return text if item.channels == 1 else f"{text}@{item.channels}c"


def _module(name: str) -> str:
    """The module that FreeSWITCH has a codec from; of unknown ones it bears their name."""
    entry = registry.codec.find(name)
    return entry.module if entry is not None else f"mod_{name.lower()}"


def sample_rate(name: str, clock_rate: int) -> int:
    """Rate of the sound of a codec with that RTP clock, in Hz."""
    known = described(name)
    return known.sample_rate(clock_rate) if known is not None else clock_rate


def bit_rate(name: str, clock_rate: int, channels: int) -> int:
    """Bits a second of a codec; 0 where that varies."""
    known = described(name)
    if known is not None:
        return known.bits(clock_rate, channels)
    return passthrough.find(name, clock_rate)[1].bit_rate
