"""Sound over a running call: ``displace_session stop_displace_session remove_bugs``."""

from __future__ import annotations

import re

from softswitch.registry import ApplicationFlag, application
from softswitch.switch import displace, media_bugs
from softswitch.switch.displace import DisplaceWishes
from softswitch.switch.session import Session

_LIMIT = re.compile(r"\s\+(\d{1,9})\Z")
_FLAGS = re.compile(r"\s([mlrwf]+)\Z")


@application(
    "displace_session", syntax="<path> [<flags: m r w l f>] [+time_limit_ms]", module="mod_dptools"
)
async def displace_session(session: Session, data: str) -> None:
    """Play a file in place of what the party hears and go on at once.

    ``m`` mixes it with the call, ``l`` repeats it, ``r`` changes what the party says, and ``rw``
    both directions. Without ``m`` the direction that the file is not played into is silent.
    """
    path, limit, flags = data.strip(), 0, ""
    if found := _LIMIT.search(path):
        limit, path = int(found[1]), path[: found.start()].rstrip()
    if found := _FLAGS.search(path):
        flags, path = found[1], path[: found.start()].rstrip()
    if not path:
        session.log.error("displace_session: <path> is missing")
        return
    await displace.start(session, path, DisplaceWishes.of(flags, limit))


@application("stop_displace_session", syntax="<path>", module="mod_dptools")
async def stop_displace_session(session: Session, data: str) -> None:
    """End `displace_session`."""
    if not displace.stop(session, data.strip()):
        session.log.warning("stop_displace_session: %s does not run", data.strip())


@application(
    "remove_bugs", syntax="[<function>]", flags=ApplicationFlag.NO_MEDIA, module="mod_dptools"
)
async def remove_bugs(session: Session, data: str) -> None:
    """End what hangs on the call's media: recordings, listeners, added sounds, detectors."""
    media_bugs.stop(session, data.strip() or None)
