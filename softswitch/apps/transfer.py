"""Other parts of the dialplan: ``transfer`` and ``execute_extension``."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch import routing
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA


@application(
    "transfer",
    syntax="[-bleg|-both] <exten> [<dialplan> <context>]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def transfer(session: Session, data: str) -> None:
    """Route the call anew, to another extension.

    ``-bleg`` transfers the bridged call instead, ``-both`` transfers both.
    """
    words = split(data, " ", 4)
    option = words.pop(0).lower() if words and words[0].startswith("-") else ""
    if option not in ("", "-bleg", "-both") or not words:
        session.log.error("transfer: [-bleg|-both] <exten> [<dialplan> <context>], not %r", data)
        return
    extension = words[0]
    dialplan = words[1] if len(words) > 1 else None
    context = words[2] if len(words) > 2 else None
    if option and session.peer is None:
        session.log.error("transfer: the call has no other leg")
        if option == "-bleg":
            return
    if option and session.peer is not None:
        session.peer.transfer(extension, dialplan, context)
    if option != "-bleg":
        session.transfer(extension, dialplan, context)


@application(
    "execute_extension",
    syntax="<exten> [<dialplan> <context>]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def execute_extension(session: Session, data: str) -> None:
    """Run the actions of another extension, then go on here."""
    words = split(data, " ", 3)
    if not words:
        session.log.error("execute_extension: <exten> [<dialplan> <context>] wanted")
        return
    await routing.execute_extension(
        session,
        words[0],
        words[1] if len(words) > 1 else None,
        words[2] if len(words) > 2 else None,
    )
