"""Limits on resources: ``limit`` and ``limit_execute``, with their old names."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.causes import HangupCause
from softswitch.switch.limits import UNLIMITED, parse_maximum, take_for
from softswitch.switch.session import Session

_NO_MEDIA = ApplicationFlag.NO_MEDIA
DEFAULT_EXTENSION = "limit_exceeded"


@application(
    "limit",
    syntax="<backend> <realm> <id> [<max>[/interval]] [number [dialplan [context]]]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def limit(session: Session, data: str) -> None:
    """Count the call on a resource; over the limit it goes to another extension.

    An extension ``!CAUSE`` hangs up instead (default: ``limit_exceeded``). Counted until
    hang-up, or until a transfer unless ``limit_ignore_transfer`` is true.
    """
    words = split(data, " ", 7)
    if len(words) < 3:
        session.log.error(
            "limit: <backend> <realm> <id> [<max>[/interval]] [number [dialplan [context]]]"
        )
        return
    maximum, interval = parse_maximum(words[3]) if len(words) > 3 else (UNLIMITED, 0)
    if take_for(session, words[0], words[1], words[2], maximum, interval):
        return
    extension = words[4] if len(words) > 4 else DEFAULT_EXTENSION
    if extension.startswith("!"):
        session.hangup(HangupCause.parse(extension[1:]))
        return
    session.transfer(
        extension,
        words[5] if len(words) > 5 else None,
        words[6] if len(words) > 6 else None,
    )


@application(
    "limit_execute",
    syntax="<backend> <realm> <id> <max>[/interval] <application> [<arguments>]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def limit_execute(session: Session, data: str) -> None:
    """Run an application only while a resource is below its limit, and count it meanwhile."""
    words = split(data, " ", 6)
    if len(words) < 5:
        session.log.error(
            "limit_execute: <backend> <realm> <id> <max>[/interval] <application> [<arguments>]"
        )
        return
    maximum, interval = parse_maximum(words[3])
    limits = session.switch.limits.of(words[0])
    held = limits.holds(session.uuid, words[1], words[2])
    if not take_for(session, words[0], words[1], words[2], maximum, interval):
        return
    try:
        await session.execute(words[4], words[5] if len(words) > 5 else "")
    finally:
        if not held:
            limits.release(session.uuid, words[1], words[2])


@application(
    "limit_hash",
    syntax="<realm> <id> [<max>[/interval]] [number [dialplan [context]]]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def limit_hash(session: Session, data: str) -> None:
    """The old name of ``limit hash``."""
    await limit(session, f"hash {data}")


@application(
    "limit_hash_execute",
    syntax="<realm> <id> <max>[/interval] <application> [<arguments>]",
    flags=_NO_MEDIA,
    module="mod_dptools",
)
async def limit_hash_execute(session: Session, data: str) -> None:
    """The old name of ``limit_execute hash``."""
    await limit_execute(session, f"hash {data}")
