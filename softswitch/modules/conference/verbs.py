"""The table of what can be said to a room after its name: ``conference <name> <verb> …``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member

ROOM, MEMBER, TEXT = "room", "member", "text"
Function = TypeVar("Function", bound=Callable[..., Awaitable[str]])


class UsageError(Exception):
    """The words after a verb are not what it takes; says what is wrong where there is a word."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: how it is written, and what carries it out."""

    name: str
    syntax: str
    kind: str
    """``room`` takes words, ``text`` the rest of the line, ``member`` a member and one word."""
    target: Callable[..., Awaitable[str]]
    shown: str

    @property
    def usage(self) -> str:
        """How it is written behind the name of a room; FreeSWITCH ends no line here."""
        return f"{self.shown} {self.syntax}"


_verbs: dict[str, Verb] = {}


def verb(
    name: str, syntax: str = "", *, kind: str = ROOM, shown: str = ""
) -> Callable[[Function], Function]:
    """Add a verb to the table."""

    def add(target: Function) -> Function:
        _verbs[name] = Verb(name, syntax, kind, target, shown or name)
        return target

    return add


def find(name: str) -> Verb | None:
    """The verb of that name (any case), or None."""
    return _verbs.get(name.lower())


def all_verbs() -> list[Verb]:
    """Every verb in the order of the help."""
    order = {name: place for place, name in enumerate(_ORDER)}
    return sorted(_verbs.values(), key=lambda verb: order.get(verb.name, len(order)))


async def refuse(*_: Any) -> str:
    """There is nothing of that kind here."""
    return "-ERR there are no videos in conferences here\n"


def member_line(member: Member, text: str) -> str:
    """``+OK <text> <member>``."""
    return f"+OK {text} {member.id}\n"


_ORDER = """canvas-auto-clear count list xml_list json_list energy auto-energy max-energy agc
    vid-canvas vid-watching-canvas vid-layer volume_in volume_out position auto-3d-position play
    moh pause_play play_status file_seek say saymember cam stop dtmf kick vid-flip vid-border hup
    hold unhold mute tmute unmute vmute tvmute vmute-snap unvmute vblind tvblind unvblind deaf
    undeaf vid-filter relate getvar setvar lock unlock dial bgdial transfer record chkrecord
    norecord pause resume recording exit_sound enter_sound pin nopin get set file-vol floor
    vid-floor vid-banner vid-mute-img vid-logo-img vid-codec-group vid-res-id vid-role-id get-uuid
    clear-vid-floor vid-layout vid-write-png vid-fps vid-res vid-fgimg vid-bgimg vid-bandwidth
    vid-personal""".split()

_TARGET = "<[member_id|all]|last|non_moderator> [<quiet>]"
_VALUE = "<member_id|all|last|non_moderator> [<newval>]"
_ANY = "<[member_id|all|last|non_moderator]>"
_VIDEO = {
    "canvas-auto-clear": "<canvas_id> <true|false>",
    "vid-canvas": _VALUE,
    "vid-watching-canvas": _VALUE,
    "vid-layer": _VALUE,
    "cam": "",
    "vid-flip": _ANY,
    "vid-border": _ANY,
    "vmute": _TARGET,
    "tvmute": _TARGET,
    "vmute-snap": "<[member_id|all]|last|non_moderator>",
    "unvmute": _TARGET,
    "vblind": _TARGET,
    "tvblind": _TARGET,
    "unvblind": _TARGET,
    "vid-filter": "<[member_id|all]|last|non_moderator> <string>",
    "vid-floor": "<member_id|last> [force]",
    "vid-banner": "<member_id|last> <text>",
    "vid-mute-img": "<member_id|last> [<path>|clear]",
    "vid-logo-img": "<member_id|last> [<path>|clear]",
    "vid-codec-group": "<member_id|last> [<group>|clear]",
    "vid-res-id": "<member_id>|all <val>|clear [force]",
    "vid-role-id": "<member_id|last> <val>|clear",
    "clear-vid-floor": "",
    "vid-layout": "<layout name>|group <group name> [<canvas id>]",
    "vid-write-png": "<path>",
    "vid-fps": "<fps>",
    "vid-res": "<WxH>",
    "vid-fgimg": "<file> | clear [<canvas-id>]",
    "vid-bgimg": "<file> | clear [<canvas-id>]",
    "vid-bandwidth": "<BW>",
    "vid-personal": "[on|off]",
}
for _name, _syntax in _VIDEO.items():
    verb(_name, _syntax)(refuse)
