"""What a SIP leg hears of its far end: progress, answer, refusal, offers, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.endpoints.rtp_bypass import BypassableMedia
from softswitch.endpoints.rtp_wishes import MediaRefused
from softswitch.endpoints.sip import fax, hold, variables
from softswitch.endpoints.sip.body import description_in, offered_in, refusal_headers
from softswitch.endpoints.sip.causes import cause_in, cause_of, note_blocked
from softswitch.endpoints.sip.copied_headers import copy_to_partner
from softswitch.endpoints.sip.indications import take_display
from softswitch.endpoints.sip.media_names import names_in, when_known
from softswitch.endpoints.sip.redirection import contacts_of, redirect
from softswitch.sip import events
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Message, Request, Response
from softswitch.sip.usage_client import ClientUsage
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.calling import Outgoing
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.sip.uri import SipUri
    from softswitch.switch.session import Session

MOST_REDIRECTS = 5
"""Redirections (3xx) that one leg follows."""
_SILENCE = HangupCause.RECOVERY_ON_TIMER_EXPIRE
_FAILURE = HangupCause.NORMAL_TEMPORARY_FAILURE
_ENDS = {
    **dict.fromkeys(("ack timeout", "prack timeout", "session expired", "408"), _SILENCE),
    "expired": HangupCause.ORIGINATOR_CANCEL,
}
"""Ends of a call that no message tells of: a far end that is silent, or waits no longer."""


class FarEnd:
    """The hearing half of `SipLeg`: turns what the stack tells into reports to the session."""

    profile: Profile
    session: Session
    rtp: BypassableMedia
    usage: InviteUsage | None
    outgoing: Outgoing | None
    _answered: bool
    _ended_by: str
    _redirects: int
    _contacts: list[SipUri]
    _reoffer_due: bool
    _answer_due: bool
    _behind: list[events.Event] | None
    """What came after a message whose SDP names are looked up."""

    def handle(self, event: events.Event) -> None:
        """What happened to the call. A peer that speaks nonsense loses it."""
        if self._behind is not None:
            self._behind.append(event)
            return
        message = getattr(event, "response", None) or getattr(event, "request", None)
        names = names_in(message)
        if names and message is not None:
            self._behind = [event]
            when_known(self.profile, message, names, self._catch_up)
        else:
            self._take(event)

    def _catch_up(self) -> None:
        """Handle what waited for a name, in its order."""
        waiting, self._behind = self._behind or [], None
        for number, event in enumerate(waiting):
            usage = getattr(event, "usage", None)
            if usage is not None and usage.user is not self:
                continue  # The call is over, or another far end has its place.
            if number:
                self.handle(event)
            else:
                self._take(event)

    def _take(self, event: events.Event) -> None:
        try:
            self._handle(event)
        except RemoteProtocolError as error:
            self.session.log.warning("%s", error)
            self.session.hangup(HangupCause.PROTOCOL_ERROR)

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.Progress(response=response):
                self._on_progress(response)
            case events.Answered(response=response):
                self._on_answered(response)
            case events.Rejected(response=response):
                self._on_rejected(response)
            case events.InviteFailed(reason=reason):
                if self.outgoing is not None and self.outgoing.fail_over(self.leg):
                    return
                if reason == "timeout":
                    self._gone("timeout", _SILENCE)
                else:
                    self._gone("transport error", _FAILURE)
            case events.Refreshed(request=request):
                take_display(self.leg, request)
            case events.ProvisionalAcknowledged(request=request):
                # 180 without a description is acknowledged too.
                if self.rtp.offer and not self.rtp.negotiated:
                    self._accept(request)
            case events.Acknowledged(request=request):
                # Whoever offered nothing, at first or later, answers our offer here.
                if not self.rtp.negotiated:
                    self._accept(request)
                elif self._answer_due:
                    self._answer_due = False
                    self._take_answer(description_in(request))
                self._repeat_reoffer()
            case events.Cancelled(request=request):
                self._on_cancelled(request)
            case events.OfferReceived(request=request):
                self._on_offer(request)
            case events.OfferAnswered(response=response):
                if not fax.take_answer(self.leg, description_in(response)):
                    self._take_answer(description_in(response))
                self._repeat_reoffer()
            case events.OfferRejected(status=status, response=response):
                self._on_offer_rejected(status, response)
            case events.Ended(request=request, reason=reason):
                self._on_ended(request, reason)
            case _:
                pass

    def _on_progress(self, response: Response) -> None:
        assert self.usage is not None
        variables.of_response(self.session.channel.variables, response, self.usage.flow)
        if response.status in (180, 183):
            copy_to_partner(self.session, "sip_ph_")
            self._note_appearance(response)
        if description_in(response) is not None:
            if self._accept(response):
                self.session.on_early_media()
        elif response.status in (180, 181, 182) or (
            response.status == 183 and not self.wishes("sip_ignore_183nosdp", "ignore_183nosdp")
        ):
            self.session.on_ringing()

    def wishes(self, variable: str, setting: str) -> bool:
        """A variable of the call, or where it says nothing the profile's setting."""
        text = self.session.get(variable)
        return is_true(text) if text else bool(getattr(self.profile.settings, setting))

    def _on_answered(self, response: Response) -> None:
        assert self.usage is not None
        variables.of_response(self.session.channel.variables, response, self.usage.flow)
        copy_to_partner(self.session, "sip_rh_")
        self._note_appearance(response)
        self._answered = True
        agreed = isinstance(self.usage, ClientUsage) and self.usage.early_answered
        needed = (response.body and not agreed) or not self.rtp.negotiated
        if needed and not self._accept(response):
            return
        self.session.on_answer()

    def _note_appearance(self, message: Message) -> None:
        """Which appearance of a shared line the call has, where lines are shared."""
        if self.profile.settings.manage_shared_appearance:
            self.profile.presence.lines.note(self.session, message)

    def _accept(self, message: Message) -> bool:
        try:
            self.rtp.accept_answer(description_in(message) or "")
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)
            self.session.hangup(HangupCause.INCOMPATIBLE_DESTINATION)
            return False
        return True

    def _on_rejected(self, response: Response) -> None:
        session, status = self.session, response.status
        known = session.channel.variables
        session.set("sip_invite_failure_status", str(status))
        session.set("sip_term_status", str(status))
        session.set("proto_specific_hangup_cause", f"sip:{status}")
        for name in ("sip_invite_failure_phrase", "sip_hangup_phrase"):
            variables.keep(known, name, response.reason)
        variables.custom_headers(known, response, "sip_rh_")
        copy_to_partner(session, "sip_rh_")
        note_blocked(session, response)
        cause = None
        if 300 <= status < 400:
            cause = self._redirected(response)
        if cause is None and self._next_contact(status):
            return
        if status == 503 and self.outgoing is not None and self.outgoing.refused(self.leg):
            return
        if status >= 400 and not session.is_true("ignore_q850_reason"):
            cause = cause_in(response.headers.get("Reason"))
        cause = cause or cause_of(status)
        session.set("sip_term_cause", str(int(cause)))
        self._gone("recv_refuse", cause)

    def _redirected(self, response: Response) -> HangupCause | None:
        """Note the contacts of a 3xx; a cause where the leg ends by it."""
        if self._redirects >= MOST_REDIRECTS:
            return None
        self._redirects += 1
        cause = redirect(self.leg, response)
        if cause is None:
            self._contacts = [contact.uri for contact in contacts_of(response)]
        return cause

    def _next_contact(self, status: int) -> bool:
        """Call where a 3xx pointed, or its next contact if that refused; False for none left."""
        if self.outgoing is None or not self._contacts or status >= 600:
            return False
        self.outgoing.redirect(self.leg, self._contacts.pop(0))
        return True

    def _on_cancelled(self, request: Request) -> None:
        cause = cause_in(request.headers.get("Reason")) or HangupCause.ORIGINATOR_CANCEL
        if self.session is not None:
            self.session.set("sip_term_status", "487")
            self.session.set("proto_specific_hangup_cause", "sip:487")
        self._gone("recv_cancel", cause)

    def _on_ended(self, request: Request | None, reason: str) -> None:
        if request is None:
            self._gone(reason, _ENDS.get(reason, _FAILURE))
            return
        session = self.session
        session.set("sip_term_status", "200")
        session.set("proto_specific_hangup_cause", "sip:200")
        variables.custom_headers(session.channel.variables, request, "sip_bye_h_")
        copy_to_partner(session, "sip_bye_h_")
        variables.statistics(session.channel.variables, request)
        if request.body:
            variables.keep(
                session.channel.variables,
                "sip_bye_payload",
                request.body.decode("utf-8", "replace"),
            )
        cause = (
            None
            if session.is_true("ignore_q850_reason")
            else cause_in(request.headers.get("Reason"))
        )
        cause = cause or HangupCause.NORMAL_CLEARING
        session.set("sip_term_cause", str(int(cause)))
        self._gone("recv_bye", cause)

    def _on_offer(self, request: Request) -> None:
        """A re-INVITE or UPDATE: hold, a moved address, another codec, or just a refresh."""
        usage, now = self.usage, self.profile.now()
        assert usage is not None
        held = self.rtp.held_by_remote
        self._note_appearance(request)
        try:
            text = offered_in(request)
        except RemoteProtocolError as error:
            usage.reject_reinvite(error.status, refusal_headers(error.status), now=now)
            return
        if text is not None and self.session.is_true("sip_ignore_reinvites"):
            usage.answer_reinvite(self.rtp.offer, now=now)
            return
        if text is not None and fax.take_offer(self.leg, text):
            return
        try:
            sdp = self._offer_when_asked() if text is None else hold.answer(self, text)
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)
            usage.reject_reinvite(488, now=now)
            return
        self._answer_due = text is None
        usage.answer_reinvite(sdp, now=now)
        if request.method == "INVITE":
            unique = {"Unique-ID": self.session.uuid}
            self.profile.switch.publish("CUSTOM", unique, subclass="sofia::reinvite")
        hold.note(self, held)

    def _offer_when_asked(self) -> str:
        """Our offer for a re-INVITE without one (RFC 6337 §5.2.1): it goes on with a hold of ours,
        unless ``sip_unhold_nosdp`` ends that.
        """
        return self.rtp.reoffer(held=False if self.session.is_true("sip_unhold_nosdp") else None)

    def _on_offer_rejected(self, status: int, response: Response | None) -> None:
        if fax.take_refusal(self.leg, status):
            return
        if status == 491 and response is None:
            # Another exchange is under way: ours follows when that is over.
            self._reoffer_due = True
        else:
            self._repeat_reoffer()

    def _take_answer(self, text: str | None) -> None:
        """The answer to an offer within the call; what was agreed stays where it is none."""
        held = self.rtp.held_by_remote
        if text is None:
            return
        try:
            self.rtp.accept_answer(text)
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)
            return
        hold.note(self, held)

    def _repeat_reoffer(self) -> None:
        if self._reoffer_due and self._answered:
            self._reoffer_due = False
            self._reoffer(held=None)

    @property
    def leg(self) -> SipLeg:
        """The whole leg."""
        raise NotImplementedError

    def _reoffer(self, *, held: bool | None) -> None:
        raise NotImplementedError

    def _gone(self, disposition: str, cause: HangupCause) -> None:
        self._ended_by = disposition
        if self.session is not None:
            self.session.on_hangup(cause)
