"""A call that a REFER outside calls asks for: a user is rung, and connected (RFC 3515)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip.addresses import local_domain
from softswitch.endpoints.sip.causes import status_of
from softswitch.endpoints.sip.replaces import Replaces, find_replaced, take_over
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.status import reason_phrase
from softswitch.sip.uri import NameAddr
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.originate import originate

if TYPE_CHECKING:
    from softswitch.endpoints.sip.authentication import Verdict
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.endpoints.sip.referral import Referral
    from softswitch.sip.message import Request
    from softswitch.sip.uri import SipUri
    from softswitch.switch.session import Session

_DIALLABLE = re.compile(r"[\w.+-]+")


def referrer_of(request: Request) -> SipUri:
    """Who is said to have referred: Referred-By, or whom the REFER was sent to."""
    referred_by = request.headers.get("Referred-By")
    try:
        return NameAddr.parse(referred_by).uri if referred_by else request.to.uri
    except RemoteProtocolError:
        return request.to.uri


class ReferredCall:
    """Carries one REFER out: rings a user, and connects it."""

    def __init__(
        self,
        profile: Profile,
        request: Request,
        verdict: Verdict,
        referral: Referral,
        text: str,
        target: SipUri,
        wanted: Replaces | None,
    ) -> None:
        self._profile = profile
        self._request = request
        self._verdict = verdict
        self._referral = referral
        self._text = text
        self._target = target
        self._wanted = wanted

    async def run(self) -> None:
        """Ring, connect, tell; never fails."""
        referral = self._referral
        try:
            await self._carry_out()
        except CallFailed as failure:
            referral.finish(_line(status_of(failure.cause)))
        except BaseException:
            # The switch stops.
            referral.finish(_line(503))
            raise

    async def _carry_out(self) -> None:
        replaced = None
        if self._wanted is not None:
            replaced = find_replaced(self._profile.switch, self._wanted.key)
            if replaced is None or replaced.is_true("deny_refer_requests"):
                self._referral.finish(_line(481 if replaced is None else 403))
                return
        asked = self._request.request_uri
        if not asked.user or asked.user == self._profile.settings.contact_user:
            asked = self._request.from_.uri
        callee, number = await self._user(asked), self._target.user or ""
        if callee is None and replaced is None:
            callee, number = await self._user(self._target), asked.user or ""
        if callee is None or not (number or replaced):
            self._referral.finish(_line(404))
            return
        session = await self._ring(callee)
        if replaced is not None:
            take_over(session, replaced)
            self._referral.finish()
            return
        self._watch(session)
        settings, user = self._profile.settings, self._verdict.user
        number = disarm(number)
        if settings.full_id:
            number = f"{number}@{disarm(self._target.host)}"
        context = user.context if user is not None and user.context else settings.context
        session.transfer(number, settings.dialplan, context)

    async def _user(self, uri: SipUri) -> str | None:
        """``user@domain`` of a directory user, None where the URI names no such."""
        domain = local_domain(self._profile, uri.host)
        if not uri.user or not _DIALLABLE.fullmatch(uri.user) or not _DIALLABLE.fullmatch(domain):
            return None
        found = await self._profile.switch.lookups.user(uri.user, domain, action="user_call")
        return f"{uri.user}@{domain}" if found is not None else None

    async def _ring(self, callee: str) -> Session:
        sender = disarm(referrer_of(self._request).user or "")
        known = {
            "sip_refer_to": disarm(self._text),
            "sip_h_Referred-By": disarm(self._request.headers.get("Referred-By") or ""),
        }
        if self._verdict.user is not None:
            # What the referrer may call, and who pays.
            known.update(self._verdict.user.variables)
        return await originate(
            self._profile.switch,
            f"user/{callee}",
            caller_id_name=sender,
            caller_id_number=sender,
            variables={name: value for name, value in known.items() if value},
        )

    def _watch(self, session: Session) -> None:
        """Tell the referrer what becomes of the connection."""
        referral = self._referral

        def watch(who: Session, what: str) -> None:
            peer = session.peer
            if what == "bridged" and who is session and peer is not None:
                if peer.channel.answered:
                    referral.finish()
                else:
                    peer.watchers.append(watch)
                    referral.progress("SIP/2.0 183 Session Progress")
            elif what == "answer" and who is peer:
                referral.finish()
            elif what == "hangup" and who is session:
                referral.finish(_outcome(session))
            if referral.finished and watch in who.watchers:
                who.unwatch(watch)

        session.watchers.append(watch)


def _outcome(session: Session) -> str:
    """The status line for a call that ended before it was bridged."""
    cause = session.channel.hangup_cause or HangupCause.NORMAL_CLEARING
    if cause is not HangupCause.NORMAL_CLEARING:
        return _line(status_of(cause))
    # An announcement was heard to its end, or somebody did not wait until another answered.
    return _line(487 if session.get("current_application") == "bridge" else 200)


def _line(status: int) -> str:
    """A status line."""
    return f"SIP/2.0 {status} {reason_phrase(status)}"
