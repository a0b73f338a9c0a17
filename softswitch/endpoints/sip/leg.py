"""A SIP leg: one INVITE usage of the stack as the core's `Leg`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.rtp import MediaRefused, RtpMedia
from softswitch.endpoints.sip import transfer, variables
from softswitch.endpoints.sip.body import description_in
from softswitch.endpoints.sip.calling import EVENTS, Outgoing
from softswitch.endpoints.sip.causes import cause_in, cause_of, reason_headers, refusal_status
from softswitch.endpoints.sip.digits import digits_in_info
from softswitch.endpoints.sip.identity import connected_headers
from softswitch.sip import events
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Message, Request, Response
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.media.engine import Stream
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.switch.session import Session

MOST_REDIRECTS = 5
"""Redirections (3xx) that one leg follows."""
_SILENCE = HangupCause.RECOVERY_ON_TIMER_EXPIRE
_FAILURE = HangupCause.NORMAL_TEMPORARY_FAILURE


class SipLeg:
    """One party by SIP. Inbound legs begin with a usage, outbound ones with an `Outgoing`."""

    def __init__(
        self,
        profile: Profile,
        usage: InviteUsage | None = None,
        outgoing: Outgoing | None = None,
    ) -> None:
        self.profile = profile
        self.usage = usage
        self.outgoing = outgoing
        self.session: Session = None  # type: ignore[assignment]
        self.rtp = RtpMedia(profile.switch.engine, profile)
        self._answered = False
        self._ended_by = ""
        self._final: tuple[int, str] | None = None
        self._redirects = 0
        self._reoffer_due = False
        """Whether an offer of ours had to wait for another exchange."""
        self._answer_due = False
        """Whether the ACK of a re-INVITE without an offer will answer ours."""
        if usage is not None:
            usage.user = self

    def __repr__(self) -> str:
        return f"<SipLeg {self.profile.name} {self.usage or self.outgoing}>"

    # The core's verbs

    @property
    def media(self) -> Stream | None:
        return self.rtp.stream

    def attach(self, session: Session) -> None:
        self.session = session
        self.rtp.attach(session)

    def take_offer(self, request: Request) -> None:
        """Remember the caller's offer.

        Raises RemoteProtocolError(415) for a body without one, `CallFailed` for one that is none.
        """
        text = description_in(request)
        if text is not None:
            self.rtp.take_offer(text)
        elif request.body:
            raise RemoteProtocolError(415, "Unsupported Media Type")

    def negotiate(self) -> None:
        """Early negotiation: refuse a call that no codec fits before the dialplan runs."""
        self.rtp.check_offer()

    def invite(self) -> None:
        outgoing = self.outgoing
        assert outgoing is not None, "only outbound legs invite"
        self.profile.calls_out += 1
        sdp = self.rtp.make_offer(self.session)
        outgoing.start(self, sdp)

    def ring(self, *, queued: bool = False) -> None:
        self._provisional(182 if queued else 180, None)

    def pre_answer(self) -> None:
        self._provisional(183, self.rtp.make_answer(self.session))

    def answer(self) -> None:
        if self._answered or self.usage is None:
            return
        sdp = self.rtp.make_answer(self.session)
        self._answered = True
        self.usage.contact = self._contact()
        self.usage.accept(sdp, self._response_headers(sdp, "sip_rh_"), now=self.profile.now())
        self.profile.pump()

    def hangup(self, cause: HangupCause) -> None:
        usage, now = self.usage, self.profile.now()
        headers = reason_headers(self.session, cause)
        if not self._answered:
            self._count_failure()
        if self._ended_by:
            self._note_end(self._ended_by)
        elif usage is None:
            if self.outgoing is not None:
                self.outgoing.stop()
        elif self._answered:
            usage.bye([*self._custom("sip_bye_h_"), *headers], now=now)
            self._note_end("send_bye")
        elif usage.role == "uac":
            self.session.set("sip_invite_failure_status", "487")
            self.session.set("sip_invite_failure_phrase", "CANCEL")
            usage.cancel([*self._custom("sip_bye_h_"), *headers], now=now)
            self._note_end("send_cancel")
        else:
            status, phrase = self._final or (refusal_status(self.session, cause), None)
            usage.reject(status, phrase or None, [*self._custom("sip_rh_"), *headers], now=now)
            self._note_end("send_refuse")
        self.rtp.close()
        self.profile.pump()
        if self.usage is not None:
            self.usage.user = None

    def hold(self) -> None:
        self._reoffer(held=True)

    def unhold(self) -> None:
        self._reoffer(held=False)

    def send_digits(self, digits: str, duration_ms: int) -> None:
        way, stream = self.rtp.digits_by, self.rtp.stream
        if way == "rfc2833" and stream is not None:
            stream.send_digits(digits, duration_ms=duration_ms)
        elif way == "info" and self.usage is not None and self._answered:
            for digit in digits:
                body = f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()
                self.usage.info("application/dtmf-relay", body, now=self.profile.now())
            self.profile.pump()

    def redirect(self, target: str) -> None:
        if self.usage is None or self._answered or self.usage.role != "uas":
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only a caller's call is redirected")
        contacts = ", ".join(transfer.address_of(item, self.profile) for item in target.split(","))
        self.usage.reject(302, headers=[("Contact", contacts)], now=self.profile.now())
        self._ended_by = "send_refuse"
        self.profile.pump()
        self.session.hangup(HangupCause.REDIRECTION_TO_NEW_DESTINATION)

    def respond(self, status: int, phrase: str) -> None:
        if self._answered or self.usage is None or self.usage.role != "uas":
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "the call was answered already")
        self._final = (status, phrase)
        self.session.hangup(cause_of(status))

    def deflect(self, target: str) -> None:
        if self.usage is None or not self._answered:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only an answered call is deflected")
        self.usage.request_in_dialog(
            "REFER",
            [
                ("Refer-To", transfer.address_of(target, self.profile)),
                ("Referred-By", self._contact()),
            ],
            now=self.profile.now(),
        )
        self.profile.pump()

    # What the stack tells

    def handle(self, event: events.Event) -> None:
        """What happened to the call. A peer that speaks nonsense loses it."""
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
                if self.outgoing is not None and self.outgoing.fail_over(self):
                    return
                if reason == "timeout":
                    self._gone("timeout", _SILENCE)
                else:
                    self._gone("transport error", _FAILURE)
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
                self._take_answer(description_in(response))
                self._repeat_reoffer()
            case events.OfferRejected(status=491, response=None):
                # Another exchange is under way: ours follows when that is over.
                self._reoffer_due = True
            case events.OfferRejected():
                self._repeat_reoffer()
            case events.Ended(request=request, reason=reason):
                self._on_ended(request, reason)
            case _:
                pass

    def handle_request(self, transaction: NonInviteServer, request: Request) -> None:
        """A request within the dialog: INFO, OPTIONS, REFER …

        Raises RemoteProtocolError for one that is malformed.
        """
        match request.method:
            case "INFO":
                self.profile.respond(transaction, request, 200)
                for digit, duration in digits_in_info(request):
                    self.session.on_digit(digit, duration, "info")
            case "OPTIONS" | "MESSAGE" | "UPDATE" | "NOTIFY":
                self.profile.respond(transaction, request, 200)
            case "REFER":
                transfer.on_refer(self, transaction, request)
            case _:
                self.profile.respond(transaction, request, 501)

    def _on_progress(self, response: Response) -> None:
        variables.of_response(self.session.channel.variables, response)
        if description_in(response) is not None:
            if self._accept(response):
                self.session.on_early_media()
        elif response.status in (180, 181, 182, 183):
            self.session.on_ringing()

    def _on_answered(self, response: Response) -> None:
        variables.of_response(self.session.channel.variables, response)
        self._answered = True
        if (response.body or not self.rtp.negotiated) and not self._accept(response):
            return
        self.session.on_answer()

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
        outgoing = self.outgoing
        if 300 <= status < 400 and outgoing is not None and self._redirects < MOST_REDIRECTS:
            contact = response.contact
            if contact is not None and contact.uri.scheme in ("sip", "sips"):
                self._redirects += 1
                variables.keep(known, "sip_redirected_to", str(contact.uri))
                outgoing.redirect(self, contact.uri)
                return
        if status == 503 and outgoing is not None and outgoing.refused(self):
            return
        cause = None
        if status >= 400 and not session.is_true("ignore_q850_reason"):
            cause = cause_in(response.headers.get("Reason"))
        cause = cause or cause_of(status)
        session.set("sip_term_cause", str(int(cause)))
        self._gone("recv_refuse", cause)

    def _on_cancelled(self, request: Request) -> None:
        cause = cause_in(request.headers.get("Reason")) or HangupCause.ORIGINATOR_CANCEL
        if self.session is not None:
            self.session.set("sip_term_status", "487")
            self.session.set("proto_specific_hangup_cause", "sip:487")
        self._gone("recv_cancel", cause)

    def _on_ended(self, request: Request | None, reason: str) -> None:
        if request is None:
            self._gone(reason, _SILENCE if reason in ("ack timeout", "408") else _FAILURE)
            return
        session = self.session
        session.set("sip_term_status", "200")
        session.set("proto_specific_hangup_cause", "sip:200")
        variables.custom_headers(session.channel.variables, request, "sip_bye_h_")
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
        held, text = self.rtp.held_by_remote, description_in(request)
        try:
            sdp = self.rtp.reoffer() if text is None else self.rtp.answer_reoffer(text)
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)
            usage.reject_reinvite(488, now=now)
            return
        self._answer_due = text is None
        usage.answer_reinvite(sdp, now=now)
        self._note_hold(held)

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
        self._note_hold(held)

    def _note_hold(self, before: bool) -> None:
        if self.rtp.held_by_remote is not before:
            self.session.on_hold(self.rtp.held_by_remote)

    # Parts

    def _provisional(self, status: int, sdp: str | None) -> None:
        if self.usage is None or self._answered:
            return
        headers = self._response_headers(sdp, "sip_ph_")
        self.usage.contact = self._contact()
        self.usage.ring(status, sdp, headers, now=self.profile.now())
        self.profile.pump()

    def _contact(self) -> str:
        usage = self.usage
        assert usage is not None
        if usage.role == "uas":
            user = usage.request.request_uri.user or self.profile.settings.contact_user
            return self.profile.contact(user, usage.flow.transport)
        return usage.contact

    def _response_headers(self, sdp: str | None, prefix: str) -> list[tuple[str, str]]:
        """What our provisional and positive responses carry beside the usual."""
        return [
            ("Allow-Events", EVENTS),
            *([("Content-Disposition", "session")] if sdp is not None else []),
            *connected_headers(self.session, self.profile),
            *self._custom(prefix),
        ]

    def _custom(self, prefix: str) -> list[tuple[str, str]]:
        return variables.headers_from(self.session.channel.variables.with_prefix(prefix), prefix)

    def _reoffer(self, *, held: bool | None) -> None:
        if self.usage is None or not self._answered:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only an answered call is held")
        self.usage.reinvite(self.rtp.reoffer(held=held), now=self.profile.now())
        self.profile.pump()

    def _repeat_reoffer(self) -> None:
        if self._reoffer_due and self._answered:
            self._reoffer_due = False
            self._reoffer(held=None)

    def _count_failure(self) -> None:
        """Count a call that ended before it was answered."""
        if self.usage is not None and self.usage.role == "uas":
            self.profile.calls_in_failed += 1
            return
        self.profile.calls_out_failed += 1
        gateway = self.outgoing.gateway if self.outgoing is not None else None
        if gateway is not None:
            gateway.calls_out_failed += 1

    def _note_end(self, disposition: str) -> None:
        self.session.set("sip_hangup_disposition", disposition)
        self.rtp.set_statistics(self.session)

    def _gone(self, disposition: str, cause: HangupCause) -> None:
        self._ended_by = disposition
        if self.session is not None:
            self.session.on_hangup(cause)
