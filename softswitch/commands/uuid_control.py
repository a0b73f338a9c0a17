"""Calls steered from outside: ``uuid_kill uuid_answer uuid_bridge uuid_transfer …``."""

from __future__ import annotations

from softswitch.commands.reply import NO_SUCH_CHANNEL, OK, find_live, usage
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.bridge import uuid_bridge as join
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.commands import CommandCall
from softswitch.switch.park import park
from softswitch.switch.states import CallState, ChannelState


@command("uuid_kill", syntax="<uuid> [cause]", module="mod_commands")
async def uuid_kill(call: CommandCall, arguments: str) -> str:
    """Hang up a call, with a cause if one is given."""
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_kill")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    if len(words) > 1:
        if not HangupCause.known(words[1]):
            return "-ERR Invalid cause\n"
        session.hangup(HangupCause.parse(words[1]))
    else:
        session.hangup()
    return OK


@command("uuid_answer", syntax="<uuid>", module="mod_commands")
async def uuid_answer(call: CommandCall, arguments: str) -> str:
    """Answer a call."""
    session = find_live(call, arguments.strip())
    if session is None:
        return usage("uuid_answer") if not arguments.strip() else "-ERROR\n"
    await session.answer()
    return OK


@command("uuid_pre_answer", syntax="<uuid>", module="mod_commands")
async def uuid_pre_answer(call: CommandCall, arguments: str) -> str:
    """Open media of a call without answering it (183)."""
    session = find_live(call, arguments.strip())
    if session is None:
        return usage("uuid_pre_answer") if not arguments.strip() else "-ERROR\n"
    await session.pre_answer()
    return OK


@command("uuid_ring_ready", syntax="<uuid> [queued]", module="mod_commands")
async def uuid_ring_ready(call: CommandCall, arguments: str) -> str:
    """Tell a caller that it rings (180), or that it is queued (182)."""
    words = split(arguments, " ", 2)
    if not words:
        return usage("uuid_ring_ready")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    await session.ring_ready(queued=words[1:] == ["queued"])
    return OK


@command("uuid_bridge", syntax="<uuid> <other_uuid>", module="mod_commands")
async def uuid_bridge(call: CommandCall, arguments: str) -> str:
    """Join two calls, whatever they do now."""
    words = split(arguments, " ", 2)
    if len(words) != 2:
        return usage("uuid_bridge")
    first, second = find_live(call, words[0]), find_live(call, words[1])
    if first is None or second is None:
        return "-ERR Invalid uuid\n"
    try:
        await join(first, second)
    except CallFailed:
        return "-ERR Invalid uuid\n"
    return f"+OK {second.uuid}\n"


@command(
    "uuid_transfer",
    syntax="<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]",
    module="mod_commands",
)
async def uuid_transfer(call: CommandCall, arguments: str) -> str:
    """Route a call anew; ``-bleg`` the one bridged to it, ``-both`` both."""
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
    if option and peer is None:
        return "-ERR No bridged channel\n" if option == "-bleg" else NO_SUCH_CHANNEL
    if option and peer is not None:
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
            extension, _, rest = target.partition("/")
            dialplan, _, context = rest.partition("/")
            one.transfer(extension, dialplan or None, context or None)
    return OK


@command("uuid_park", syntax="<uuid>", module="mod_commands")
async def uuid_park(call: CommandCall, arguments: str) -> str:
    """Take a call out of what it does and let it wait."""
    if not arguments.strip():
        return usage("uuid_park")
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
    if not arguments.strip():
        return usage("uuid_zombie_exec")
    session = find_live(call, arguments.strip())
    if session is None:
        return NO_SUCH_CHANNEL
    session.runs_on_when_hung_up = True
    return OK


@command("uuid_hold", syntax="[off|toggle] <uuid> [<display>]", module="mod_commands")
async def uuid_hold(call: CommandCall, arguments: str) -> str:
    """Put a call's far end on hold, or take it back with ``off``."""
    words = split(arguments, " ", 3)
    verb = words.pop(0) if words and words[0] in ("off", "toggle") else ""
    if not words:
        return usage("uuid_hold")
    session = find_live(call, words[0])
    if session is None:
        return "-ERR Operation failed\n"
    held = session.channel.callstate is CallState.HELD
    if verb == "off" or (verb == "toggle" and held):
        session.leg.unhold()
        session.on_hold(False)
    else:
        session.leg.hold()
        session.on_hold(True)
    return "+OK Success\n"


@command("uuid_deflect", syntax="<uuid> <uri>", module="mod_commands")
async def uuid_deflect(call: CommandCall, arguments: str) -> str:
    """Ask the far end of an answered call to call another address (REFER)."""
    words = split(arguments, " ", 2)
    if len(words) != 2:
        return usage("uuid_deflect")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    session.leg.deflect(words[1])
    return f"+OK:{words[1]}\n"


@command("uuid_redirect", syntax="<uuid> <uri>", module="mod_commands")
async def uuid_redirect(call: CommandCall, arguments: str) -> str:
    """Send a caller who is not answered yet elsewhere (302)."""
    words = split(arguments, " ", 2)
    if len(words) != 2:
        return usage("uuid_redirect")
    session = find_live(call, words[0])
    if session is None:
        return NO_SUCH_CHANNEL
    session.leg.redirect(words[1])
    return f"+OK:{words[1]}\n"


@command("hupall", syntax="<cause> [<var> <value>] [<var2> <value2>]", module="mod_commands")
async def hupall(call: CommandCall, arguments: str) -> str:
    """Hang up all calls, or those whose variables have the values given."""
    words = split(arguments, " ", 20)
    cause = HangupCause.MANAGER_REQUEST
    if words and words[0]:
        if not HangupCause.known(words[0]):
            return f"-ERR {words[0]} is no hang-up cause\n"
        cause = HangupCause.parse(words[0])
    matching = dict(zip(words[1::2], words[2::2], strict=False))
    call.switch.hangup_all(cause, matching)
    which = " and ".join(f"{name}={value}" for name, value in matching.items())
    which = f" matching {which}" if which else ""
    return f"+OK hangup all channels{which} with cause {cause.name}\n"
