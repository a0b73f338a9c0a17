"""Calls steered from outside: ``uuid_kill uuid_answer uuid_bridge uuid_transfer …``."""

from __future__ import annotations

from softswitch.commands.reply import (
    FAILED,
    NO_SUCH_CHANNEL,
    OK,
    SUCCESS,
    find_live,
    no_such,
    usage,
)
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch import recording
from softswitch.switch.bridge import uuid_bridge as join
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.commands import CommandCall
from softswitch.switch.park import park
from softswitch.switch.states import CallState, ChannelState

ERROR = "-ERROR\n"


@command("uuid_kill", syntax="<uuid> [cause]", module="mod_commands")
async def uuid_kill(call: CommandCall, arguments: str) -> str:
    """Hang up a call, with a cause if one is given."""
    uuid, _, cause = arguments.partition(" ")
    if not uuid:
        return usage("uuid_kill")
    session = find_live(call, uuid)
    if session is None:
        return NO_SUCH_CHANNEL
    # A cause that does not exist hangs up all the same: calls must not stay for a typing error.
    session.hangup(HangupCause.parse(cause))
    return OK


@command("uuid_answer", syntax="<uuid>", module="mod_commands")
async def uuid_answer(call: CommandCall, arguments: str) -> str:
    """Answer a call."""
    session = find_live(call, arguments.strip())
    if session is None:
        return ERROR
    await session.answer()
    return OK


@command("uuid_pre_answer", syntax="<uuid>", module="mod_commands")
async def uuid_pre_answer(call: CommandCall, arguments: str) -> str:
    """Open media of a call without answering it (183)."""
    session = find_live(call, arguments.strip())
    if session is None:
        return ERROR
    await session.pre_answer()
    return OK


@command("uuid_ring_ready", syntax="<uuid> [queued]", module="mod_commands")
async def uuid_ring_ready(call: CommandCall, arguments: str) -> str:
    """Tell a caller that it rings (180), or that it is queued (182)."""
    words = split(arguments, " ", 2)
    queued = [word.lower() for word in words[1:]] == ["queued"]
    if not words or (len(words) > 1 and not queued):
        return usage("uuid_ring_ready")
    session = find_live(call, words[0])
    if session is None:
        return ERROR
    await session.ring_ready(queued=queued)
    return OK


@command("uuid_bridge", syntax="<uuid> <other_uuid>", module="mod_commands")
async def uuid_bridge(call: CommandCall, arguments: str) -> str:
    """Join two calls, whatever they do now; a third one is taken where the second is gone."""
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_bridge")
    first = find_live(call, words[0])
    for uuid in words[1:3]:
        second = find_live(call, uuid)
        if first is None or second is None:
            continue
        try:
            await join(first, second)
        except CallFailed:
            continue
        return f"+OK {second.uuid}\n"
    return "-ERR Invalid uuid\n"


@command(
    "uuid_transfer",
    syntax="<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]",
    module="mod_commands",
)
async def uuid_transfer(call: CommandCall, arguments: str) -> str:
    """Route a call anew; ``-bleg`` the one bridged to it, ``-both`` both.

    With ``recording_follow_transfer`` the recordings of the call go with the one bridged to it.
    """
    words = split(arguments, " ", 5)
    if not 2 <= len(words) <= 5:
        return usage("uuid_transfer")
    session = find_live(call, words.pop(0))
    if session is None:
        return NO_SUCH_CHANNEL
    option = words.pop(0).lower() if words[0].startswith("-") else ""
    if option not in ("", "-bleg", "-both") or not words:
        return usage("uuid_transfer")
    dialplan = words[1] if len(words) > 1 else None
    context = words[2] if len(words) > 2 else None
    peer = session.peer
    if option == "-bleg" and peer is None:
        return "-ERR No bridged channel\n"
    if option and peer is not None:
        if option == "-bleg" and session.is_true("recording_follow_transfer"):
            await recording.follow_transfer(session, peer)
        peer.transfer(words[0], dialplan, context)
    if option != "-bleg":
        session.transfer(words[0], dialplan, context)
    return OK


@command("uuid_dual_transfer", syntax="<uuid> <A-dest-exten>[/<A-dialplan>][/<A-context>]"
         " <B-dest-exten>[/<B-dialplan>][/<B-context>]", module="mod_commands")  # fmt: skip
