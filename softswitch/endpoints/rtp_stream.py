"""One leg's stream of sound: opened when first needed, heard while the call lasts, then closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.rtp_statistics import leave, note
from softswitch.endpoints.rtp_video import VideoMedia
from softswitch.endpoints.rtp_wishes import MediaWishes, nothing
from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.events import (
    DigitReceived,
    KeysWorn,
    MediaEvent,
    MediaTimeout,
    ReportPassed,
    StreamFailed,
)
from softswitch.sdp.audio import NegotiatedAudio
from softswitch.switch import rtcp_events
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.jitter import parse_delays

if TYPE_CHECKING:
    from softswitch.switch.session import Session


class RtpStream(MediaWishes):
    """What `RtpMedia` does with the stream of its leg."""

    stream: Stream | None
    video: VideoMedia
    pass_on: Callable[[str], None] | None
    """Offers a description to the far end, once the call is answered."""
    _engine: MediaEngine
    _opened_at = 0.0
    """When the stream was opened, in the loop's time."""
    _rtcp_events: rtcp_events.RtcpEvents
    _jitter = ""
    """The jitter buffer it has, as the call or its profile wrote it."""

    def close(self) -> None:
        """Free the ports."""
        self.video.end()
        self.pass_on = None
        if self.stream is not None:
            self.stream.on_event = None
            self.stream.close()
            self.stream = None
        self._session, self._get = None, nothing

    def set_statistics(self, session: Session) -> None:
        """Leave the stream's figures in the call's variables; to be called before `close`."""
        self._leave_statistics(session, leave)

    def note_statistics(self, session: Session) -> None:
        """Leave the stream's figures so far in the call's variables."""
        self._leave_statistics(session, note)

    def _leave_statistics(
        self,
        session: Session,
        how: Callable[[Session, Stream, NegotiatedAudio | None, float], None],
    ) -> None:
        if self.stream is not None and not self.stream.closed:
            elapsed = session.switch.loop.time() - self._opened_at
            how(session, self.stream, self.audio, elapsed)
            session.channel.variables.load(self.video.statistics())

    def _open(self) -> Stream:
        if self.stream is None:
            try:
                self.stream = self._engine.open_stream(self._profile.rtp_ip)
            except OSError as error:
                raise CallFailed(HangupCause.SWITCH_CONGESTION, f"no RTP port: {error}") from None
            self.stream.on_event = self._on_event
            self._opened_at = asyncio.get_running_loop().time()
        return self.stream

    def _hold_packets_back(self, session: Session, stream: Stream) -> None:
        wanted = self._get("jitterbuffer_msec") or self._profile.settings.auto_jitterbuffer_msec
        if wanted == self._jitter:
            return
        self._jitter = wanted
        try:
            delays = parse_delays(wanted or "0", (self.audio and self.audio.ptime) or 20)
        except ValueError as error:
            session.log.error("jitterbuffer_msec: %s", error)
            return
        in_bridge = is_true(self._get("rtp_jitter_buffer_during_bridge"))
        stream.set_jitter_buffer(delays.initial, delays.greatest, in_bridge=in_bridge)

    def _on_event(self, event: MediaEvent) -> None:
        session = self._session
        if session is None:
            return
        match event:
            case DigitReceived(digit=digit, duration_ms=duration, source=source):
                session.on_digit(digit, duration, source)
            case MediaTimeout(silent_ms=silent):
                session.log.warning("no RTP came for %d ms", silent)
                session.on_media_timeout()
            case KeysWorn():
                self._renew_keys()
            case ReportPassed():
                self._rtcp_events.tell(session, event)
            case StreamFailed(text=text):
                session.log.error("the media stream failed: %s", text)
                session.on_hangup(HangupCause.NORMAL_TEMPORARY_FAILURE)
            case _:
                pass

    def _renew_keys(self) -> None:
        """Agree on other keys for all that is sent."""
        raise NotImplementedError
