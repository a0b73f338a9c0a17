"""A SIP leg: one INVITE usage of the stack as the core's `Leg`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.rtp import MediaRefused, RtpMedia
from softswitch.endpoints.sip import variables
from softswitch.endpoints.sip.calling import Outgoing
from softswitch.endpoints.sip.causes import cause_in, cause_of, reason_header, status_of
from softswitch.endpoints.sip.digits import digits_in_info
from softswitch.sip import events
from softswitch.sip.message import Message, Request, Response
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.uri import NameAddr
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.media.engine import Stream
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.switch.session import Session

MOST_REDIRECTS = 5
"""Redirections (3xx) that one leg follows."""


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
        """Remember the caller's offer. Raises `CallFailed` where it cannot be understood."""
        if request.body:
            if request.content_type != "application/sdp":
                raise CallFailed(HangupCause.SERVICE_NOT_IMPLEMENTED, "the body is not SDP")
            self.rtp.take_offer(_text(request))

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
        headers = [*self._identity(), *self._custom("sip_rh_")]
        self.usage.contact = self._contact()
        self.usage.accept(sdp, headers, now=self.profile.now())
        self.profile.pump()

    def hangup(self, cause: HangupCause) -> None:
        usage, now = self.usage, self.profile.now()
        headers = self._ending_headers(cause)
        if self._ended_by:
            self._note_end(self._ended_by)
        elif usage is None:
            if self.outgoing is not None:
                self.outgoing.stop()
        elif self._answered:
            usage.bye(headers, now=now)
            self._note_end("send_bye")
        elif usage.role == "uac":
            self.session.set("sip_invite_failure_status", "487")
            self.session.set("sip_invite_failure_phrase", "CANCEL")
            usage.cancel(headers, now=now)
            self._note_end("send_cancel")
        else:
            status, phrase = self._final or (self._refusal(cause), None)
            usage.reject(status, phrase or None, headers, now=now)
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
        if self.rtp.sends_events:
            stream = self.rtp.stream
            if stream is not None:
                stream.send_digits(digits, duration_ms=duration_ms)
        elif self.usage is not None and self._answered:
            for digit in digits:
                body = f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()
                self.usage.info("application/dtmf-relay", body, now=self.profile.now())
            self.profile.pump()

    def redirect(self, target: str) -> None:
        if self.usage is None or self._answered:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only a ringing call is redirected")
        contacts = ", ".join(_as_contact(item, self.profile) for item in target.split(","))
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
            [("Refer-To", _as_contact(target, self.profile)), ("Referred-By", self._contact())],
            now=self.profile.now(),
        )
        self.profile.pump()

    # What the stack tells

    def handle(self, event: events.Event) -> None:
        """What happened to the call."""
        match event:
            case events.Progress(response=response):
                self._on_progress(response)
            case events.Answered(response=response):
                self._on_answered(response)
            case events.Rejected(response=response):
                self._on_rejected(response)
            case events.InviteFailed(reason=reason):
                self.profile.calls_out_failed += 1
                self._gone(
                    "timeout" if reason == "timeout" else "transport error",
                    HangupCause.RECOVERY_ON_TIMER_EXPIRE
                    if reason == "timeout"
                    else HangupCause.NORMAL_TEMPORARY_FAILURE,
                )
            case events.Acknowledged(request=request):
                # A caller who offered nothing answers our offer here.
                if not self.rtp.negotiated:
                    self._accept(request)
                self._repeat_reoffer()
            case events.Cancelled(request=request):
                self._on_cancelled(request)
            case events.OfferReceived(request=request):
                self._on_offer(request)
            case events.OfferAnswered(usage=usage, response=response):
                self._on_offer_answered(usage, response)
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
        """A request within the dialog: INFO, OPTIONS, REFER …"""
        if request.method == "INFO":
            self.profile.respond(transaction, request, 200)
            for digit, duration in digits_in_info(request):
                self.session.on_digit(digit, duration, "info")
        elif request.method in ("OPTIONS", "MESSAGE", "UPDATE") or request.method == "NOTIFY":
            self.profile.respond(transaction, request, 200)
        elif request.method == "REFER":
            self._on_refer(transaction, request)
        else:
            self.profile.respond(transaction, request, 501)

    def _on_progress(self, response: Response) -> None:
        self._learn_remote(response)
        if response.body and response.content_type == "application/sdp":
            if self._accept(response):
                self.session.on_early_media()
        elif response.status in (180, 181, 182, 183):
            self.session.on_ringing()

    def _on_answered(self, response: Response) -> None:
        self._learn_remote(response)
        self._answered = True
        if (response.body or not self.rtp.negotiated) and not self._accept(response):
            return
        self.session.on_answer()

    def _accept(self, message: Message) -> bool:
        try:
            self.rtp.accept_answer(_text(message))
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)
            self.session.hangup(HangupCause.INCOMPATIBLE_DESTINATION)
            return False
        return True

    def _on_rejected(self, response: Response) -> None:
        session, status = self.session, response.status
        session.set("sip_invite_failure_status", str(status))
        session.set("sip_invite_failure_phrase", response.reason)
        session.set("sip_term_status", str(status))
        session.set("proto_specific_hangup_cause", f"sip:{status}")
        contact = response.contact if 300 <= status < 400 else None
        outgoing = self.outgoing
        if contact is not None and outgoing is not None and self._redirects < MOST_REDIRECTS:
            self._redirects += 1
            session.set("sip_redirected_to", str(contact.uri))
            outgoing.redirect(self, contact.uri)
            return
        self.profile.calls_out_failed += 1
        cause = None if session.is_true("ignore_q850_reason") else _reason_cause(response)
        self._gone("recv_refuse", cause or cause_of(status))

    def _on_cancelled(self, request: Request) -> None:
        cause = _reason_cause(request) or HangupCause.ORIGINATOR_CANCEL
        if self.session is not None:
            self.session.set("sip_term_status", "487")
            self.session.set("proto_specific_hangup_cause", "sip:487")
        self._gone("recv_cancel", cause)

    def _on_ended(self, request: Request | None, reason: str) -> None:
        if request is None:
            self._gone(reason, HangupCause.NORMAL_TEMPORARY_FAILURE)
            return
        session = self.session
        session.set("sip_term_status", "200")
        session.set("proto_specific_hangup_cause", "sip:200")
        variables.custom_headers(session.channel.variables, request, "sip_bye_h_")
        cause = None if session.is_true("ignore_q850_reason") else _reason_cause(request)
        self._gone("recv_bye", cause or HangupCause.NORMAL_CLEARING)

    def _on_offer(self, request: Request) -> None:
        """A re-INVITE or UPDATE: hold, a moved address, another codec, or just a refresh."""
        usage, now = self.usage, self.profile.now()
        assert usage is not None
        before = self.rtp.held_by_remote
        try:
            sdp = self.rtp.answer_reoffer(_text(request)) if request.body else self.rtp.reoffer()
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)
            usage.reject_reinvite(488, now=now)
            return
        usage.answer_reinvite(
            None if not request.body and request.method == "UPDATE" else sdp, now=now
        )
        if self.rtp.held_by_remote is not before:
            self.session.on_hold(self.rtp.held_by_remote)

    def _on_offer_answered(self, usage: InviteUsage, response: Response) -> None:
        if not response.body:
            return
        try:
            if usage.ack_due:
                usage.ack(self.rtp.answer_reoffer(_text(response)), now=self.profile.now())
            else:
                self.rtp.accept_answer(_text(response))
        except MediaRefused as refused:
            self.session.log.warning("%s", refused)

    def _on_refer(self, transaction: NonInviteServer, request: Request) -> None:
        """Blind transfer: our partner is routed to the target (RFC 3515)."""
        if self.profile.settings.disable_transfer:
            self.profile.respond(transaction, request, 403)
            return
        target = NameAddr.parse(request.headers.get("Refer-To") or "").uri
        if "replaces" in target.headers.lower():
            self.profile.respond(transaction, request, 501, "Attended transfer not supported")
            return
        peer = self.session.peer
        self.profile.respond(transaction, request, 202 if peer else 403)
        if peer is None or self.usage is None:
            return
        extension = target.user or ""
        self._notify_refer("SIP/2.0 200 OK")
        self.session.set("transfer_to", f"blind:{peer.uuid}")
        self.session.set("transfer_destination", f"blind:{extension}")
        self.session.set("endpoint_disposition", "BLIND_TRANSFER")
        referrer = request.headers.get("Referred-By")
        if referrer:
            peer.set("sip_h_Referred-By", referrer)
        peer.set("sip_refer_to", request.headers.get("Refer-To") or "")
        peer.transfer(extension)
        self.session.hangup(HangupCause.BLIND_TRANSFER)

    def _notify_refer(self, line: str) -> None:
        assert self.usage is not None
        self.usage.request_in_dialog(
            "NOTIFY",
            [
                ("Event", "refer"),
                ("Subscription-State", "terminated;reason=noresource"),
                ("Content-Type", "message/sipfrag"),
            ],
            f"{line}\r\n".encode(),
            now=self.profile.now(),
        )

    # Parts

    def _provisional(self, status: int, sdp: str | None) -> None:
        if self.usage is None or self._answered:
            return
        headers = [*self._identity(), *self._custom("sip_ph_")]
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

    def _identity(self) -> list[tuple[str, str]]:
        """Tell the caller whom it reached, as FreeSWITCH does by default."""
        settings, session = self.profile.settings, self.session
        if not settings.pass_callee_id or settings.caller_id_type == "none":
            return []
        name = session.get("effective_callee_id_name")
        number = session.get("effective_callee_id_number")
        if not number:
            return []
        address = f"<sip:{number}@{self.profile.domain}>"
        who = f'"{name}" {address}' if name else address
        if settings.caller_id_type == "pid":
            return [("P-Asserted-Identity", who)]
        return [("Remote-Party-ID", f"{who};party=calling;privacy=off;screen=no")]

    def _custom(self, prefix: str) -> list[tuple[str, str]]:
        return variables.headers_from(self.session.channel.variables.with_prefix(prefix), prefix)

    def _ending_headers(self, cause: HangupCause) -> list[tuple[str, str]]:
        session = self.session
        headers = self._custom("sip_bye_h_")
        if not session.is_true("disable_q850_reason"):
            headers.append(("Reason", session.get("sip_reason") or reason_header(cause)))
        return headers

    def _refusal(self, cause: HangupCause) -> int:
        """The status of the refusal: that of the leg we called, where it had one."""
        told = self.session.get("last_bridge_proto_specific_hangup_cause") or ""
        number = told.removeprefix("sip:")
        if (
            told.startswith("sip:")
            and number.isdigit()
            and 400 <= int(number) <= 699
            and not self.session.is_true("sip_ignore_remote_cause")
        ):
            return int(number)
        return status_of(cause)

    def _reoffer(self, *, held: bool | None) -> None:
        if self.usage is None or not self._answered:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only an answered call is held")
        self.usage.reinvite(self.rtp.reoffer(held=held), now=self.profile.now())
        self.profile.pump()

    def _repeat_reoffer(self) -> None:
        if self._reoffer_due and self._answered:
            self._reoffer_due = False
            self._reoffer(held=None)

    def _learn_remote(self, response: Response) -> None:
        session = self.session
        session.set("sip_to_tag", response.to.tag or "")
        session.set("sip_full_to", response.headers.get("To") or "")
        agent = response.headers.get("User-Agent") or response.headers.get("Server")
        if agent:
            session.set("sip_user_agent", agent)
        variables.custom_headers(session.channel.variables, response)

    def _note_end(self, disposition: str) -> None:
        self.session.set("sip_hangup_disposition", disposition)
        self.rtp.set_statistics(self.session)

    def _gone(self, disposition: str, cause: HangupCause) -> None:
        self._ended_by = disposition
        if self.session is not None:
            self.session.on_hangup(cause)


def _text(message: Message) -> str:
    return message.body.decode("utf-8", "replace")


def _reason_cause(message: Message) -> HangupCause | None:
    return cause_in(message.headers.get("Reason"))


def _as_contact(target: str, profile: Profile) -> str:
    """A Contact or Refer-To value for a URI or a bare number."""
    target = target.strip()
    if target.startswith("<"):
        return target
    if not target.lower().startswith(("sip:", "sips:", "tel:")):
        host = "" if "@" in target else f"@{profile.domain}"
        target = f"sip:{target}{host}"
    return f"<{target}>"
