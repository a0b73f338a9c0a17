"""What is left of a call's audio: the ``rtp_audio_…`` variables, and a verdict in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softswitch.media.stream import Stream
    from softswitch.sdp.audio import NegotiatedAudio
    from softswitch.switch.session import Session

_COUNTS = (
    ("rtp_audio_in_raw_bytes", "bytes_in"),
    ("rtp_audio_in_media_bytes", "bytes_in"),
    ("rtp_audio_in_packet_count", "packets_in"),
    ("rtp_audio_in_media_packet_count", "packets_in"),
    ("rtp_audio_in_jitter_packet_count", "jitter_packets"),
    ("rtp_audio_in_dtmf_packet_count", "dtmf_packets"),
    ("rtp_audio_in_cng_packet_count", "cng_packets"),
    ("rtp_audio_in_flush_packet_count", "flushed"),
    ("rtp_audio_in_largest_jb_size", "largest_buffer_ms"),
    ("rtp_audio_in_jitter_min_variance", "jitter_min_variance"),
    ("rtp_audio_in_jitter_max_variance", "jitter_max_variance"),
    ("rtp_audio_in_jitter_loss_rate", "loss_rate"),
    ("rtp_audio_in_jitter_burst_rate", "burst_rate"),
    ("rtp_audio_in_mean_interval", "mean_interval_ms"),
    ("rtp_audio_in_flaw_total", "flaws"),
    ("rtp_audio_in_quality_percentage", "quality"),
    ("rtp_audio_in_mos", "mos"),
    ("rtp_audio_out_raw_bytes", "bytes_out"),
    ("rtp_audio_out_media_bytes", "bytes_out"),
    ("rtp_audio_out_packet_count", "packets_out"),
    ("rtp_audio_out_media_packet_count", "packets_out"),
    ("rtp_audio_out_dtmf_packet_count", "dtmf_packets_out"),
    ("rtp_audio_rtcp_packet_count", "rtcp_out"),
    ("rtp_audio_rtcp_octet_count", "rtcp_bytes_out"),
)
"""FreeSWITCH's names, and the engine's."""
_SKIPPED = "rtp_audio_in_skip_packet_count"
_NEVER = {"rtp_audio_out_skip_packet_count": "0", "rtp_audio_out_cng_packet_count": "0"}
"""What does not happen here."""
_VERDICT = "rtp_audio_verdict"
NAMES = frozenset((*dict(_COUNTS), _SKIPPED, *_NEVER, _VERDICT))
"""All variables that `statistics` may give."""
_USUAL_PTIME = 20


def leave(session: Session, stream: Stream, audio: NegotiatedAudio | None, elapsed: float) -> None:
    """Leave a stream's last figures in the call's variables, worked out once somebody asks.

    ``elapsed`` is for how many seconds it was open. What was wrong with the audio of a call of a
    second and more is logged.
    """
    figures = stream.stats()
    judge: Callable[[], str] | None = None
    if audio is not None:
        judge = partial(
            verdict,
            figures,
            promised=audio.remote_address,
            local=stream.local_address,
            sends=audio.send,
            receives=audio.receive,
        )
        if elapsed >= 1 and session.channel.answered and (text := judge()):
            session.log.warning("%s", text)
    variables = session.channel.variables
    values = partial(statistics, figures, elapsed * 1000, _ptime_of(audio), judge)
    if variables.peek("rtp_audio_in_packet_count") is None:
        variables.defer(NAMES, lambda _: values())
    else:
        # Those that were asked for during the call are worn.
        variables.load(values())


def note(session: Session, stream: Stream, audio: NegotiatedAudio | None, elapsed: float) -> None:
    """Leave a stream's figures so far in the call's variables; they get no verdict yet."""
    values = statistics(stream.stats(), elapsed * 1000, _ptime_of(audio))
    session.channel.variables.load(values)


def _ptime_of(audio: NegotiatedAudio | None) -> int:
    return (audio.ptime if audio is not None else None) or _USUAL_PTIME


def statistics(
    figures: Mapping[str, Any],
    elapsed_ms: float,
    ptime: int,
    judge: Callable[[], str] | None = None,
) -> dict[str, str]:
    """The variables of a stream that could receive for so many milliseconds.

    ``judge`` is `verdict` of its audio, where some was agreed.
    """
    values = {}
    if judge is not None:
        values[_VERDICT] = judge() or "both sides were heard"
    for name, key in _COUNTS:
        value = figures.get(key)
        if value is not None:
            values[name] = f"{value:.2f}" if isinstance(value, float) else str(value)
    due = int(elapsed_ms // ptime) if ptime else 0
    skipped = max(due - figures.get("packets_in", 0), 0)
    values[_SKIPPED] = str(skipped)
    return values | _NEVER


def verdict(
    figures: Mapping[str, Any],
    *,
    promised: tuple[str, int] | None,
    local: tuple[str, int],
    sends: bool = True,
    receives: bool = True,
) -> str:
    """What was wrong with a call's audio, in a sentence; empty where both sides were heard.

    ``promised`` is where the far end said it is, ``sends`` and ``receives`` what was agreed last.
    """
    came, went = figures.get("packets_in", 0), figures.get("packets_out", 0)
    heard_nothing, sent_nothing = receives and not came, sends and not went
    if not heard_nothing and not sent_nothing:
        return ""
    parts = []
    if heard_nothing:
        where = f" ({_address(promised)} was promised)" if promised is not None else ""
        parts.append(f"the far end sent nothing{where} to {_address(local)}")
        parts += _strangers(figures)
    if sent_nothing:
        parts.append("nothing was sent to the far end")
    kind = "no audio" if heard_nothing and not went else "one-way audio"
    if sent_nothing and not heard_nothing:
        kind = "one-way audio"
    return f"{kind}: {'; '.join(parts)}"


def _strangers(figures: Mapping[str, Any]) -> list[str]:
    """What did arrive, but could not be taken."""
    found = []
    stranger = figures.get("stranger")
    if stranger is not None:
        count = figures.get("foreign", 0)
        found.append(f"{count} packets came from {_address(stranger)} instead and were not taken")
    for key, what in (
        ("unknown_payload", "packets had a payload type that was not agreed"),
        ("malformed", "packets were no RTP"),
        ("unprotected", "packets were not protected as agreed"),
    ):
        if figures.get(key):
            found.append(f"{figures[key]} {what}")
    return found


def _address(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
