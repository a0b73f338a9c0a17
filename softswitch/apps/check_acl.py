"""The ``check_acl`` application."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.causes import HangupCause
from softswitch.switch.session import Session


@application(
    "check_acl",
    syntax="<ip> <acl | cidr> [<hangup_cause>]",
    flags=ApplicationFlag.NO_MEDIA | ApplicationFlag.INLINE,
    module="mod_dptools",
)
async def check_acl(session: Session, data: str) -> None:
    """Hang up (CALL_REJECTED) unless an address is in an access list or an address range."""
    words = split(data, " ", 3)
    if len(words) < 2:
        session.log.error("check_acl: <ip> <acl | cidr> [<hangup_cause>] wanted, not %r", data)
        return
    if session.switch.generation.acl.check(words[1], words[0]).allowed:
        return
    cause = HangupCause.parse(words[2]) if len(words) > 2 else HangupCause.CALL_REJECTED
    session.log.info("check_acl: %s is not in %s", words[0], words[1])
    session.hangup(cause)
