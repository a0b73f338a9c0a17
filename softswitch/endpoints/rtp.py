"""One leg's media: offer/answer on one side, one stream of the engine on the other."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING, Protocol

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.dialplan.expansion import is_harmless
from softswitch.endpoints.rtp_codecs import (
    bit_rate,
    callers_first,
    codec_strings,
    engine_codecs,
    local_codecs,
    sample_rate,
    video_strings,
    with_opus,
)
from softswitch.endpoints.rtp_fax import FaxExchange
from softswitch.endpoints.rtp_security import USUAL, KeyRing, lifetime, security
from softswitch.endpoints.rtp_statistics import NAMES as STATISTICS
from softswitch.endpoints.rtp_statistics import statistics, verdict
from softswitch.endpoints.rtp_video import VideoMedia, video_line
from softswitch.endpoints.rtp_video_exchange import VideoExchange
from softswitch.media.engine import MediaEngine, Stream
from softswitch.media.events import DigitReceived, KeysWorn, MediaEvent, MediaTimeout, StreamFailed
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.sdp.audio import (
    LocalAudio,
    LocalCodec,
    NegotiatedAudio,
    Negotiation,
    Preference,
)
from softswitch.sdp.crypto import Crypto, Secure
from softswitch.sdp.description import SdpError, SessionDescription
from softswitch.sdp.media import Direction
from softswitch.sdp.negotiation import accept_answer, answer, offer
from softswitch.sdp.video import formats_of
from softswitch.switch import digit_flow
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.jitter import parse_delays
from softswitch.switch.opus_settings import WITHOUT_FILE, OpusSettings
from softswitch.switch.silence import fill_silence
from softswitch.switch.states import Direction as CallDirection

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_session_ids = itertools.count(int(time.time()))


class MediaRefused(CallFailed):
    """Nothing that both sides can do was found; the reason tells what was offered and allowed."""

    def __init__(self, reason: str) -> None:
        super().__init__(HangupCause.INCOMPATIBLE_DESTINATION, reason)


class MediaSettings(Protocol):
    """What a profile says of media."""

    @property
    def inbound_codec_negotiation(self) -> str: ...
    @property
    def rfc2833_pt(self) -> int: ...
    @property
    def dtmf_type(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def rtp_timeout_sec(self) -> int: ...
    @property
    def rtp_hold_timeout_sec(self) -> int: ...
    @property
    def rtcp_interval_ms(self) -> int: ...
    @property
    def auto_jitterbuffer_msec(self) -> str: ...
    @property
    def disable_transcoding(self) -> bool: ...
    @property
    def t38_passthru(self) -> bool: ...
    @property
    def disable_rtp_auto_adjust(self) -> bool: ...
    @property
    def require_secure_rtp(self) -> bool: ...
    def codecs(self, *, inbound: bool) -> str: ...


class MediaProfile(Protocol):
    """Where a leg's media lives."""

    @property
    def rtp_ip(self) -> str: ...
    @property
    def advertised_rtp_ip(self) -> str: ...
    @property
    def settings(self) -> MediaSettings: ...


