"""A REFER that we carry out: its progress is told by NOTIFY (RFC 3515 §2.4.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch import recording
from softswitch.switch.causes import HangupCause

if TYPE_CHECKING:
    from softswitch.endpoints.sip.leg import SipLeg
    from softswitch.sip.message import Request
    from softswitch.switch.session import Session

LIFE = 600
"""Seconds that a referral may take (``confirm_blind_transfer``)."""


class Referral:
    """One REFER within a call; told to the referrer until `finish`, or until its call ends."""

    def __init__(self, leg: SipLeg, request: Request) -> None:
        self._leg = leg
        self._number = request.cseq.number
        self._first = leg.referrals == 0
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
        if self.finished or usage is None or self._leg.gone:
            return
        # §2.4.6: only the first referral of a dialog goes without a number of its own.
        event = "refer" if self._first else f"refer;id={self._number}"
        usage.request_in_dialog(
            "NOTIFY",
            [
                ("Event", event),
                ("Subscription-State", state),
                ("Contact", usage.contact_header()),
                ("Content-Type", "message/sipfrag;version=2.0"),
            ],
            f"{line}\r\n".encode(),
            now=self._leg.profile.now(),
        )
        self._leg.profile.pump()


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
