"""A re-INVITE to T.38: asked of the other leg's far end first, and answered as that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.endpoints.rtp_fax import fax_line, offers_fax
from softswitch.sdp.description import SdpError, SessionDescription

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg

_NOT_ACCEPTABLE = 488
_PENDING = 491


@dataclass(frozen=True, slots=True)
class FaxRequest:
    """An offer of fax that waits until the other far end has answered it."""

    waiting: SipLeg
    offer: str

    def accept(self, theirs: SessionDescription) -> None:
        """The other far end takes the fax."""
        leg, usage = self.waiting, self.waiting.usage
        if usage is None or leg.gone:
            return
        sdp = leg.rtp.answer_fax(self.offer, theirs)
        leg.session.set("has_t38", "true")
        usage.answer_reinvite(sdp, now=leg.profile.now())
        leg.profile.pump()

    def refuse(self, status: int = _NOT_ACCEPTABLE) -> None:
        """It does not, or is gone: the call stays as it was."""
        leg, usage = self.waiting, self.waiting.usage
        if usage is None or leg.gone:
            return
        usage.reject_reinvite(status, now=leg.profile.now())
        leg.profile.pump()


def take_offer(leg: SipLeg, text: str) -> bool:
    """Pass an offer of fax on to the partner; False where it is none, or none may pass."""
    rtp, session = leg.rtp, leg.session
    try:
        if rtp.around or not offers_fax(text):
            return False
    except SdpError:
        return False
    other = session.peer.leg if session.peer is not None else None
    if not isinstance(other, type(leg)) or not other.rtp.negotiated or other.rtp.around:
        session.log.warning("T.38 is refused: there is no other leg that could carry it")
        return False
    if not rtp.passes_fax and not other.rtp.passes_fax:
        session.log.info("T.38 is refused: t38_passthru is not set")
        return False
    for each in (leg, other):
        if (each.session.get("t38_passthru") or "").lower() == "once":
            each.session.set("t38_passthru", "false")
    request = FaxRequest(leg, text)
    known = SessionDescription.parse(other.rtp.remote) if other.rtp.faxing else None
    if fax_line(known) is not None and known is not None:
        # A refresh, or a moved address: the other far end has a fax already.
        request.accept(known)
    elif other.usage is None or other.fax_request is not None:
        request.refuse(_PENDING)
    else:
        other.fax_request = request
        sdp = other.rtp.offer_fax(SessionDescription.parse(text))
        other.usage.reinvite(sdp, now=other.profile.now())
        other.profile.pump()
    return True


def take_answer(leg: SipLeg, text: str | None) -> bool:
    """Our far end answered a fax; False where none was offered to it."""
    request, leg.fax_request = leg.fax_request, None
    if request is None:
        return False
    if text is not None and leg.rtp.take_fax(text):
        leg.session.set("has_t38", "true")
        request.accept(SessionDescription.parse(text))
    else:
        # It took the exchange and not the fax: it shall hear the other leg again.
        request.refuse()
        leg.renegotiate()
    return True


def take_refusal(leg: SipLeg, status: int) -> bool:
    """Our far end refused a fax; False where none was offered to it."""
    request, leg.fax_request = leg.fax_request, None
    if request is None:
        return False
    leg.rtp.withdraw_fax()
    request.refuse(_PENDING if status == _PENDING else _NOT_ACCEPTABLE)
    return True
