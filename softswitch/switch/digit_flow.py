"""Where a digit goes that a party pressed: to an application, to its partner, or nowhere.

Telephone events pass from leg to leg inside the engine, at once and with the rest of the audio,
where nothing here wants a say. Else they are told as digits, and sent on in the way the partner
understands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch.bindings import heed, is_watched
from softswitch.switch.broadcast import broadcast
from softswitch.switch.digits import Digit
from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.switch.session import Session

DUPLICATE_SECONDS = 0.5
"""The same key heard in another way within this time after its end is the same press."""


_KEEPING = ("drop_dtmf", "bridge_filter_dtmf", "sensitive_dtmf")


@dataclass(slots=True)
class DigitRules:
    """What was asked for about the digits of one party."""

    blocked: bool = False
    """They are nobody's."""
    dropped: bool | None = None
    """They do not reach the partner; None is as ``drop_dtmf`` says."""
    deduplicated: bool = False
    only_rtp: bool = False
    """Only events inside RTP count."""
    tones_to_partner: bool = False
    """They reach the partner as tones."""
    tones_to_us: bool = False
    """Digits for this party reach it as tones."""
    last: tuple[str, str, float] = ("", "", 0.0)
    """Key, source and end of the last one."""

    @property
    def plain(self) -> bool:
        """Whether events may pass untouched."""
        asked = self.blocked or self.dropped or self.deduplicated or self.tones_to_partner
        return not asked


def receive(session: Session, digit: Digit) -> None:
    """A party pressed a key."""
    rules = session.digit_rules
    if rules.blocked or _is_double(session, digit):
        return
    if not heed(session, digit):
        deliver(session, digit)
    divert, switch = session.divert, session.switch
    if session.is_true("sensitive_dtmf") or not (divert or switch.bus.wants("DTMF")):
        return
    headers = {
        "DTMF-Digit": digit.digit,
        "DTMF-Duration": str(digit.duration_ms * 8),
        "DTMF-Source": _SOURCES.get(digit.source, digit.source.upper()),
    }
    if divert is None:
        switch.fire(session, "DTMF", headers)
        return
    event = Event("DTMF", session.channel.event_headers(variables=False) | headers)
    switch.bus.number(event)
    switch.stamp(event)
    divert(event)


def deliver(session: Session, digit: Digit) -> None:
    """Give a key that nothing is bound to to whoever waits for it: an application, the partner."""
    peer = session.peer
    sensitive = session.is_true("sensitive_dtmf")
    if not sensitive:
        session.digits.note(digit)
    if peer is None or session.asking:
        session.digits.put(digit)
    elif digit.digit in session.bridge_keys:
        session.bridge_keys[digit.digit]()
    elif _is_dropped(session):
        _mask(session, peer)
    elif sensitive or session.is_true("bridge_filter_dtmf"):
        return
    elif digit.source != "rtp" or session.keeps_digits:
        # Events that the engine does not keep have passed by themselves.
        pass_on(session, peer, digit)


def pass_on(session: Session, peer: Session, digit: Digit) -> None:
    """Send a digit of one party to its partner."""
    if session.digit_rules.tones_to_partner:
        _send_tones(peer, digit.digit, digit.duration_ms)
    else:
        send(peer, digit.digit, digit.duration_ms)


def send(session: Session, keys: str, duration_ms: int) -> None:
    """Send digits to a party in the way it understands."""
    if session.digit_rules.tones_to_us:
        _send_tones(session, keys, duration_ms)
    else:
        session.leg.send_digits(keys, duration_ms)


def refresh(session: Session) -> None:
    """Decide anew whether the party's events pass inside the engine; told by who changes rules."""
    media, peer = session.leg.media, session.peer
    if media is None or media.closed or (peer is None and not session.keeps_digits):
        return
    kept = peer is not None and not _passes(session, peer)
    if kept is not session.keeps_digits:
        media.pass_events(passed=not kept)
        session.keeps_digits = kept


def _passes(session: Session, peer: Session) -> bool:
    return (
        session.digit_rules.plain
        and not peer.digit_rules.tones_to_us
        and not is_watched(session)
        and not _keeps(session)
        and peer.leg.digits_by == "rfc2833"
        and session.leg.media is not None
    )


def _keeps(session: Session) -> bool:
    """Whether the call's variables keep its digits from its partner."""
    wishes = session.pick(_KEEPING)
    return bool(wishes) and (
        _is_dropped(session)
        or is_true(wishes.get("bridge_filter_dtmf"))
        or is_true(wishes.get("sensitive_dtmf"))
    )


def _is_dropped(session: Session) -> bool:
    dropped = session.digit_rules.dropped
    return session.is_true("drop_dtmf") if dropped is None else dropped


def _mask(session: Session, peer: Session) -> None:
    """Let the partner hear something in place of the digit, if that was asked for."""
    digits = session.get("drop_dtmf_masking_digits")
    if digits:
        send(peer, digits, 100)
    file = session.get("drop_dtmf_masking_file")
    if file:
        broadcast(session, file, "bleg")


def _is_double(session: Session, digit: Digit) -> bool:
    """Whether a press was told already, in another way."""
    rules = session.digit_rules
    if not rules.deduplicated:
        return False
    if digit.source in _SEEN:
        session.set(f"deduplicate_dtmf_seen_{_SEEN[digit.source]}", "true")
    if digit.source == "app":
        return False
    if rules.only_rtp:
        return digit.source != "rtp"
    now = session.switch.loop.time()
    key, source, ended = rules.last
    since = now - digit.duration_ms / 1000 - ended
    if key == digit.digit and source != digit.source and since < DUPLICATE_SECONDS:
        return True
    rules.last = (digit.digit, digit.source, now)
    return False


def _send_tones(session: Session, keys: str, duration_ms: int) -> None:
    media = session.leg.media
    if media is not None and not media.closed:
        media.send_digits(keys, duration_ms=duration_ms, method="inband")


_SOURCES = {"inband": "INBAND_AUDIO", "info": "ENDPOINT"}
"""FreeSWITCH's words for where a digit came from."""
_SEEN = {"inband": "inband", "info": "endpoint", "rtp": "rtp"}
"""What tells of ways in which keys came, where they are counted once."""