async def uuid_dual_transfer(call: CommandCall, arguments: str) -> str:
    """Route the two legs of a bridged call to two extensions."""
    words = split(arguments, " ", 3)
    if len(words) != 3:
        return usage("uuid_dual_transfer")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    peer = session.peer
    for one, target in ((peer, words[2]), (session, words[1])):
        if one is not None:
            extension, dialplan, context = _target(target)
            one.transfer(extension, dialplan or None, context or None)
    return OK


def _target(text: str) -> tuple[str, str, str]:
    """Extension, dialplan and context; what ends with ``/inline`` may hold slashes."""
    if text.endswith("/inline"):
        return text.removesuffix("/inline"), "inline", ""
    extension, _, rest = text.partition("/")
    dialplan, _, context = rest.partition("/")
    return extension, dialplan, context


@command("uuid_park", syntax="<uuid>", module="mod_commands")
async def uuid_park(call: CommandCall, arguments: str) -> str:
    """Take a call out of what it does and let it wait."""
    session = find_live(call, arguments.strip())
    if session is None:
        return NO_SUCH_CHANNEL
    session.parked = park
    session.move(ChannelState.CS_RESET)
    session.channel.move(ChannelState.CS_PARK)
    return OK


@command("uuid_zombie_exec", syntax="<uuid>", module="mod_commands")
async def uuid_zombie_exec(call: CommandCall, arguments: str) -> str:
    """Let a call run what is left of its dialplan after the hang-up, as ``set_zombie_exec``."""
    session = find_live(call, arguments.strip())
    if session is None:
        return "-ERR no such session\n"
    session.runs_on_when_hung_up = True
    return "+OK MMM Brains...\n"


@command("uuid_hold", syntax="[off|toggle] <uuid> [<display>]", module="mod_commands")
async def uuid_hold(call: CommandCall, arguments: str) -> str:
    """Put a call's far end on hold, or take it back with ``off``."""
    words = split(arguments, " ", 3)
    if not words:
        return usage("uuid_hold") + FAILED
    verb = words.pop(0).lower() if words[0].lower() in ("off", "toggle") else ""
    session = find_live(call, words[0]) if words else None
    if session is None:
        return FAILED
    held = session.channel.callstate is CallState.HELD
    if verb == "off" or (verb == "toggle" and held):
        session.leg.unhold()
        session.on_hold(False)
    else:
        session.leg.hold()
        session.on_hold(True)
    return SUCCESS


@command("uuid_deflect", syntax="<uuid> <uri>", module="mod_commands")
async def uuid_deflect(call: CommandCall, arguments: str) -> str:
    """Ask the far end of an answered call to call another address (REFER)."""
    uuid, _, address = arguments.partition(" ")
    if not uuid or not address:
        return usage("uuid_deflect")
    session = find_live(call, uuid)
    if session is None:
        return no_such(uuid)
    session.leg.deflect(address)
    return f"+OK:{address}\n"


@command("uuid_redirect", syntax="<uuid> <uri>", module="mod_commands")
async def uuid_redirect(call: CommandCall, arguments: str) -> str:
    """Send a caller who is not answered yet elsewhere (302)."""
    uuid, _, address = arguments.partition(" ")
    if not uuid or not address:
        return usage("uuid_redirect")
    session = find_live(call, uuid)
    if session is None:
        return no_such(uuid)
    session.leg.redirect(address)
    return f"+OK:{address}\n"


@command("hupall", syntax="<cause> [<var> <value>] [<var2> <value2>]", module="mod_commands")
async def hupall(call: CommandCall, arguments: str) -> str:
    """Hang up all calls, or those whose variables have the values given."""
    words = split(arguments, " ", 11)
    cause = HangupCause.MANAGER_REQUEST
    if words:
        if not HangupCause.known(words[0]):
            # FreeSWITCH would hang up everybody for a typing error.
            return f"-ERR {words[0]} is no hang-up cause\n"
        cause = HangupCause.parse(words[0])
        if cause is HangupCause.NONE:
            cause = HangupCause.MANAGER_REQUEST
    pairs = zip(words[1::2], words[2::2], strict=False)
    matching = {name: value for name, value in pairs if name and value}
    call.switch.hangup_all(cause, matching)
    if not matching:
        return f"+OK hangup all channels with cause {cause.name}\n"
    more = "..." if len(matching) > 1 else ""
    which = f"[{words[1]}]=[{words[2]}]{more}"
    return f"+OK hangup all channels matching {which} with cause: {cause.name}\n"