class RtpMedia(VideoExchange, FaxExchange):
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
        self._session_id = next(_session_ids)
        self._offered: SessionDescription | None = None
        """The far end's offer that waits for our answer."""
        self._ours: SessionDescription | None = None
        """What we said last."""
        self._text = ""
        """The same as text."""
        self._held_by_us = False
        self._key_ring = KeyRing()
        self._opened_at = 0.0
        """When the stream was opened, in the loop's time."""
        self._jitter = ""
        """The jitter buffer it has, as the call or its profile wrote it."""
        self._digits_wish = ""
        """How digits shall travel, as the call or its profile said at first."""
        self.video = VideoMedia(engine, profile.rtp_ip, self._renew_keys)
        self.pass_on = None

    def __repr__(self) -> str:
        return f"<RtpMedia {self.stream or 'no stream'} {self.audio or 'not agreed'}>"

    def attach(self, session: Session) -> None:
        """Say whose media it is."""
        self._session = session

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
        stream = self._open()
        local = self._local(stream.local_address[1], self._codecs(inbound=False))
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
            for name in ("rtp_local_sdp_str", "switch_l_sdp"):
                self._session.set(name, self._text)
        return self._text

    def _read(self, text: str) -> SessionDescription:
        """What the far end says, noted for the operator."""
        try:
            description = SessionDescription.parse(text)
        except SdpError as error:
            raise MediaRefused(f"the SDP cannot be used: {error}") from None
        if self._session is not None and is_harmless(text):
            self._session.set("switch_r_sdp", text)
        return description

    def _share_sound(self) -> None:
        """Have the partner's far end speak again too, where it still sends a fax."""
        other = self._other_media()
        if isinstance(other, RtpMedia) and other.faxing and other.pass_on is not None:
            other.pass_on(other.reoffer())

    # The stream

    def close(self) -> None:
        """Free the ports."""
        self.video.close()
        self.pass_on = None
        if self.stream is not None:
            self.stream.on_event = None
            self.stream.close()
            self.stream = None
        self._session = None

    def set_statistics(self, session: Session) -> None:
        """Leave the stream's figures in the call's variables; to be called before `close`."""
        if self.stream is None or self.stream.closed:
            return
        figures = self.stream.stats()
        elapsed = session.switch.loop.time() - self._opened_at
        audio = self.audio
        if audio is not None:
            text = verdict(
                figures,
                promised=audio.remote_address,
                local=self.stream.local_address,
                sends=audio.send,
                receives=audio.receive,
            )
            session.set("rtp_audio_verdict", text or "both sides were heard")
            if text and elapsed >= 1 and session.channel.answered:
                session.log.warning("%s", text)
        ptime = (audio.ptime if audio is not None else None) or 20
        session.channel.variables.defer(
            STATISTICS, lambda: statistics(figures, elapsed * 1000, ptime)
        )
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
            more=_attributes(self._get("rtp_append_audio_sdp") or ""),
            rtcp_mux=answering or is_true(self._get("rtcp_mux")),
            direction=Direction.SENDONLY if self._held_by_us else Direction.SENDRECV,
            username=settings.username,
            name=settings.username,
        )

    def _crypto(self, keys: KeyRing, suites: tuple[str, ...]) -> tuple[Crypto, ...]:
        """Our crypto lines for these suites."""
        named = is_true(self._setting("rtp_secure_media_mki"))
        life = lifetime(self._setting("rtp_secure_media_lifetime"))
        return keys.lines(suites, named=named, lifetime=life)

    def _renew_keys(self) -> None:
        """Agree on other keys for all that is sent."""
        if self._session is not None and self.pass_on is not None:
            self._session.log.info("the keys of SRTP are renewed")
            for keys in (self._key_ring, self.video.keys):
                keys.renew()
            self.pass_on(self.reoffer())

    def _security(self, *, offer_came: bool) -> tuple[Secure, tuple[str, ...]]:
        """Whether the next exchange is to agree on SRTP, and by which suites."""
        session = self._session
        inbound = session is None or session.channel.direction is CallDirection.INBOUND
        secure, suites, lacking = security(self._setting, inbound=inbound)
        if self._profile.settings.require_secure_rtp:
            secure = Secure.MANDATORY
            suites = suites or USUAL
        if lacking and session is not None:
            # FreeSWITCH's own configuration lists suites that hardly anybody has.
            session.log.debug("no suite of SRTP is called %s", ", ".join(lacking))
            if not suites:
                raise MediaRefused(f"no suite of SRTP is called {', '.join(lacking)}")
        if offer_came:
            offered = self._offered
            if secure is not Secure.MANDATORY and offered is not None:
                # Keys are made where they are of use.
                suites = suites if any(line.crypto for line in offered.media) else ()
            return secure, suites
        if self.audio is not None:
            # Later offers of ours keep what was agreed.
            protected = self.audio.protection is not None
            secure = Secure.MANDATORY if protected else Secure.FORBIDDEN
        elif inbound and secure is Secure.OPTIONAL:
            secure = Secure.FORBIDDEN
        return secure, () if secure is Secure.FORBIDDEN else suites

    @property
    def _opus(self) -> OpusSettings:
        """What ``opus.conf`` says."""
        session = self._session
        return session.switch.generation.opus if session is not None else WITHOUT_FILE

    def _setting(self, name: str) -> str | None:
        """A variable of the call, else of the switch."""
        value = self._get(name)
        if value is None and self._session is not None:
            value = self._session.switch.globals.get(name)
        return value

    def _codecs(self, *, inbound: bool) -> tuple[LocalCodec, ...]:
        """The codecs this leg may use, in order.

        ``absolute_codec_string`` overrules everything; then ``codec_string``, then the profile,
        with the caller's own codec first where we call on its behalf.
        """
        text = self._get("absolute_codec_string") or (self._inherited() if inbound else None)
        if text:
            return local_codecs(text)
        text = self._get("codec_string") or self._profile.settings.codecs(inbound=inbound)
        codecs = local_codecs(text)
        if not inbound:
            first = self._get("originator_codec")
            if first and self._profile.settings.disable_transcoding:
                return local_codecs(first)
            if is_true(self._get("media_mix_inbound_outbound_codecs")):
                offered = self._of_caller("ep_codec_string") or first or ""
                return local_codecs(f"{offered},{text}")
            if first:
                return callers_first(codecs, local_codecs(first))
        return codecs

    def _of_caller(self, name: str) -> str | None:
        """A variable of the leg on whose behalf we call."""
        session = self._session
        caller = session.switch.find(session.channel.originator or "") if session else None
        return caller.channel.variables.get(name) if caller is not None else None

    def _inherited(self) -> str | None:
        """With ``inherit_codec`` the codec of the leg we rang, where our caller offered it too.

        ``passthru`` takes whatever of the offer the other leg could be offered.
        """
        session, wish = self._session, self._get("inherit_codec")
        passed = (wish or "").lower() == "passthru"
        if session is None or not (passed or is_true(wish)):
            return None
        winner = self._get("originate_signal_bond") or session.channel.originatee or ""
        called = session.switch.find(winner)
        if called is None:
            return None
        if passed:
            return called.channel.variables.get("rtp_use_codec_string")
        name = called.channel.variables.get("rtp_use_codec_name")
        codec = f"{name}@{called.channel.variables.get('rtp_use_codec_rate')}h"
        return codec if name and f".{codec}@" in (self._get("ep_codec_string") or "") else None

    def _preference(self) -> Preference:
        return Preference(self._profile.settings.inbound_codec_negotiation)

    def _get(self, name: str) -> str | None:
        return self._session.channel.variables.get(name) if self._session is not None else None

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
        settings = self._profile.settings
        protection = audio.protection
        if protection is not None:
            stream.protect(protection)
        elif was_protected:
            stream.set_srtp(None)
        stream.configure(
            RtpParameters(
                remote_address=audio.remote_address,
                remote_rtcp_address=audio.remote_rtcp_address,
                codecs=engine_codecs(audio.codecs, self._opus.encoder),
                telephone_event=audio.telephone_event,
                telephone_event_receive=audio.telephone_event_receive,
                send=audio.send,
                receive=audio.receive,
                symmetric=self._is_symmetric(),
                timeout_ms=self._timeout_ms(audio.held),
                rtcp_interval_ms=settings.rtcp_interval_ms,
                rtcp_mux=audio.rtcp_mux,
            )
        )
        self.video.settle(
            settled.video, stream, symmetric=self._is_symmetric(), offered=offered_video
        )
        if self._session is not None:
            before = self._session.channel.read_codec
            values = _describe(self._session, stream, audio)
            values |= self.video.describe()
            values["dtmf_type"] = self.digits_by
            values["advertised_media_ip"] = self.advertised_ip
            called = self._session.channel.outbound
            names = [codec.name for codec in self._codecs(inbound=not called)]
            values["rtp_use_codec_string"] = ",".join(names)
            self._session.channel.variables.load(values)
            if self._session.channel.read_codec != before:
                _tell_codec(self._session)
            for one in (self._session, self._session.peer):
                if one is not None:
                    digit_flow.refresh(one)

            if protection is not None and not was_protected:
                _tell_protection(self._session, protection.suite)
            self._hold_packets_back(self._session, stream)
            self._session.filling = (None, None)
            fill_silence(self._session)

    def _is_symmetric(self) -> bool:
        """Whether to send where packets come from: as the call says, else its profile."""
        named = self._get("disable_rtp_auto_adjust")
        return not (is_true(named) if named else self._profile.settings.disable_rtp_auto_adjust)

    def _timeout_ms(self, held: bool) -> int:
        """How long silence on the wire is borne: of the call, else of the profile; 0 for ever."""
        names = _TIMEOUTS[held]
        for name, unit in names:
            value = self._get(name) or ""
            if value.isdecimal():
                return min(int(value) * unit, 0x7FFFFFFF)
        settings = self._profile.settings
        seconds = settings.rtp_hold_timeout_sec if held else settings.rtp_timeout_sec
        return seconds * 1000

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
            case StreamFailed(text=text):
                session.log.error("the media stream failed: %s", text)
                session.on_hangup(HangupCause.NORMAL_TEMPORARY_FAILURE)
            case _:
                pass


