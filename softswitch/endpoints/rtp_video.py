"""One leg's video: negotiated beside the audio, and passed on to whoever the audio goes to."""

from __future__ import annotations

from collections.abc import Callable

from softswitch.dialplan.expansion import is_harmless
from softswitch.endpoints.rtp_codecs import engine_formats
from softswitch.endpoints.rtp_security import KeyRing
from softswitch.endpoints.rtp_statistics import statistics
from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.events import KeysWorn, MediaEvent
from softswitch.media.parameters import RtpParameters
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Direction, MediaDescription
from softswitch.sdp.video import NegotiatedVideo, VideoFormat, first_match, formats_of
from softswitch.switch.causes import CallFailed, HangupCause


class VideoMedia:
    """What one leg agreed on for video, and its stream."""

    def __init__(self, engine: MediaEngine, local_ip: str, renew_keys: Callable[[], None]) -> None:
        self.stream: Stream | None = None
        self.agreed: NegotiatedVideo | None = None
        self.wish: bool | None = None
        """Whether the partner's video shall come to this leg, or end here, by our next offer."""
        self.refused = False
        """The far end did not take the video it was offered last."""
        self.keys = KeyRing()
        self._engine = engine
        self._local_ip = local_ip
        self._renew_keys = renew_keys

    def __repr__(self) -> str:
        return f"<VideoMedia {self.stream or 'no stream'} {self.agreed or 'not agreed'}>"

    @property
    def wanted(self) -> bool:
        """Whether the next offer of ours has video."""
        return self.agreed is not None if self.wish is None else self.wish

    def open(self) -> Stream:
        """The stream; its ports are bound when they are first needed."""
        if self.stream is None:
            try:
                self.stream = self._engine.open_stream(self._local_ip)
            except OSError as error:
                raise CallFailed(HangupCause.SWITCH_CONGESTION, f"no RTP port: {error}") from None
            self.stream.on_event = self._on_event
        return self.stream

    def _on_event(self, event: MediaEvent) -> None:
        if isinstance(event, KeysWorn):
            self._renew_keys()

    def settle(
        self, agreed: NegotiatedVideo | None, sound: Stream, *, symmetric: bool, offered: bool
    ) -> None:
        """Take the outcome of an exchange over; ``sound`` is the stream it follows.

        ``offered`` says that an offer of ours had video.
        """
        protected = self.agreed is not None and self.agreed.protection is not None
        self.agreed = agreed
        if agreed is None:
            self.refused = self.refused or offered
            sound.video = None
            self.close()
            return
        self.refused = False
        stream = self.open()
        if agreed.protection is not None:
            stream.protect(agreed.protection)
        elif protected:
            stream.set_srtp(None)
        stream.configure(
            RtpParameters(
                remote_address=agreed.remote_address,
                remote_rtcp_address=agreed.remote_rtcp_address,
                codecs=engine_formats(agreed),
                send=agreed.send,
                receive=agreed.receive,
                symmetric=symmetric,
                rtcp_interval_ms=0,
                rtcp_mux=agreed.rtcp_mux,
                transparent=True,
            )
        )
        sound.video = stream

    def close(self) -> None:
        """Free the ports."""
        if self.stream is not None:
            self.stream.on_event = None
            self.stream.close()
            self.stream = None

    def end(self) -> None:
        """The call is over: free the ports, and let go of whoever it tells of keys."""
        self.close()
        self._renew_keys = _nobody

    def describe(self) -> dict[str, str]:
        """The variables that tell what was agreed."""
        agreed, stream = self.agreed, self.stream
        if agreed is None or stream is None:
            return {}
        chosen = agreed.formats[0]
        name, rate = chosen.theirs.name, str(chosen.theirs.clock_rate)
        fmtp = chosen.theirs.fmtp
        values = {
            "rtp_use_video_codec_name": name,
            "rtp_use_video_codec_rate": rate,
            "rtp_use_video_codec_ptime": "0",
            "rtp_use_video_codec_fmtp": fmtp if is_harmless(fmtp) else "",
            "rtp_last_video_codec_string": f"{name}@{rate}h@0i@1c",
            "rtp_use_video_pt": str(chosen.payload_type),
            "rtp_video_pt": str(chosen.payload_type),
            "rtp_video_recv_pt": str(chosen.receive_payload_type),
            "rtp_use_video_ssrc": str(stream.ssrc),
            "video_read_codec": name,
            "video_write_codec": name,
            "video_media_flow": Direction.of(agreed.send, agreed.receive).value,
            "remote_video_media_flow": Direction.of(agreed.receive, agreed.send).value,
            "video_possible": "true",
            "local_video_ip": stream.local_address[0],
            "local_video_port": str(stream.local_address[1]),
        }
        if agreed.protection is not None:
            values["rtp_secure_media_confirmed_video"] = "true"
        if agreed.remote_address is not None:
            values["remote_video_ip"] = agreed.remote_address[0]
            values["remote_video_port"] = str(agreed.remote_address[1])
        return values

    def statistics(self) -> dict[str, str]:
        """The figures of the stream, in variables like those of the audio."""
        if self.stream is None or self.stream.closed:
            return {}
        values = statistics(self.stream.stats(), 0, 0)
        return {name.replace("rtp_audio_", "rtp_video_"): text for name, text in values.items()}


def _nobody() -> None:
    """There are no keys to be renewed any more."""


def video_line(description: SessionDescription | None) -> MediaDescription | None:
    """The first video line that is in use."""
    lines = description.media if description is not None else []
    return next((line for line in lines if line.kind == "video" and line.port), None)


def offered_formats(
    description: SessionDescription | None, allowed: tuple[VideoFormat, ...]
) -> tuple[VideoFormat, ...]:
    """The formats of a far end's video that may be passed on."""
    line = video_line(description)
    return known_formats(tuple(formats_of(line)) if line is not None else (), allowed)


def known_formats(
    formats: tuple[VideoFormat, ...], allowed: tuple[VideoFormat, ...]
) -> tuple[VideoFormat, ...]:
    """Those of the formats that are allowed, in their order."""
    return tuple([item for item in formats if first_match(item, allowed) is not None])
