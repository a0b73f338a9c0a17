"""Routing: find the actions for a channel, transfer it, run another extension's actions."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch import registry
from softswitch.config.errors import ConfigurationErrors
from softswitch.dialplan import arguments, arrays, expansion, inline
from softswitch.dialplan.hunt import (
    DeleteVariables,
    HuntRequest,
    HuntResult,
    InlineAction,
    PlannedAction,
    SetVariable,
    hunt,
)
from softswitch.dialplan.model import Dialplan
from softswitch.registry import ApplicationFlag
from softswitch.switch import hooks
from softswitch.switch.causes import HangupCause
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from collections.abc import Generator

    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

DEEPEST_EXECUTE_EXTENSION = 32
"""Extensions that run extensions that run extensions …: deeper ones are refused."""
MOST_TRANSFERS = 70
"""Transfers of one call, so that a loop of transfers ends."""


async def expand(session: Session, text: str) -> str:
    """``text`` with its ``${}`` replaced for a session; commands in it are run."""
    return await _drive(session, expansion.expand(text, session.get))


async def _drive(session: Session, work: Generator[expansion.CommandCall, str, str]) -> str:
    try:
        call = next(work)
        while True:
            call = work.send(await _command(session, call))
    except StopIteration as finished:
        result: str = finished.value
        return result


async def _command(session: Session, call: expansion.CommandCall) -> str:
    """The output of ``${command(arguments)}``; unknown commands are empty text."""
    return await session.switch.expansion_command(call, session)


async def route(session: Session) -> None:
    """CS_ROUTING: an outbound leg waits for its owner, a caller's gets its actions."""
    channel = session.channel
    if session.actions:
        channel.move(ChannelState.CS_EXECUTE)
        return
    if channel.outbound and not session.transferred:
        channel.move(ChannelState.CS_CONSUME_MEDIA)
        return
    if session.transferred:
        await hooks.run(session, "blind_transfer")
    found = await find_actions(session, channel.profile)
    if not session.ready:
        return
    if found is None:
        session.log.info("No Route, Aborting")
        session.hangup(HangupCause.NO_ROUTE_DESTINATION)
        return
    session.actions = found
    channel.move(ChannelState.CS_EXECUTE)


async def find_actions(session: Session, profile: CallerProfile) -> list[PlannedAction] | None:
    """Ask each dialplan that the profile names; None if none of them has a route."""
    for part in arguments.split(await session.expand(profile.dialplan), ",", 25):
        name, _, argument = part.partition(":")
        if name.lower() == "inline":
            actions = inline.inline_actions(argument or profile.destination_number)
            profile.destination_number, profile.rdnis = profile.rdnis, ""
            return list(actions)
        if name.lower() != "xml":
            found = await _ask_module(session, profile, name, argument)
            if found is not None:
                return found
            continue
        session.log.info(
            "Processing %s <%s>->%s in context %s",
            profile.caller_id_name,
            profile.caller_id_number,
            profile.destination_number,
            profile.context,
        )
        dialplan = await _dialplan(session, profile, argument)
        if dialplan is None:
            continue
        result = await _hunt(session, profile, dialplan)
        if result.problem:
            session.log.warning("%s", result.problem)
        if result.found:
            session.log.debug("found extension %s", result.extension)
            profile.route = (result.extension, tuple(result.actions))
            return list(result.actions)
    return None


async def _ask_module(
    session: Session, profile: CallerProfile, name: str, argument: str
) -> list[PlannedAction] | None:
    """The actions that a module's dialplan has for the call; None if it has none."""
    entry = registry.dialplan.find(name)
    if entry is None or not session.switch.modules.exists(entry.module):
        session.log.error("there is no dialplan %s", name)
        return None
    found: list[PlannedAction] | None = await entry.target(session, profile, argument)
    if found is not None:
        profile.route = (profile.destination_number, tuple(found))
    return found


async def _dialplan(session: Session, profile: CallerProfile, file: str) -> Dialplan | None:
    """The contexts to search: those of the configuration, or of a file (``XML:/path``)."""
    if not file:
        return await session.switch.lookups.dialplan(session, profile)
    try:
        return await session.switch.lookups.dialplan_file(Path(file))
    except ConfigurationErrors as refused:
        for finding in refused.findings:
            session.log.error("%s", str(finding).partition("\n")[0])
    except OSError as error:
        session.log.error("the dialplan %s cannot be read: %s", file, error.strerror)
    return None