def _attributes(text: str) -> tuple[tuple[str, str | None], ...]:
    """Lines such as ``a=fmtp:18 annexb=no`` as attributes; other lines are left out."""
    found: list[tuple[str, str | None]] = []
    for line in text.replace("\\n", "\n").splitlines():
        name, colon, value = line.strip().removeprefix("a=").partition(":")
        if line.strip().startswith("a=") and name:
            found.append((name, value if colon else None))
    return tuple(found)


def _tell_protection(session: Session, suite: str) -> None:
    """The channel's variables and the event of a call that is protected now."""
    for name in ("rtp_secure_media_confirmed", "rtp_secure_media_confirmed_audio"):
        session.set(name, "true")
    for name in ("rtp_has_crypto", "rtp_secure_media_negotiated"):
        session.set(name, suite)
    session.switch.fire(session, "CALL_SECURE", first={"secure_type": f"srtp:sdes:{suite}"})


def _tell_codec(session: Session) -> None:
    """An event for what is read and one for what is written, named as FreeSWITCH does."""
    codec = session.channel.read_codec
    assert codec is not None, "told of once it is agreed"
    name, rate, bits = codec[0], str(codec[1]), str(codec[2])
    read = {"name": name, "rate": rate, "bit-rate": bits}
    session.switch.fire(session, "CODEC", {f"channel-read-codec-{k}": v for k, v in read.items()})
    session.switch.fire(session, "CODEC", {"Channel-Write-codec-bit-rate": bits})


