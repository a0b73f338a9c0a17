"""What streams and rooms tell: digits, ends of playbacks and recordings, who speaks, and what the
network did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias


@dataclass(frozen=True, slots=True)
class DigitReceived:
    """The far end pressed a key."""

    digit: str
    duration_ms: int
    source: str
    """``rtp`` (RFC 4733) or ``inband``."""


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """A playback came to an end; no other playback has its number."""

    playback: int
    samples: int
    """Samples played, at the rate of the stream's codec."""
    reason: str
    """``done``, ``stopped`` or ``failed``."""


@dataclass(frozen=True, slots=True)
class RecordingFinished:
    """A recording came to an end and its file is complete."""

    recording: int
    samples: int
    reason: str
    """``stopped``, ``limit``, ``silence``, ``closed`` or ``failed: <text>``."""


@dataclass(frozen=True, slots=True)
class MediaStarted:
    """The first packet of a remote source arrived."""

    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class MediaTimeout:
    """Nothing arrived for as long as the stream's parameters bear."""

    silent_ms: int


@dataclass(frozen=True, slots=True)
class RemoteLearned:
    """The stream latched on to another address than was negotiated."""

    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Detected:
    """A detector found what it listens for."""

    detector: int
    frequency: int
    """Of a beep, in Hz; else 0."""


@dataclass(frozen=True, slots=True)
class DigitsSent:
    """The queue of digits to send ran empty."""


@dataclass(frozen=True, slots=True)
class KeysWorn:
    """The key of what is sent has protected almost all the packets it may."""


@dataclass(frozen=True, slots=True)
class PacketPassed:
    """A packet came or was sent, told while `Stream.trace` wants it."""

    sent: bool
    length: int
    """Bytes with the RTP header, unprotected where it came by SRTP."""
    remote: tuple[str, int] | None
    """Where the stream sends to."""
    source: tuple[str, int] | None
    """Where it came from."""
    payload_type: int
    timestamp: int
    sequence: int
    marker: bool


class ReportBlock(NamedTuple):
    """What an RTCP report says of one source (RFC 3550 §6.4.1)."""

    ssrc: int = 0
    fraction_lost: int = 0
    """Of the packets since the last report, in 1/256."""
    cumulative_lost: int = 0
    """Negative where packets came twice."""
    highest_sequence: int = 0
    jitter: int = 0
    """In units of the RTP clock."""
    last_report: int = 0
    """Middle of the NTP time of the last sender report, 0 if none came."""
    delay: int = 0
    """Since then, in 1/65536 s."""


@dataclass(frozen=True, slots=True)
class ReportPassed:
    """An RTCP report came or was sent, told while `Stream.tell_reports` wants it."""

    sent: bool
    ssrc: int
    """Who reports."""
    sender: tuple[int, int, int, int] | None
    """NTP time, RTP timestamp, packets and octets sent; None in a receiver report."""
    blocks: list[ReportBlock]
    last_timestamp: int
    """Of the last packet of audio that came."""
    round_trip_us: int | None
    """Between the engine and the far end, as the report tells."""


@dataclass(frozen=True, slots=True)
class StreamFailed:
    """The stream cannot go on."""

    text: str


@dataclass(frozen=True, slots=True)
class Talking:
    """A member of a room began or ceased to speak."""

    member: int
    """The id of its stream."""
    talking: bool
    score: int
    """Mean absolute value of what it said last."""


@dataclass(frozen=True, slots=True)
class MutedTalking:
    """A member of a room speaks though it is muted."""

    member: int


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """Another member of a room, or nobody, has the floor."""

    member: int | None


MediaEvent: TypeAlias = (
    DigitReceived
    | PlaybackFinished
    | RecordingFinished
    | MediaStarted
    | MediaTimeout
    | RemoteLearned
    | Detected
    | DigitsSent
    | KeysWorn
    | PacketPassed
    | ReportPassed
    | StreamFailed
    | Talking
    | MutedTalking
    | FloorChanged
)


def _report(
    sent: bool,
    ssrc: int,
    sender: tuple[int, int, int, int] | None,
    blocks: list[tuple[int, ...]],
    last_timestamp: int,
    round_trip_us: int | None,
) -> ReportPassed:
    told = [ReportBlock(*block) for block in blocks]
    return ReportPassed(sent, ssrc, sender, told, last_timestamp, round_trip_us)


_KINDS: dict[str, Callable[..., Any]] = {
    "digit": DigitReceived,
    "playback_finished": PlaybackFinished,
    "recording_finished": RecordingFinished,
    "media_started": MediaStarted,
    "media_timeout": MediaTimeout,
    "remote_learned": RemoteLearned,
    "detected": Detected,
    "digits_sent": DigitsSent,
    "keys_worn": KeysWorn,
    "packet": PacketPassed,
    "report": _report,
    "stream_failed": StreamFailed,
    "talking": Talking,
    "muted_talking": MutedTalking,
    "floor_changed": FloorChanged,
}


def from_engine(raw: tuple[Any, ...]) -> tuple[int, MediaEvent]:
    """The stream's id and the event of one tuple of ``Engine.take_events``.

    Raises ValueError for a tuple of no known shape.
    """
    try:
        name, stream, *fields = raw
        return int(stream), _KINDS[name](*fields)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the engine told an event of no known shape: {raw!r}") from error
