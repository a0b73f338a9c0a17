"""Keys and sounds on a running call: ``uuid_send_dtmf uuid_broadcast uuid_break …``."""

from __future__ import annotations

from collections.abc import Callable

from softswitch.commands.reply import (
    CANNOT_LOCATE,
    NO_SUCH_CHANNEL,
    OK,
    find_live,
    no_such,
    usage,
)
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch import digit_flow, digit_string
from softswitch.switch.broadcast import LEGS, broadcast, forget_waiting
from softswitch.switch.commands import CommandCall
from softswitch.switch.digit_string import DigitGroup
from softswitch.switch.session import Session


@command("uuid_send_dtmf", syntax="<uuid> <dtmf_data>", module="mod_commands")
async def uuid_send_dtmf(call: CommandCall, arguments: str) -> str:
    """Send digits to a call's far end; ``@<ms>`` behind them says how long each lasts."""

    def send(session: Session, group: DigitGroup) -> None:
        digit_flow.send(session, group.keys, group.duration_ms)

    return _press(call, arguments, "uuid_send_dtmf", send, "sent")


@command("uuid_recv_dtmf", syntax="<uuid> <dtmf_data>", module="mod_commands")
async def uuid_recv_dtmf(call: CommandCall, arguments: str) -> str:
    """Let a call receive digits as if its far end had sent them."""

    def receive(session: Session, group: DigitGroup) -> None:
        for digit in group.digits:
            session.on_digit(digit, group.duration_ms, "app")

    return _press(call, arguments, "uuid_recv_dtmf", receive, "received")


def _press(
    call: CommandCall,
    arguments: str,
    name: str,
    press: Callable[[Session, DigitGroup], None],
    done: str,
) -> str:
    """Press the digits of ``<uuid> <dtmf_data>``; ``done`` is the verb of the answer."""
    words = split(arguments, " ", 2)
    if len(words) != 2:
        return usage(name)
    session = find_live(call, words[0])
    if session is None:
        return CANNOT_LOCATE
    try:
        groups = digit_string.parse(words[1], call.switch.digit_durations)
    except ValueError as error:
        return f"-ERR {error}\n"
    for group in groups:
        press(session, group)
    return f"+OK {session.uuid} {done} DTMF {words[1]}.\n"


@command("uuid_flush_dtmf", syntax="<uuid>", module="mod_commands")
async def uuid_flush_dtmf(call: CommandCall, arguments: str) -> str:
    """Forget the digits a call received and did not use yet."""
    session = find_live(call, arguments.strip())
    if session is None:
        return "-ERR No such session\n"
    session.digits.clear()
    return OK


@command("uuid_break", "break", syntax="<uuid> [all]", module="mod_commands")
async def uuid_break(call: CommandCall, arguments: str) -> str:
    """End what a call plays, records or waits for; its dialplan goes on.

    While a broadcast runs only that ends, and what it plays over goes on.
    Of a list of files (``playback_delimiter``) or of several broadcasts the next is played, but
    with ``all``. With ``both`` what its partner does ends too.
    """
    uuid, _, flags = arguments.partition(" ")
    if not uuid:
        return usage("uuid_break")
    session = find_live(call, uuid)
    if session is None:
        return NO_SUCH_CHANNEL
    one_item = "all" not in flags
    for leg in (session, session.peer if "both" in flags else None):
        if leg is None:
            continue
        if not one_item:
            forget_waiting(leg)
        leg.break_first(one_item=one_item)
    return OK


@command(
    "uuid_broadcast",
    syntax="<uuid> <path> [aleg|bleg|holdb|both]",
    module="mod_commands",
)
async def uuid_broadcast(call: CommandCall, arguments: str) -> str:
    """Play a file, or run ``app[!cause][::args]``, on a running call.

    Its partner hears hold music meanwhile (``holdb``) where no leg is named. Several run one
    after the other.
    """
    words = split(arguments, " ", 4)
    if len(words) < 2:
        return usage("uuid_broadcast")
    session = find_live(call, words[0])
    if session is None:
        return "-ERR invalid uuid\n"
    leg = words[2].lower() if len(words) > 2 else "holdb"
    if leg not in LEGS:
        return usage("uuid_broadcast")
    broadcast(session, words[1], leg)
    return "+OK Message sent\n"


@command(
    "uuid_drop_dtmf",
    syntax="<uuid> [on | off ] [ mask_digits <digits> | mask_file <file>]",
    module="mod_commands",
)
async def uuid_drop_dtmf(call: CommandCall, arguments: str) -> str:
    """Keep a party's digits from its partner, who may hear others or a file in their place."""
    words = split(arguments, " ", 4)
    if len(words) < 2 or words[1].lower() not in ("on", "off") or len(words) == 3:
        return usage("uuid_drop_dtmf")
    session = find_live(call, words[0])
    if session is None:
        return no_such(words[0])
    masks = {"mask_digits": "drop_dtmf_masking_digits", "mask_file": "drop_dtmf_masking_file"}
    if len(words) == 4:
        if words[2].lower() not in masks:
            return usage("uuid_drop_dtmf")
        for kind, name in masks.items():
            session.set(name, words[3] if kind == words[2].lower() else "")
    dropped = session.digit_rules.dropped = words[1].lower() == "on"
    session.set("drop_dtmf", "true" if dropped else "false")
    digit_flow.refresh(session)
    file, digits = (session.get(name) or "NONE" for name in reversed(masks.values()))
    state = "dropping" if dropped else "not dropping"
    return f"+OK {session.uuid} is {state} DTMF. mask_file: {file} mask_digits: {digits}\n"
