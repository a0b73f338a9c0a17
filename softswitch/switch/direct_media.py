"""Media that goes past the switch between two bridged calls, and comes back when they part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from softswitch.switch.causes import CallFailed

if TYPE_CHECKING:
    from softswitch.switch.session import Session


@runtime_checkable
class BypassableLeg(Protocol):
    """A leg whose far end can be told to send its media to another far end."""

    @property
    def around(self) -> bool:
        """Whether its media goes past the switch."""

    @property
    def faxing(self) -> bool:
        """Whether a fax passes in the place of sound."""

    @property
    def told(self) -> bool:
        """Whether its far end said where its media is, and took part in an answered call."""

    def go_around(self, other: Self) -> None:
        """Offer the far end the description of the other leg's."""

    def come_back(self) -> None:
        """Offer the far end the switch again."""


def send_around(a: Session, b: Session) -> bool:
    """Let the media of two bridged calls go past the switch; False where that cannot be."""
    one, other = a.leg, b.leg
    if not isinstance(one, BypassableLeg) or not isinstance(other, BypassableLeg):
        return False
    if one.around or other.around:
        return one.around and other.around
    if type(one) is not type(other) or not (one.told and other.told):
        return False
    one.go_around(other)
    other.go_around(one)
    return True


def bring_back(session: Session) -> bool:
    """Let the media of a call, and of its partner, come to the switch again."""
    calls = [session] if session.peer is None else [session, session.peer]
    legs = [call.leg for call in calls if isinstance(call.leg, BypassableLeg)]
    away = [leg for leg in legs if leg.around]
    if not away:
        return False
    for leg in away:
        leg.come_back()
    if session.peer is not None:
        one, other = session.leg.media, session.peer.leg.media
        if one is not None and other is not None:
            one.connect(other)
    return True


def wished(session: Session, name: str) -> bool:
    """Whether a variable of the call, or of its partner, is true."""
    return session.is_true(name) or (session.peer is not None and session.peer.is_true(name))


def after_answer(session: Session) -> None:
    """Heed ``bypass_media_after_bridge`` of either call."""
    _leave(session, "bypass_media_after_bridge")


def after_hold(session: Session) -> None:
    """Heed ``bypass_media_after_hold`` of either call: its far end took it back."""
    _leave(session, "bypass_media_after_hold")


def _leave(session: Session, name: str) -> None:
    peer = session.peer
    if peer is not None and wished(session, name) and not send_around(session, peer):
        session.log.warning("%s: the legs cannot be joined directly", name)


def after_bridge(session: Session) -> None:
    """Its partner left: what comes next wants media of its own."""
    leg = session.leg
    # Asked for by name: comparing the whole protocol takes long, and hardly any leg is away.
    away = getattr(leg, "around", False) or getattr(leg, "faxing", False)
    if away and session.channel.up and isinstance(leg, BypassableLeg):
        try:
            leg.come_back()
        except CallFailed as failure:
            session.log.warning("media cannot come back: %s", failure)
