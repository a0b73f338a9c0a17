"""Shell commands: ``system`` and ``bgsystem``."""

from __future__ import annotations

from softswitch.registry import ApplicationFlag, application
from softswitch.switch import shell
from softswitch.switch.session import Session

_FLAGS = ApplicationFlag.NO_MEDIA | ApplicationFlag.ZOMBIE


@application("system", syntax="<command>", flags=_FLAGS, module="mod_dptools")
async def system(session: Session, data: str) -> None:
    """Run a shell command and wait for its end; off unless allowed in vars.xml."""
    if _may_run(session, "system", data):
        await shell.run(data)


@application("bgsystem", syntax="<command>", flags=_FLAGS, module="mod_dptools")
async def bgsystem(session: Session, data: str) -> None:
    """Run a shell command and go on at once; off unless allowed in vars.xml."""
    if _may_run(session, "bgsystem", data):
        shell.start(session.switch, data)


def _may_run(session: Session, name: str, data: str) -> bool:
    try:
        shell.check_allowed(session.switch, "app")
    except shell.ShellForbidden as refusal:
        session.log.error("%s: %s", name, refusal)
        return False
    if not data.strip():
        session.log.error("%s: <command> is missing", name)
    return bool(data.strip())
