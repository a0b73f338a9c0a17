"""A SIP leg: one INVITE usage of the stack as the core's `Leg`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.rtp_bypass import BypassableMedia
from softswitch.endpoints.sip import hold, indications, redirection, transfer, variables
from softswitch.endpoints.sip.authentication import challenge
from softswitch.endpoints.sip.body import offered_in
from softswitch.endpoints.sip.bye_answers import leave
from softswitch.endpoints.sip.calling import Outgoing
from softswitch.endpoints.sip.causes import cause_of, reason_headers, refusal
from softswitch.endpoints.sip.digits import DigitsByInfo, gap_ms
from softswitch.endpoints.sip.far_end import FarEnd
from softswitch.endpoints.sip.identity import connected_headers
from softswitch.endpoints.sip.invite_request import EVENTS
from softswitch.sip.message import Request
from softswitch.sip.usage_server import ServerUsage
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.fax import FaxRequest
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.endpoints.sip.referral import Referral
    from softswitch.media.engine import Stream
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.switch.indications import Indication
    from softswitch.switch.session import Session


class SipLeg(FarEnd):
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
        self.rtp = BypassableMedia(profile.switch.engine, profile)
        self.rtp.pass_on = self._pass_on
        self._answered = False
        self._ended_by = ""
        self._final: tuple[int, str] | None = None
        self._redirects = 0
        self._contacts = []
        self._behind = None
        self._reoffer_due = False
        """Whether an offer of ours had to wait for another exchange."""
        self.referrals = 0
        """How many REFERs came within this call."""
        self.tells_referrals = False
        """Whether a REFER was passed on to this far end: its NOTIFYs are for the partner."""
        self.referral: Referral | None = None
        """The one whose outcome the far end waits for."""
        self.fax_request: FaxRequest | None = None
        """The partner's offer of fax that our far end has to answer."""
        self._answer_due = False
        """Whether the ACK of a re-INVITE without an offer will answer ours."""
        if usage is not None:
            usage.user = self
            self.rtp.advertised_ip = profile.rtp_address(usage.flow.remote[0])

    def __repr__(self) -> str:
        return f"<SipLeg {self.profile.name} {self.usage or self.outgoing}>"

    # The core's verbs

    @property
    def leg(self) -> SipLeg:
        return self

    @property
    def media(self) -> Stream | None:
        return self.rtp.stream

    def attach(self, session: Session) -> None:
        self.session = session
        self.rtp.attach(session)

    def take_offer(self, request: Request) -> None:
        """Remember the caller's offer.

        Raises RemoteProtocolError as `offered_in` does, `CallFailed` for one that is none.
        """
        text = offered_in(request)
        if text is not None:
            self.rtp.take_offer(text)

    def negotiate(self) -> None:
        """Early negotiation: refuse a call that no codec fits before the dialplan runs."""
        self.rtp.check_offer()

    def invite(self) -> None:
        outgoing = self.outgoing
        assert outgoing is not None, "only outbound legs invite"
        self.profile.calls_out += 1
        music = self.profile.settings.hold_music
        if music and not self.session.channel.variables.get("hold_music"):
            self.session.set("hold_music", music)
        hold.preset(self.session.channel.variables, self.profile.settings)
        if self.profile.rtp_ip != self.profile.advertised_rtp_ip:
            self.rtp.advertised_ip = self.profile.rtp_address(outgoing.far_host(self))
        sdp = self.rtp.make_offer(self.session)
        outgoing.start(self, sdp)

    def ring(self, *, queued: bool = False) -> None:
        self._provisional(182 if queued else 180, None)

    def pre_answer(self) -> None:
        status = 180 if self.session.is_true("early_use_180") else 183
        self._keep_to_source()
        self._provisional(status, self.rtp.make_answer(self.session))

    def answer(self) -> None:
        if self._answered or self.usage is None:
            return
        sdp = self.rtp.make_answer(self.session)
        self._answered = True
        self.usage.contact = self._contact() + (";isfocus" if self.session.is_conference else "")
        self._keep_to_source()
        self.usage.accept(sdp, self._response_headers(sdp, "sip_rh_"), now=self.profile.now())
        self.profile.pump()

    def _keep_to_source(self) -> None:
        """Send what follows where the caller's requests come from, if the dialplan wants that."""
        session = self.session
        told = session.is_true("sip_sticky_contact") or session.is_true("sip_force_nat_mode")
        if self.usage is not None and told:
            self.usage.symmetric = True
            self.session.set("sip_nat_detected", "true")

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
            usage.bye([*self._custom("sip_bye_h_"), *headers, *self._appearance()], now=now)
            self._note_end("send_bye")
        elif usage.role == "uac":
            self.session.set("sip_invite_failure_status", "487")
            self.session.set("sip_invite_failure_phrase", "CANCEL")
            usage.cancel([*self._custom("sip_bye_h_"), *headers], now=now)
            self._note_end("send_cancel")
        else:
            status, phrase, headers = refusal(self.session, cause, headers)
            status, phrase = self._final or (status, phrase)
            if self._final is not None and status in (401, 407):
                status, headers = 407, self._challenges()
            usage.reject(status, phrase or None, [*self._custom("sip_rh_"), *headers], now=now)
            self._note_end("send_refuse")
        request, self.fax_request = self.fax_request, None
        if request is not None:
            request.refuse()
        if cause is HangupCause.WRONG_CALL_STATE:
            self._tell_wrong_state()
        self.rtp.close()
        if self.usage is not None:
            leave(self.profile, self.usage, self.session.uuid)
        self.profile.pump()

    def _challenges(self) -> list[tuple[str, str]]:
        """What asks the caller for a password, where the dialplan wants one."""
        assert self.usage is not None
        session = self.session
        realm = session.get("sip_challenge_realm") or session.get("sip_to_host") or ""
        asked = challenge(self.profile, realm, self.usage.flow)
        return [("Proxy-Authenticate", value) for value in asked.challenges]

    def _tell_wrong_state(self) -> None:
        wanted = {"from_user": "sip_from_user", "network_ip": "sip_network_ip"}
        wanted["network_port"] = "sip_network_port"
        told = {name: self.session.get(variable) or "" for name, variable in wanted.items()}
        self.profile.switch.publish("CUSTOM", told, subclass="sofia::wrong_call_state")

    def hold(self) -> None:
        self._reoffer(held=True)

    def unhold(self) -> None:
        self._reoffer(held=False)

    @property
    def digits_by(self) -> str:
        return self.rtp.digits_by

    def send_digits(self, digits: str, duration_ms: int) -> None:
        way, stream = self.rtp.digits_by, self.rtp.stream
        if way == "rfc2833" and stream is not None:
            gap = gap_ms(self.session.get("rtp_digit_delay"))
            stream.send_digits(digits, duration_ms=duration_ms, gap_ms=gap)
        elif way == "info":
            DigitsByInfo(self._send_info, self.session.switch.loop).send(digits, duration_ms)

    def _send_info(self, body: bytes) -> None:
        if self.usage is not None and self._answered:
            self.usage.info("application/dtmf-relay", body, now=self.profile.now())
            self.profile.pump()

    def redirect(self, target: str) -> None:
        if self.usage is None or self._answered or self.usage.role != "uas":
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only a caller's call is redirected")
        status, contacts, cause = redirection.answer_to(target, self.profile)
        self.usage.reject(status, headers=[("Contact", contacts)], now=self.profile.now())
        self._ended_by = "send_refuse"
        self.profile.pump()
        self.session.hangup(cause)

    def respond(self, status: int, phrase: str) -> None:
        if self._answered or self.usage is None or self.usage.role != "uas":
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "the call was answered already")
        self._final = (status, phrase)
        self.session.hangup(cause_of(status))

    def note_media(self) -> None:
        self.rtp.note_statistics(self.session)

    def indicate(self, what: Indication) -> None:
        indications.indicate(self, what)

    def deflect(self, target: str) -> None:
        if self.usage is None or not self._answered:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only an answered call is deflected")
        transaction = self.usage.request_in_dialog(
            "REFER",
            [
                ("Refer-To", transfer.address_of(target, self.profile)),
                ("Referred-By", self._contact()),
                # RFC 3515 §2.1 wants it of every REFER.
                ("Contact", self._contact()),
                *variables.headers_of(self.session, "sip_h_"),
            ],
            now=self.profile.now(),
        )
        transaction.user = self
        self.profile.pump()

    def release(self) -> None:
        """End the dialog, though the session goes on without a far end for a while."""
        usage, now = self.usage, self.profile.now()
        if usage is None or self._ended_by or not (self._answered or usage.role == "uas"):
            return
        headers = reason_headers(self.session, HangupCause.ATTENDED_TRANSFER)
        if self._answered:
            usage.bye(headers, now=now)
            self._ended_by = "send_bye"
        else:
            # As if the far end had cancelled, which many phones do now.
            usage.reject(487, headers=headers, now=now)
            self._ended_by = "send_refuse"
        leave(self.profile, usage, self.session.uuid)
        self.rtp.close()
        self.profile.pump()

    @property
    def answered(self) -> bool:
        """Whether the call was answered, by us or by the far end."""
        return self._answered

    @property
    def gone(self) -> bool:
        """Whether the far end is there no more."""
        return bool(self._ended_by)

    def renegotiate(self) -> None:
        """Offer the codecs that the call's variables name now."""
        self._reoffer(held=None)

    @property
    def around(self) -> bool:
        """Whether media goes past the switch."""
        return self.rtp.around

    @property
    def faxing(self) -> bool:
        """Whether a fax passes in the place of sound."""
        return self.rtp.faxing

    @property
    def told(self) -> bool:
        """Whether the call was answered and we know where the far end's media is."""
        return self._answered and bool(self.rtp.remote)

    def go_around(self, other: SipLeg) -> None:
        """Tell the far end to send its media to the other leg's."""
        self._pass_on(self.rtp.go_around(other.rtp))

    def come_back(self) -> None:
        """Tell the far end to send its media to us again."""
        self._pass_on(self.rtp.come_back())

    # Parts

    def _pass_on(self, sdp: str) -> None:
        if self.usage is None or not self._answered:
            return
        self.usage.reinvite(sdp, now=self.profile.now())
        self.profile.pump()

    def _provisional(self, status: int, sdp: str | None) -> None:
        if self.usage is None or self._answered:
            return
        told = self.wishes("sip_cid_in_1xx", "cid_in_1xx")
        headers = self._response_headers(sdp, "sip_ph_", told=told)
        if isinstance(self.usage, ServerUsage) and self.session.get("sip_100rel") == "false":
            self.usage.reliable = False
        self.usage.contact = self._contact() + (";isfocus" if self.session.is_conference else "")
        self.usage.ring(status, sdp, headers, now=self.profile.now())
        self.profile.pump()

    def _contact(self) -> str:
        usage = self.usage
        assert usage is not None
        if usage.role == "uas":
            user = usage.request.request_uri.user or self.profile.settings.contact_user
            return self.profile.contact(user, usage.flow.transport, usage.flow.remote[0])
        return usage.contact

    def _response_headers(
        self, sdp: str | None, prefix: str, *, told: bool = True
    ) -> list[tuple[str, str]]:
        """What our provisional and positive responses carry beside the usual."""
        return [
            ("Allow-Events", EVENTS),
            *([("Content-Disposition", "session")] if sdp is not None else []),
            *(connected_headers(self.session, self.profile) if told else []),
            *self._appearance(),
            *self._custom(prefix),
        ]

    def _appearance(self) -> list[tuple[str, str]]:
        """Which appearance of a shared line the call has, where lines are shared."""
        if not self.profile.settings.manage_shared_appearance:
            return []
        told = self.session.get("presence_call_info_full")
        return [("Call-Info", told)] if told else []

    def _custom(self, prefix: str) -> list[tuple[str, str]]:
        return variables.headers_of(self.session, prefix)

    def _reoffer(self, *, held: bool | None) -> None:
        if self.usage is None or not self._answered:
            raise CallFailed(HangupCause.WRONG_CALL_STATE, "only an answered call is held")
        self.usage.reinvite(self.rtp.reoffer(held=held), now=self.profile.now())
        self.profile.pump()

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
