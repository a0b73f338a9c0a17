"""The applications ``conference`` and ``conference_set_auto_outcall``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.conference.entrance import enter
from softswitch.modules.conference.invitation import Invitation
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.conference.module import Conference
    from softswitch.modules.conference.rooms import Rooms
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

MODULE: Loadable[Conference] = Loadable("mod_conference")


def rooms_of(switch: Switch) -> Rooms:
    """The rooms of a switch. Raises `NotLoadedError`."""
    return MODULE.part(switch, lambda module: module.rooms)


@application(
    "conference",
    syntax="<name>[@<profile>][+[<pin>][+flags{<a>|<b>}]]"
    " | bridge:<name>[@<profile>]:<dial string>",
    module=MODULE.name,
)
async def conference(session: Session, data: str) -> None:
    """Enter the room of that name, made from a profile of conference.conf by who comes first.

    The call goes on in the dialplan when it leaves the room.
    """
    rooms = rooms_of(session.switch)
    try:
        asked = Invitation.parse(data)
    except ValueError as error:
        session.log.error("conference %s: %s", data, error)
        return
    if asked.name == "_uuid_":
        asked = Invitation(session.uuid, asked.profile, asked.pin, asked.flags, asked.bridge)
    await enter(rooms, session, asked)


@application(
    "conference_set_auto_outcall",
    syntax="<dial string>",
    flags=ApplicationFlag.NO_MEDIA,
    module=MODULE.name,
)
async def conference_set_auto_outcall(session: Session, data: str) -> None:
    """Call somebody into the room that this call makes; each use adds one more."""
    if not data.strip():
        session.log.error("conference_set_auto_outcall: <dial string> is missing")
        return
    rooms_of(session.switch).outcalls.setdefault(session, []).append(data.strip())
