"""The applications ``fifo`` and ``fifo_track_call``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split, whole
from softswitch.modules.fifo.caller import Wishes, wait_in
from softswitch.modules.fifo.consumer import Service, serve
from softswitch.modules.fifo.tracking import track_call
from softswitch.registry import ApplicationFlag, application
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.fifo.module import Fifo
    from softswitch.modules.fifo.queue import Queue
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

MODULE: Loadable[Fifo] = Loadable("mod_fifo")
SYNTAX = (
    "<name>[!<importance>][,...] in [<announce>|undef] [<music>|undef] [noans|early]"
    " | <name>[!<importance>][,...] out [wait|nowait] [<announce>|undef] [<music>|undef]"
)


def queues_of(switch: Switch) -> Queues:
    """The queues of a switch. Raises `NotLoadedError`."""
    return MODULE.part(switch, lambda module: module.queues)


@application("fifo", syntax=SYNTAX, flags=ApplicationFlag.NO_MEDIA, module=MODULE.name)
async def fifo(session: Session, data: str) -> None:
    """Wait in a queue until somebody takes the call, or take those who wait.

    ``in`` plays music until it is this caller's turn; ``fifo_priority``, ``fifo_orbit_exten``,
    ``fifo_caller_exit_key`` and ``fifo_chime_list`` say more. ``out`` serves one queue or
    several: ``wait`` caller after caller, ``nowait`` the next one if there is any.
    """
    queues = queues_of(session.switch)
    session.set("fifo_hangup_check", "")
    words = split(data, " ", 6)
    way = words[1].lower() if len(words) > 1 else ""
    if way == "in" and "," not in words[0]:
        (queue,) = _named(queues, words[0])
        await _enter(session, words[2:])
        announce, music = _sounds(session, words[2:])
        await wait_in(queues, queue, session, words[0], Wishes.of(session, announce, music))
    elif way == "out" and (len(words) < 3 or words[2].lower() in ("wait", "nowait")):
        announce, music = _sounds(session, words[3:])
        waits = len(words) < 3 or words[2].lower() == "wait"
        service = Service(waits, announce, music)
        await serve(queues, _named(queues, words[0]), session, words[0], service)
    else:
        session.log.error("fifo: %s wanted, not %r", SYNTAX, data)


async def _enter(session: Session, words: list[str]) -> None:
    match words[2].lower() if len(words) > 2 else "":
        case "noans":
            if session.leg.media is None:
                await session.pre_answer()
        case "early":
            await session.pre_answer()
        case _:
            await session.answer()


def _named(queues: Queues, text: str) -> list[Queue]:
    """The queues of a list ``name!importance,…``, made if need be."""
    found = []
    for item in split(text, ","):
        name, _, importance = item.rpartition("!") if "!" in item else (item, "", "")
        found.append(queues.open(name, whole(importance, 0)))
    return found


def _sounds(session: Session, words: list[str]) -> tuple[str, str]:
    """Announcement and music: the words, else the variables; ``undef`` and ``silence`` are none."""

    def chosen(index: int, variable: str) -> str:
        word = words[index] if len(words) > index else "undef"
        value = (session.get(variable) or "") if word.lower() == "undef" else word
        return "" if value.lower() in ("undef", "silence") else value

    return chosen(0, "fifo_announce"), chosen(1, "fifo_music")


@application(
    "fifo_track_call",
    syntax="<fifo_outbound_uuid>",
    flags=ApplicationFlag.NO_MEDIA,
    module=MODULE.name,
)
async def fifo_track_call(session: Session, data: str) -> None:
    """Count this call for a member that queues call, so that he is not rung meanwhile."""
    track_call(queues_of(session.switch), session, data.strip())
