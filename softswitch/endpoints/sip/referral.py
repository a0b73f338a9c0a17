"""A REFER that we carry out: its progress is told by NOTIFY (RFC 3515 §2.4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.endpoints.sip.replaces import Replaces, replaces_of
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.uri import NameAddr, SipUri
from softswitch.switch import recording
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.sip.message import Request
    from softswitch.switch.session import Session

SIPFRAG = "message/sipfrag;version=2.0"
LIFE = 600
"""Seconds that a referral may take (``confirm_blind_transfer``)."""


class Referral:
    """One REFER within a call; told to the referrer until `finish`, or until its call ends.

    A referrer that wants to hear nothing is told nothing (``Refer-Sub: false``, RFC 4488).
    """

    def __init__(self, leg: SipLeg, request: Request) -> None:
        self._leg = leg
        self._number = request.cseq.number
        self._first = leg.referrals == 0
        self._silent = not wants_notice(request)
        self.finished = False
        leg.referrals += 1

    def __repr__(self) -> str:
        return f"<Referral {self._number} of {self._leg!r}>"

    def progress(self, line: str = "SIP/2.0 100 Trying") -> None:
        """Tell that it is under way."""
        self._notify(line, f"active;expires={LIFE}")

    def finish(self, line: str = "SIP/2.0 200 OK") -> None:
        """Tell what came of it; a second outcome is not told."""
        if not self.finished:
            self._notify(line, "terminated;reason=noresource")
            self.finished = True

    def _notify(self, line: str, state: str) -> None:
        usage = self._leg.usage
        if self.finished or self._silent or usage is None or self._leg.gone:
            return
        # §2.4.6: only the first referral of a dialog goes without a number of its own.
        event = "refer" if self._first else f"refer;id={self._number}"
        usage.request_in_dialog(
            "NOTIFY",
            [
                ("Event", event),
                ("Subscription-State", state),
                ("Contact", usage.contact_header()),
                ("Content-Type", SIPFRAG),
            ],
            f"{line}\r\n".encode(),
            now=self._leg.profile.now(),
        )
        self._leg.profile.pump()


def wants_notice(request: Request) -> bool:
    """Whether the sender of a REFER wants to hear what came of it (RFC 4488 §4)."""
    return (request.headers.get("Refer-Sub") or "").partition(";")[0].strip().lower() != "false"


def target_of(request: Request) -> tuple[str, SipUri, Replaces | None]:
    """What a REFER points at: its Refer-To, the URI in it, the call that is to be replaced.

    Raises RemoteProtocolError where that cannot be read.
    """
    texts = request.headers.all("Refer-To")
    if len(texts) != 1:
        raise RemoteProtocolError(400, "One Refer-To is wanted")
    target = NameAddr.parse(texts[0]).uri
    replaces = replaces_of(target)
    return texts[0], target, Replaces.parse(replaces) if replaces else None


def leave(session: Session, partner: Session, wish: str, cause: HangupCause) -> None:
    """Hang up the party that transferred; its recordings go on with its partner if it wished so."""
    if not (session.recordings and session.is_true(wish)):
        session.hangup(cause)
        return

    async def follow() -> None:
        try:
            await recording.follow_transfer(session, partner)
        finally:
            session.hangup(cause)

    session.switch.own(session.switch.loop.create_task(follow(), name=f"{wish} {session.uuid}"))
