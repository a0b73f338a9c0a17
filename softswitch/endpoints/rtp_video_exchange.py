"""The half of a leg's media that agrees on video: with its far end, and with the other leg's."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.endpoints.loopback import LoopbackLeg
from softswitch.endpoints.rtp_codecs import local_video
from softswitch.endpoints.rtp_video import VideoMedia, known_formats, offered_formats, video_line
from softswitch.endpoints.rtp_wishes import MediaWishes
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.video import USUAL_FEEDBACK, LocalVideo, VideoFormat, formats_of

if TYPE_CHECKING:
    from softswitch.sdp.audio import LocalAudio
    from softswitch.switch.session import Session


class VideoExchange(MediaWishes):
    """What `RtpMedia` says and takes of video in each exchange."""

    video: VideoMedia
    pass_on: Callable[[str], None] | None
    """Offers a description to the far end, once the call is answered."""
    _ours: SessionDescription | None
    _watching = False

    def _video_codecs(self, *, inbound: bool) -> tuple[VideoFormat, ...]:
        """The video this leg may pass on, in order; by the same wishes as its audio."""
        if self._session is not None and self._session.refuses_video:
            return ()
        text = self._get("absolute_codec_string") or self._get("codec_string")
        return local_video(text or self._profile.settings.codecs(inbound=inbound))

    def _local_video(
        self, local: LocalAudio, formats: tuple[VideoFormat, ...], *, single: bool = False
    ) -> LocalVideo:
        """Our side of video, like that of the audio."""
        suites = tuple([crypto.suite for crypto in local.crypto])
        return LocalVideo(
            address=local.address,
            port=self.video.open().local_address[1] if formats else 9,
            formats=formats,
            direction=local.direction,
            secure=local.secure,
            crypto=self._crypto(self.video.keys, suites),
            rtcp_mux=local.rtcp_mux,
            single=single,
        )

    def _answering_video(self, local: LocalAudio) -> LocalVideo | None:
        """Our side of video for the waiting offer: what the other leg's far end agreed to.

        Where there is none yet, it is the first of the offered formats that we may pass on.
        """
        if not offered_formats(self._offered, allowed := self._video_codecs(inbound=True)):
            return None
        other = self._other_media()
        if other is None or not other.negotiated:
            return self._local_video(local, allowed, single=True)
        if other.video.agreed is not None:
            theirs = other.video.agreed
            return self._local_video(local, theirs.theirs)._replace(bandwidth=theirs.bandwidth)
        if self.negotiated and not other.video.refused:
            # Within a call: the other far end is asked next.
            return self._local_video(local, allowed, single=True)
        return None

    def _offering_video(
        self, local: LocalAudio, formats: tuple[VideoFormat, ...]
    ) -> LocalVideo | None:
        """Our side of video for an offer of ours."""
        if not formats:
            return None
        other = self._other_media()
        agreed = other.video.agreed if other is not None else None
        line = video_line(other._offered) if other is not None else None
        video = self._local_video(local, formats)
        if agreed is not None:
            return video._replace(
                bandwidth=agreed.bandwidth, feedback_profile=agreed.feedback_profile
            )
        if line is not None:
            feedback = line.protocol.upper().endswith("F")
            return video._replace(bandwidth=tuple(line.bandwidth), feedback_profile=feedback)
        return video

    def _callers_video(self) -> tuple[VideoFormat, ...]:
        """What to offer at first: the caller's video; ours where nobody called."""
        allowed = self._video_codecs(inbound=False)
        session = self._session
        if session is None or not allowed:
            return ()
        if session.channel.originator is None:
            return tuple([item._replace(feedback=USUAL_FEEDBACK) for item in allowed])
        caller = self._other_media()
        if caller is None:
            return ()
        if caller.video.agreed is not None:
            return known_formats(caller.video.agreed.theirs, allowed)
        refuses = caller._session is not None and caller._session.refuses_video
        if caller.negotiated or refuses:
            return ()
        return offered_formats(caller._offered, allowed)

    def _spoken_video(self) -> tuple[VideoFormat, ...]:
        """What to offer within a call: what is spoken already, else the partner's video."""
        if not self.video.wanted:
            return ()
        line = video_line(self._ours)
        if line is not None:
            return tuple(formats_of(line))
        other = self._other_media()
        agreed = other.video.agreed if other is not None else None
        allowed = self._video_codecs(inbound=False)
        return known_formats(agreed.theirs, allowed) if agreed is not None else ()

    def _other_media(self) -> VideoExchange | None:
        """The media of whoever this leg talks to, or is to talk to; past pairs of loopback."""
        session = self._session
        if session is None:
            return None
        channel = session.channel
        if session.peer is not None or self.negotiated:
            other = session.peer
        else:
            winner = channel.variables.get("originate_signal_bond") or channel.originatee
            uuid = winner or channel.originator
            other = session.switch.find(uuid) if uuid else None
        if other is not None and isinstance(other.leg, LoopbackLeg):
            other = other.leg.beyond
        media = getattr(other.leg, "rtp", None) if other is not None else None
        return media if isinstance(media, VideoExchange) else None

    def _share_video(self, began: bool) -> None:
        """Offer the partner's far end video too, or end it there."""
        session = self._session
        other = self._other_media()
        if session is None or session.peer is None or other is None:
            return
        has = other.video.agreed is not None
        if has is not began and other.negotiated and other.pass_on is not None:
            other.video.wish = began
            other.pass_on(other.reoffer())

    def _end_adding(self) -> None:
        """Our partner began video: where our far end refused it, it ends there again."""
        wish, self.video.wish = self.video.wish, None
        if wish and self.video.agreed is None:
            self._share_video(False)

    def _watch_partners(self) -> None:
        """Look at each bridge whether the partner's far end takes the video of this one."""
        session = self._session
        if self.video.agreed is not None and session is not None and not self._watching:
            self._watching = True
            session.watchers.append(self._on_told)

    def _on_told(self, session: Session, what: str) -> None:
        """End video that was agreed before the partner's far end refused it."""
        other = self._other_media() if what == "bridged" else None
        refused = other is not None and other.negotiated and other.video.refused
        if refused and self.video.agreed is not None and self.pass_on is not None:
            self.video.wish = False
            self.pass_on(self.reoffer())

    @property
    def negotiated(self) -> bool:
        """True once both sides agreed."""
        raise NotImplementedError

    def reoffer(self, *, held: bool | None = None) -> str:
        """An offer within the call."""
        raise NotImplementedError
