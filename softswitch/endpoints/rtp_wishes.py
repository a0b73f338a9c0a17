"""What a call and its profile want of media: codecs, keys, timeouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.rtp_codecs import callers_first, local_codecs
from softswitch.endpoints.rtp_security import USUAL, WISHES, KeyRing, lifetime, security
from softswitch.media.codecs.preference import items
from softswitch.sdp.audio import LocalCodec, NegotiatedAudio, Preference
from softswitch.sdp.crypto import Crypto, Secure
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.opus_settings import WITHOUT_FILE, OpusSettings
from softswitch.switch.states import Direction as CallDirection

if TYPE_CHECKING:
    from softswitch.sdp.description import SessionDescription
    from softswitch.switch.session import Session

_TIMEOUTS = {
    False: (("media_timeout_audio", 1), ("media_timeout", 1), ("rtp_timeout_sec", 1000)),
    True: (
        ("media_hold_timeout_audio", 1),
        ("media_hold_timeout", 1),
        ("rtp_hold_timeout_sec", 1000),
    ),
}
"""The variables that limit silence on the wire, off hold and on it, and their milliseconds."""


_PREFERENCES = {preference.value: preference for preference in Preference}


_LEAST_RTCP_MS, _MOST_RTCP_MS = 100, 500_000


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


class MediaWishes:
    """What `RtpMedia` reads of its call's variables, of the profile and of the switch."""

    audio: NegotiatedAudio | None
    """What was agreed last."""
    _profile: MediaProfile
    _session: Session | None
    _get: Callable[[str], str | None]
    """A variable of the call, by its lower-case name; all are None before there is a call."""
    _offered: SessionDescription | None
    """The far end's offer that waits for our answer."""

    def _security(self, *, offer_came: bool) -> tuple[Secure, tuple[str, ...]]:
        """Whether the next exchange is to agree on SRTP, and by which suites."""
        session = self._session
        inbound = session is None or session.channel.direction is CallDirection.INBOUND
        wishes = session.pick(WISHES) if session is not None else {}
        secure, suites, lacking = security(wishes, inbound=inbound)
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

    def _crypto(self, keys: KeyRing, suites: tuple[str, ...]) -> tuple[Crypto, ...]:
        """Our crypto lines for these suites."""
        if not suites:
            return ()
        wishes = self._session.pick(WISHES) if self._session is not None else {}
        named = is_true(wishes.get("rtp_secure_media_mki"))
        life = lifetime(wishes.get("rtp_secure_media_lifetime"))
        return keys.lines(suites, named=named, lifetime=life)

    @property
    def _opus(self) -> OpusSettings:
        """What ``opus.conf`` says."""
        session = self._session
        return session.switch.generation.opus if session is not None else WITHOUT_FILE

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
                return local_codecs(",".join([*items(offered), *items(text)]))
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
        if session is None or not wish:
            return None
        passed = wish.lower() == "passthru"
        if not passed and not is_true(wish):
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
        return _PREFERENCES[self._profile.settings.inbound_codec_negotiation]

    def _is_symmetric(self) -> bool:
        """Whether to send where packets come from: as the call says, else its profile."""
        named = self._get("disable_rtp_auto_adjust")
        return not (is_true(named) if named else self._profile.settings.disable_rtp_auto_adjust)

    @property
    def _rtcp_interval_ms(self) -> int:
        """Time between RTCP reports: of the call, else of the profile; 0 is none."""
        value = self._get("rtcp_audio_interval_msec")
        if not value:
            return self._profile.settings.rtcp_interval_ms
        if value.isdecimal() and _LEAST_RTCP_MS <= int(value) <= _MOST_RTCP_MS:
            return int(value)
        if value.lower() != "passthru" and self._session is not None:
            self._session.log.error(
                "rtcp_audio_interval_msec: %s is not between %d and %d",
                value,
                _LEAST_RTCP_MS,
                _MOST_RTCP_MS,
            )
        return 5000

    def _timeout_ms(self, held: bool) -> int:
        """How long silence on the wire is borne: of the call, else of the profile; 0 for ever."""
        names = _TIMEOUTS[held]
        for name, unit in names:
            value = self._get(name)
            if value and value.isdecimal():
                return min(int(value) * unit, 0x7FFFFFFF)
        settings = self._profile.settings
        seconds = settings.rtp_hold_timeout_sec if held else settings.rtp_timeout_sec
        return seconds * 1000


def nothing(name: str) -> None:
    """Stands for a call's variables before there is a call."""


def attributes(text: str) -> tuple[tuple[str, str | None], ...]:
    """Lines such as ``a=fmtp:18 annexb=no`` as attributes; other lines are left out."""
    if not text:
        return ()
    found: list[tuple[str, str | None]] = []
    for line in text.replace("\\n", "\n").splitlines():
        name, colon, value = line.strip().removeprefix("a=").partition(":")
        if line.strip().startswith("a=") and name:
            found.append((name, value if colon else None))
    return tuple(found)
