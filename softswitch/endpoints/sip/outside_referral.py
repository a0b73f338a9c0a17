"""REFER outside a call: have a user called, then connected (RFC 3515; RFC 4579 §5.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip import transfer
from softswitch.endpoints.sip.authentication import Verdict, judge, refuse
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.endpoints.sip.referral import SIPFRAG, Referral, target_of, wants_notice
from softswitch.endpoints.sip.referred_call import ReferredCall, referrer_of
from softswitch.endpoints.sip.replaces import Replaces, find_replaced
from softswitch.sip import events
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.subscription import Subscription

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request
    from softswitch.sip.non_invite_server import NonInviteServer
    from softswitch.sip.uri import SipUri

LIFE = 180
"""Seconds for which a referrer is told of progress: two phones may ring in turn."""


class OutsideReferral(Referral):
    """One REFER outside any call; the subscription that it makes is its own dialog."""

    def __init__(self, profile: Profile, transaction: NonInviteServer, request: Request) -> None:
        """Answer 202. Raises RemoteProtocolError where the request cannot make a dialog."""
        self.finished = False
        self._profile = profile
        self._line = "SIP/2.0 100 Trying"
        self._subscription: Subscription | None = None
        if wants_notice(request):
            self._subscription = Subscription.of_refer(
                profile.stack, transaction, request, LIFE, profile.now()
            )
            self._subscription.user = self
            self.progress()
        else:
            profile.respond(transaction, request, 202, headers=[("Refer-Sub", "false")])

    def __repr__(self) -> str:
        return f"<OutsideReferral {self._line} {self._subscription!r}>"

    def progress(self, line: str = "SIP/2.0 100 Trying") -> None:
        self._line = line
        if self._subscription is not None and not self.finished:
            body = f"{line}\r\n".encode()
            self._subscription.notify(SIPFRAG, body, now=self._profile.now())
            self._profile.pump()

    def finish(self, line: str = "SIP/2.0 200 OK") -> None:
        self._line = line
        self._end("noresource")

    def handle(
        self,
        event: events.SubscriptionRefreshed | events.SubscriptionExpired | events.SubscriptionEnded,
    ) -> None:
        """What the stack tells: the referrer asks again, or listens no longer."""
        if isinstance(event, events.SubscriptionRefreshed) and event.subscription.expires:
            self.progress(self._line)
        else:
            self._end("timeout")

    def _end(self, reason: str) -> None:
        if self._subscription is not None and not self.finished:
            body = f"{self._line}\r\n".encode()
            self._subscription.terminate(reason, SIPFRAG, body, now=self._profile.now())
            self._profile.pump()
        self.finished = True


def on_refer(profile: Profile, transaction: NonInviteServer, request: Request) -> None:
    """Answer a REFER outside any call: carry it out for who has a password, or is known.

    Whom its Request-URI names is called; who answers is connected with what Refer-To names, by
    the dialplan of whoever sent it. Where no user is named but a number, the one that Refer-To
    names is called, and sent to that number: so a conference is told whom to invite.
    Raises RemoteProtocolError where it cannot be read.
    """
    if profile.settings.disable_transfer:
        profile.respond(transaction, request, 403)
        return
    if request.max_forwards == 0:
        profile.respond(transaction, request, 483)
        return
    text, target, wanted = target_of(request)
    if (target.parameters.get("method") or "INVITE").upper() != "INVITE":
        raise RemoteProtocolError(501, "Only calls are referred to")

    def proceed(verdict: Verdict) -> None:
        if not verdict.allowed:
            refuse(profile, transaction, request, verdict)
            return
        try:
            leg = _leg_meant(profile, request)
            referral = OutsideReferral(profile, transaction, request)
        except RemoteProtocolError as error:
            profile.respond(transaction, request, error.status, error.reason)
            return
        _announce(profile, request, target)
        if leg is not None:
            transfer.carry_out(leg, referral, request, text, target, wanted)
            return
        call = ReferredCall(profile, request, verdict, referral, text, target, wanted)
        loop = profile.switch.loop
        profile.switch.own(loop.create_task(call.run(), name=f"refer {request.call_id}"))

    judge(profile, transaction, request, proceed)


def _leg_meant(profile: Profile, request: Request) -> SipLeg | None:
    """The leg whose dialog Target-Dialog names (RFC 4538): it is handed over as from within.

    Raises RemoteProtocolError for a dialog that does not exist.
    """
    text = request.headers.get("Target-Dialog")
    if text is None:
        return None
    wanted = Replaces.parse(text.replace("local-tag", "to-tag").replace("remote-tag", "from-tag"))
    session = find_replaced(profile.switch, wanted.key)
    if session is None or not isinstance(session.leg, SipLeg):
        raise RemoteProtocolError(481, "The target dialog does not exist")
    return session.leg


def _announce(profile: Profile, request: Request, target: SipUri) -> None:
    """Tell programs, in FreeSWITCH's words, that somebody wants a call set up."""
    if not profile.switch.bus.wants("CALL_SETUP_REQ"):
        return
    asked, sender = request.to.uri, referrer_of(request)
    uri = str(target.replace(headers="", parameters={}))
    profile.switch.publish(
        "CALL_SETUP_REQ",
        {
            "Requesting-Component": "mod_sofia",
            "Target-Component": asked.user or "",
            "Target-Domain": asked.host,
            "Request-Action": "call",
            "Request-Target": f"sofia/{profile.name}/{uri}",
            "Request-Target-URI": uri,
            "Request-Target-Extension": target.user or "",
            "Request-Target-Domain": target.host,
            "Request-Call-ID": request.call_id,
            "Request-Sender": f"sofia/{profile.name}/{sender}",
            "var_origination_caller_id_number": sender.user or "",
            "var_origination_caller_id_name": sender.user or "",
        },
    )
