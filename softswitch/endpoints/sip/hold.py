"""A far end that holds us, or takes us back: who is told, and where media go meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.rtp_bypass import holds
from softswitch.switch import direct_media
from softswitch.switch.causes import CallFailed

if TYPE_CHECKING:
    from softswitch.endpoints.sip.far_end import FarEnd
    from softswitch.endpoints.sip.settings import ProfileSettings
    from softswitch.switch.variables import Variables


_OPTIONS = {
    "resume-media-on-hold": "bypass_media_resume_on_hold",
    "bypass-media-after-hold": "bypass_media_after_hold",
}
"""Values of ``media-option`` and the variables that say the same of one call."""


def preset(variables: Variables, settings: ProfileSettings) -> None:
    """Let the profile's ``media-option`` hold for a call whose variables do not say otherwise."""
    for option, name in _OPTIONS.items():
        if option in settings.media_option and variables.get(name) is None:
            variables.set(name, "true")


def answer(leg: FarEnd, text: str) -> str:
    """Our answer to an offer within the call. Raises MediaRefused.

    Where media go past the switch, an offer that holds us brings them back if
    ``bypass_media_resume_on_hold`` of either call asks for it: hold music is ours to play.
    """
    if _comes_back(leg, text):
        try:
            return leg.rtp.answer_here(text)
        except CallFailed as failure:
            leg.session.log.warning("media cannot come back for the hold: %s", failure)
    return leg.rtp.answer_reoffer(text)


def note(leg: FarEnd, before: bool) -> None:
    """Tell the call of a hold that began or ended with the last exchange."""
    held, settings = leg.rtp.held_by_remote, leg.profile.settings
    if held is before or settings.disable_hold:
        return
    passed = settings.proxy_hold and _pass_on(leg, held)
    leg.session.on_hold(held, music=not passed)
    if not held:
        direct_media.after_hold(leg.session)


def _comes_back(leg: FarEnd, text: str) -> bool:
    """Whether an offer holds a call that plays music then, and has no media at the switch."""
    settings, session = leg.profile.settings, leg.session
    if not leg.rtp.bypassed or settings.disable_hold or settings.proxy_hold:
        return False
    return direct_media.wished(session, "bypass_media_resume_on_hold") and holds(text)


def _pass_on(leg: FarEnd, held: bool) -> bool:
    """Hold the partner's far end, or take it back; False where that cannot be done."""
    peer = leg.session.peer
    if peer is None:
        return False
    try:
        if held:
            peer.leg.hold()
        else:
            peer.leg.unhold()
    except CallFailed as failure:
        peer.log.info("the hold is not passed on: %s", failure)
        return False
    return True