@lru_cache(maxsize=2)
def _local_time(seconds: int) -> datetime:
    """The time in the server's own zone, for all calls of one second."""
    return datetime.fromtimestamp(seconds).astimezone()


async def _hunt(session: Session, profile: CallerProfile, dialplan: Dialplan) -> HuntResult:
    now = _local_time(session.switch.now_us() // 1_000_000)
    zones = session.switch.generation.zones
    hunting = hunt(dialplan, profile.field, session.get, now, zones=zones)
    try:
        request = next(hunting)
        while True:
            request = hunting.send(await _answer(session, request))
    except StopIteration as finished:
        result: HuntResult = finished.value
        return result


async def _answer(session: Session, request: HuntRequest) -> str:
    match request:
        case SetVariable(name=name, value=value):
            session.set(name, value)
        case DeleteVariables(prefix=prefix):
            for name, _ in session.channel.variables.with_prefix(prefix):
                session.set(name, "")
        case InlineAction():
            return await _run_inline(session, request)
        case _:
            return await _command(session, request)
    return ""


async def _run_inline(session: Session, action: InlineAction) -> str:
    """Run an application while hunting; the answer is a note for the trace."""
    entry = registry.application.find(action.application)
    if entry is None:
        lacks = registry.application.lacks(action.application)
        session.log.error("%s:%d: %s", action.file, action.line, lacks)
        session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return "no such application"
    if not entry.flags & ApplicationFlag.INLINE:
        session.log.error(
            "%s:%d: %s cannot be executed inline", action.file, action.line, action.application
        )
        return "cannot be executed inline"
    await session.execute(action.application, action.data)
    return ""


def transfer(session: Session, extension: str, dialplan: str | None, context: str | None) -> None:
    """Route the channel again with a new caller profile; what it does now is abandoned."""
    channel = session.channel
    if not channel.up:
        return
    if not _may_transfer(session):
        session.hangup(HangupCause.EXCHANGE_ROUTING_ERROR)
        return
    before = channel.profile
    dialplan = dialplan or session.get("force_transfer_dialplan")
    if not dialplan:
        dialplan = "XML" if before.dialplan.lower() == "inline" else before.dialplan
    context = context or session.get("force_transfer_context") or before.context or "default"
    profile = before if session.reuses_profile else before.clone()
    profile.rdnis = before.destination_number
    profile.destination_number = extension or "service"
    profile.dialplan, profile.context = dialplan or "XML", context
    seconds = session.switch.now_us() // 1_000_000
    note = f"{seconds}:{session.switch.new_uuid()}:bl_xfer:{extension}/{context}/{dialplan}"
    profile.transfer_source = note
    session.set("transfer_source", note)
    history = session.get("transfer_history")
    session.set("transfer_history", arrays.push(history, note))
    # What belonged to the talk that is over.
    session.set("temp_hold_music", "")
    for leg in (session, session.peer):
        if leg is not None:
            leg.set("signal_bond", "")
    session.actions = []
    session.parked = None
    session.transferred = True
    if profile is not before:
        session.reprofile(profile)
    session.move(ChannelState.CS_RESET)
    channel.move(ChannelState.CS_ROUTING)


def _may_transfer(session: Session) -> bool:
    name = "max_session_transfers" if session.get("max_session_transfers") else "max_forwards"
    text = session.get(name) or ""
    left = (int(text) if text.isdigit() else MOST_TRANSFERS) - 1
    session.set(name, str(max(left, 0)))
    return left > 0


async def execute_extension(
    session: Session, extension: str, dialplan: str | None = None, context: str | None = None
) -> None:
    """Run another extension's actions as a subroutine; the caller's list goes on after it."""
    if session.depth > DEEPEST_EXECUTE_EXTENSION:
        session.log.error("execute_extension is nested too deeply")
        return
    before = session.channel.profile
    profile = before.clone(
        destination_number=extension,
        dialplan=dialplan or before.dialplan,
        context=context or before.context,
    )
    profile.times = before.times
    session.channel.profile = profile
    try:
        actions = await find_actions(session, profile)
        if actions is None:
            session.log.error("execute_extension: no extension %s", extension)
            return
        for action in actions:
            session.check_ready()
            await session.execute(action.application, action.data)
    finally:
        if session.channel.profile is profile:
            session.channel.profile = before
