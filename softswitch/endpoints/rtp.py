"""One leg's media: offer/answer on one side, one stream of the engine on the other."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.dialplan.expansion import is_harmless
from softswitch.endpoints.rtp_codecs import (
    codec_strings,
    engine_codecs,
    video_strings,
    with_opus,
)
from softswitch.endpoints.rtp_fax import FaxExchange
from softswitch.endpoints.rtp_security import KeyRing
from softswitch.endpoints.rtp_stream import RtpStream
from softswitch.endpoints.rtp_variables import describe, tell_codec, tell_protection
from softswitch.endpoints.rtp_video import VideoMedia, video_line
from softswitch.endpoints.rtp_video_exchange import VideoExchange
from softswitch.endpoints.rtp_wishes import MediaProfile, MediaRefused, attributes, nothing
from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.sdp.audio import (
    LocalAudio,
    LocalCodec,
    NegotiatedAudio,
    Negotiation,
)
from softswitch.sdp.description import SdpError, SessionDescription
from softswitch.sdp.media import Direction
from softswitch.sdp.negotiation import accept_answer, answer, offer
from softswitch.sdp.video import formats_of
from softswitch.switch import digit_flow, rtcp_events
from softswitch.switch.silence import fill_silence

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_session_ids = itertools.count(int(time.time()))


class RtpMedia(RtpStream, VideoExchange, FaxExchange):
    """The media of one leg. Operations raise `MediaRefused` where the sides cannot agree."""

    def __init__(self, engine: MediaEngine, profile: MediaProfile) -> None:
        self.stream: Stream | None = None
        self.audio: NegotiatedAudio | None = None
        """What was agreed last."""
        self.advertised_ip = profile.advertised_rtp_ip
        """The address we promise media at."""
        self._engine = engine
        self._profile = profile
        self._session: Session | None = None
        self._get = nothing
        self._session_id = next(_session_ids)
        self._offered: SessionDescription | None = None
        """The far end's offer that waits for our answer."""
        self._said = ""
        """What the far end offered before it was known whose media it is."""
        self._ours: SessionDescription | None = None
        """What we said last."""
        self._text = ""
        """The same as text."""
        self._held_by_us = False
        self._key_ring = KeyRing()
        self._rtcp_events = rtcp_events.RtcpEvents()
        self._digits_wish = ""
        """How digits shall travel, as the call or its profile said at first."""
        self.video = VideoMedia(engine, profile.rtp_ip, self._renew_keys)
        self.pass_on = None

    def __repr__(self) -> str:
        return f"<RtpMedia {self.stream or 'no stream'} {self.audio or 'not agreed'}>"

    def attach(self, session: Session) -> None:
        """Say whose media it is."""
        self._session = session
        self._get = session.channel.variables.peek
        if self._said:
            session.channel.variables.load({"switch_r_sdp": self._said})

    @property
    def negotiated(self) -> bool:
        """True once both sides agreed."""
        return self.audio is not None

    @property
    def held_by_remote(self) -> bool:
        """True while the far end holds us."""
        return self.audio is not None and self.audio.held

    @property
    def digits_by(self) -> str:
        """How digits go out: ``rfc2833`` inside RTP, ``info`` beside it, or ``none``.

        Where the far end takes none inside RTP they go by INFO, unless
        ``rtp_info_when_no_2833`` is false.
        """
        if self.audio is not None and self.audio.telephone_event is not None:
            return "rfc2833"
        if self._digits_wish == "none" or is_false(self._get("rtp_info_when_no_2833")):
            return "none"
        return "info"

    @property
    def offer(self) -> str:
        """The text of our last offer or answer; empty before the first."""
        return self._text

    # The far end offers

    def take_offer(self, text: str) -> None:
        """Remember an offer until `make_answer`."""
        self._offered = self._read(text)

    @property
    def remote_codecs(self) -> str:
        """The codecs of the waiting offer that we speak too, as ``ep_codec_string`` has them."""
        if self._offered is None:
            return ""
        ours, pictures = self._codecs(inbound=True), self._video_codecs(inbound=True)
        texts = [
            codec_strings(tuple(line.rtp_formats), line.ptime, ours)
            if line.kind == "audio"
            else video_strings(formats_of(line), pictures)
            for line in self._offered.media
            if line.kind in ("audio", "video") and line.port
        ]
        return ",".join([text for text in texts if text])

    def check_offer(self) -> None:
        """Refuse an offer that no codec of ours fits, without opening a port."""
        if self._offered is None:
            return
        local = self._local(9, self._codecs(inbound=True), answering=True)
        # The dialplan has its say about digits before anything is answered.
        self._digits_wish = ""
        settled = answer(self._offered, local, preference=self._preference())
        if settled.audio.rejected is not None:
            raise MediaRefused(f"{settled.audio.rejected}. {settled.report}")

    def make_answer(self, session: Session) -> str:
        """Our answer to the waiting offer; the same text again where it was made already.

        Where the caller offered nothing it is our offer, which its ACK will answer.
        """
        if self._ours is not None:
            return self.offer
        if self._offered is None:
            return self._offer_first(session)
        stream = self._open()
        local = self._local(stream.local_address[1], self._codecs(inbound=True), answering=True)
        video = self._answering_video(local)
        settled = answer(self._offered, local, preference=self._preference(), video=video)
        self._settle(settled)
        return self._text

    def _offer_first(self, session: Session) -> str:
        """Our offer to a caller who made none; we speak its first codec until the ACK answers."""
        text = self.make_offer(session)
        assert self._ours is not None, "it was just made"
        codecs = [
            CodecParameters(item.payload_type, item.name.upper(), item.clock_rate, item.channels)
            for item in self._ours.media[0].rtp_formats
            if item.name.lower() != "telephone-event"
        ]
        self._open().configure(RtpParameters(remote_address=None, codecs=tuple(codecs)))
        return text

    # We offer

    def make_offer(self, session: Session) -> str:
        """Our first offer."""
        codecs = self._codecs(inbound=False)
        if not codecs:
            # A line of audio without formats is no SDP.
            raise MediaRefused("no codec to offer: see absolute_codec_string and codec_string")
        local = self._local(self._open().local_address[1], codecs)
        return self._say(offer(local, video=self._offering_video(local, self._callers_video())))

    def accept_answer(self, text: str) -> None:
        """What came back for our last offer."""
        stream, ours = self._open(), self._ours
        if ours is None:
            raise MediaRefused("an answer came though nothing was offered")
        answered = self._read(text)
        local = self._local(stream.local_address[1], self._codecs(inbound=False))
        video = self._local_video(local, ()) if video_line(ours) is not None else None
        preference = self._preference()
        settled = accept_answer(ours, answered, local, preference=preference, video=video)
        self._settle(settled, offered_video=video is not None)
        self._end_adding()

    # Later exchanges

    def answer_reoffer(self, text: str) -> str:
        """Answer an offer of the far end within the call; what was agreed stays if it fails."""
        stream = self._open()
        offered = self._offered = self._read(text)
        local = self._local(stream.local_address[1], self._codecs(inbound=True), answering=True)
        video, had = self._answering_video(local), self.video.agreed is not None
        settled = answer(
            offered, local, preference=self._preference(), previous=self._ours, video=video
        )
        self._settle(settled)
        if had is not (self.video.agreed is not None):
            self._share_video(not had)
        self._share_sound()
        return self._text

    def reoffer(self, *, held: bool | None = None) -> str:
        """Offer anew within the call; ``held`` begins or ends a hold of ours."""
        if held is not None:
            self._held_by_us = held
        stream = self._open()
        codecs = self._codecs(inbound=False)
        if self.audio is not None and self.audio.codecs:
            # Keep to what is spoken: a new codec would make a new stream of it.
            spoken = self.audio.codecs[0]
            same = [c for c in codecs if c.matches(spoken.name, spoken.clock_rate, spoken.channels)]
            codecs = tuple(same) or codecs
        local = self._local(stream.local_address[1], codecs)
        video = self._offering_video(local, self._spoken_video())
        return self._say(offer(local, self._ours, video))

    def _say(self, description: SessionDescription) -> str:
        """Take a description for our own from now on; its text."""
        self._ours, self._text = description, str(description)
        if self._session is not None:
            said = {"rtp_local_sdp_str": self._text, "switch_l_sdp": self._text}
            self._session.channel.variables.load(said)
        return self._text

    def _read(self, text: str) -> SessionDescription:
        """What the far end says, noted for the operator."""
        try:
            description = SessionDescription.parse(text)
        except SdpError as error:
            raise MediaRefused(f"the SDP cannot be used: {error}") from None
        if is_harmless(text):
            if self._session is None:
                self._said = text
            else:
                self._session.channel.variables.load({"switch_r_sdp": text})
        return description

    def _share_sound(self) -> None:
        """Have the partner's far end speak again too, where it still sends a fax."""
        other = self._other_media()
        if isinstance(other, RtpMedia) and other.faxing and other.pass_on is not None:
            other.pass_on(other.reoffer())

    # The stream

    def _local(
        self, port: int, codecs: tuple[LocalCodec, ...], *, answering: bool = False
    ) -> LocalAudio:
        settings = self._profile.settings
        # What was agreed takes this variable over: the wish is what it was at first.
        self._digits_wish = self._digits_wish or self._get("dtmf_type") or settings.dtmf_type
        wanted = self._digits_wish
        secure, suites = self._security(offer_came=answering)
        codecs = with_opus(codecs, self._opus)
        if forced := self._get("rtp_force_audio_fmtp"):
            codecs = tuple(codec._replace(fmtp=forced) for codec in codecs)
        return LocalAudio(
            address=self.advertised_ip,
            port=port,
            codecs=codecs,
            session_id=self._session_id,
            telephone_event=settings.rfc2833_pt if wanted == "rfc2833" else None,
            # What the far end offers we can do; ourselves we offer it where it is asked for.
            secure=secure,
            crypto=self._crypto(self._key_ring, suites),
            more=attributes(self._get("rtp_append_audio_sdp") or ""),
            rtcp_mux=answering or is_true(self._get("rtcp_mux")),
            direction=Direction.SENDONLY if self._held_by_us else Direction.SENDRECV,
            username=settings.username,
            name=settings.username,
        )

    def _renew_keys(self) -> None:
        """Agree on other keys for all that is sent."""
        if self._session is not None and self.pass_on is not None:
            self._session.log.info("the keys of SRTP are renewed")
            for keys in (self._key_ring, self.video.keys):
                keys.renew()
            self.pass_on(self.reoffer())

    def _settle(self, settled: Negotiation, *, offered_video: bool = False) -> None:
        """Take an outcome over into the stream and the channel."""
        audio = settled.audio
        if audio.rejected is not None:
            raise MediaRefused(f"{audio.rejected}. {settled.report}")
        if settled.description is not self._ours:
            self._say(settled.description)
        self.faxing = False
        was_protected = self.audio is not None and self.audio.protection is not None
        self.audio = audio
        stream = self._open()
        if audio.protection is not None:
            stream.protect(audio.protection)
        elif was_protected:
            stream.set_srtp(None)
        symmetric = self._is_symmetric()
        stream.configure(
            RtpParameters(
                remote_address=audio.remote_address,
                remote_rtcp_address=audio.remote_rtcp_address,
                codecs=engine_codecs(audio.codecs, self._opus.encoder),
                telephone_event=audio.telephone_event,
                telephone_event_receive=audio.telephone_event_receive,
                send=audio.send,
                receive=audio.receive,
                symmetric=symmetric,
                timeout_ms=self._timeout_ms(audio.held),
                rtcp_interval_ms=self._rtcp_interval_ms,
                rtcp_mux=audio.rtcp_mux,
            )
        )
        self.video.settle(settled.video, stream, symmetric=symmetric, offered=offered_video)
        self._watch_partners()
        if self._session is not None:
            self._tell_call(self._session, stream, audio)
            if audio.protection is not None and not was_protected:
                tell_protection(self._session, audio.protection.suite)
            self._hold_packets_back(self._session, stream)
            rtcp_events.ask(self._session, stream)
            self._session.filling = (None, None)
            fill_silence(self._session)

    def _tell_call(self, session: Session, stream: Stream, audio: NegotiatedAudio) -> None:
        """Leave what was agreed in the call's variables, and tell who goes by it."""
        before = session.channel.read_codec
        values = describe(session, stream, audio)
        values |= self.video.describe()
        values["dtmf_type"] = self.digits_by
        values["advertised_media_ip"] = self.advertised_ip
        codecs = self._codecs(inbound=not session.channel.outbound)
        values["rtp_use_codec_string"] = ",".join([codec.name for codec in codecs])
        session.channel.variables.load(values)
        if session.channel.read_codec != before:
            tell_codec(session)
        for one in (session, session.peer):
            if one is not None:
                digit_flow.refresh(one)