_TIMEOUTS = {
    False: (("media_timeout_audio", 1), ("media_timeout", 1), ("rtp_timeout_sec", 1000)),
    True: (
        ("media_hold_timeout_audio", 1),
        ("media_hold_timeout", 1),
        ("rtp_hold_timeout_sec", 1000),
    ),
}
"""The variables that limit silence on the wire, off hold and on it, and their milliseconds."""


def _describe(session: Session, stream: Stream, audio: NegotiatedAudio) -> dict[str, str]:
    """The variables that tell what was negotiated; the channel's codecs are set at once."""
    codec = audio.codec
    assert codec is not None, "an agreed exchange has a codec"
    channel = session.channel
    heard = str(sample_rate(codec.name, codec.clock_rate))
    bits = bit_rate(codec.name, codec.clock_rate, codec.channels)
    channel.read_codec = channel.write_codec = (codec.name, int(heard), bits)
    rate, ptime, direction = str(codec.clock_rate), str(codec.ptime), audio.direction.value
    values = {
        "rtp_use_codec_name": codec.name,
        "rtp_use_codec_rate": rate,
        "rtp_use_codec_ptime": ptime,
        "rtp_use_codec_channels": str(codec.channels),
        "rtp_use_codec_fmtp": codec.fmtp if is_harmless(codec.fmtp) else "",
        "rtp_last_audio_codec_string": f"{codec.name}@{rate}h@{ptime}i@{codec.channels}c",
        "rtp_use_pt": str(codec.payload_type),
        "rtp_audio_recv_pt": str(codec.receive_payload_type),
        "rtp_use_ssrc": str(stream.ssrc),
        "rtp_use_timer_name": "soft",
        "read_codec": codec.name,
        "write_codec": codec.name,
        "original_read_codec": channel.variables.get("original_read_codec") or codec.name,
        "read_rate": heard,
        "write_rate": heard,
        "original_read_rate": channel.variables.get("original_read_rate") or heard,
        "audio_media_flow": direction,
        "remote_audio_media_flow": Direction.of(audio.receive, audio.send).value,
        "local_media_ip": stream.local_address[0],
        "local_media_port": str(stream.local_address[1]),
    }
    if audio.telephone_event is not None:
        values["rtp_2833_send_payload"] = str(audio.telephone_event)
        values["rtp_2833_recv_payload"] = str(audio.telephone_event_receive)
    if audio.remote_address is not None:
        values["remote_media_ip"] = audio.remote_address[0]
        values["remote_media_port"] = str(audio.remote_address[1])
    return values
