"""Who keeps records of calls: told of each call's begin, answer and end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from softswitch.dialplan.arguments import is_true

if TYPE_CHECKING:
    from softswitch.switch.channel import Channel
    from softswitch.switch.session import Session


_WISHES = ("process_cdr", "skip_cdr_causes", "force_process_cdr")


class Reporter(Protocol):
    """Keeps records; ``Switch.reporters`` lists them."""

    def began(self, session: Session) -> None:
        """A call begins."""

    def answered(self, session: Session) -> None:
        """A call is answered."""

    async def ended(self, session: Session, *, wanted: bool) -> None:
        """A call is over and its figures are known; without ``wanted`` it gets no record."""


def began(session: Session) -> None:
    """Tell all reporters of a new call."""
    for reporter in session.switch.reporters:
        reporter.began(session)


def answered(session: Session) -> None:
    """Tell all reporters that a call is answered."""
    for reporter in session.switch.reporters:
        reporter.answered(session)


async def ended(session: Session) -> None:
    """Have all reporters keep the record of a call that is over."""
    if not session.switch.reporters:
        return
    wanted = _wanted(session)
    for reporter in list(session.switch.reporters):
        try:
            await reporter.ended(session, wanted=wanted)
        except Exception:
            # A record that cannot be made must not keep the others, or the call's end.
            session.log.exception("%r failed", reporter)


def _wanted(session: Session) -> bool:
    """What the variables ``process_cdr``, ``skip_cdr_causes`` and ``force_process_cdr`` say."""
    wishes = session.pick(_WISHES)
    if not wishes:
        return True
    skipped = wishes.get("skip_cdr_causes")
    if skipped:
        causes = skipped.replace("|", ",").upper().split(",")
        if session.channel.hangup_cause.name in [cause.strip() for cause in causes]:
            return False
    wish = wishes.get("process_cdr")
    if not wish or is_true(wish) or is_true(wishes.get("force_process_cdr")):
        return True
    if wish.lower() == "a_only":
        return not was_called(session.channel)
    return wish.lower() == "b_only" and not called_somebody(session.channel)


def was_called(channel: Channel) -> bool:
    """Whether a leg has an originator: somebody of the switch called it."""
    return channel.other_profile is not None and channel.other_profile[0] == "originator"


def called_somebody(channel: Channel) -> bool:
    """Whether a leg has an originatee: it called somebody and was bridged to him."""
    return channel.other_profile is not None and channel.other_profile[0] == "originatee"
