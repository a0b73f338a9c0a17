"""Running one application on a session, with the rules and events that surround it."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from softswitch import registry
from softswitch.dialplan.arguments import is_true, take_scope
from softswitch.registry import ApplicationFlag
from softswitch.switch import presence
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.session import Session

Application = Callable[..., Awaitable[None]]

_WISHES = ("app_uuid", "app_uuid_name", "verbose_presence")
"""Variables that say something of the application that runs next."""


async def execute(session: Session, name: str, data: str = "") -> bool:
    """Run an application with FreeSWITCH's rules; False if it could not be run.

    ``application::data`` runs beside what the call does, where no data is given otherwise.
    """
    if not data and "::" in name:
        name, _, data = name.partition("::")
        session.spawn(_beside(session, name, data), name)
        return True
    entry = registry.application.find(name)
    if entry is None:
        session.log.error("%s", registry.application.lacks(name))
        session.hangup(HangupCause.DESTINATION_OUT_OF_ORDER)
        return False
    if not session.channel.up and not entry.flags & ApplicationFlag.ZOMBIE:
        return False
    if not is_true(session.get("app_disable_expand_variables")):
        data = await session.expand(data)
    variables, data = take_scope(data)
    if not entry.flags & ApplicationFlag.NO_MEDIA and session.leg.media is None:
        await session.pre_answer()
    if not variables:
        await _run(session, entry, data)
        return True
    scope = {name.lower(): value for name, value in variables}
    session.scopes.append(scope)
    try:
        await _run(session, entry, data)
    finally:
        session.scopes.remove(scope)
    return True


def tell(session: Session, name: str, data: str) -> None:
    """Publish that a call runs what is not in its dialplan, such as ``uuid_bridge``."""
    session.switch.fire(session, "CHANNEL_EXECUTE", {"Application": name, "Application-Data": data})


async def _beside(session: Session, name: str, data: str) -> None:
    await execute(session, name, data)


async def _run(session: Session, entry: registry.Entry[Application], data: str) -> None:
    name = entry.name
    session.application_log.append((name, data, session.switch.now_us()))
    variables = session.channel.variables
    variables.set("current_application", name)
    variables.set("current_application_data", data)
    variables.set("current_application_response", "")
    wishes = session.pick(_WISHES)
    number = wishes.get("app_uuid")
    if not number:
        number = f"{session.uuid[:-4]}{next(session.application_numbers):04x}"
    headers = {"Application": name, "Application-Data": data, "Application-UUID": number}
    if wishes:
        if called := wishes.get("app_uuid_name"):
            headers["Application-UUID-Name"] = called
        variables.set("app_uuid", "")
        variables.set("app_uuid_name", "")
        if is_true(wishes.get("verbose_presence")):
            presence.tell(session, "unknown", f"{name}({data})" if data else name)
    session.log.debug(
        "EXECUTE [depth=%d] %s %s(%s)", session.depth, session.channel.name, name, data
    )
    session.switch.fire(session, "CHANNEL_EXECUTE", headers)
    session.depth += 1
    try:
        await entry.target(session, data)
    except CallFailed as failure:
        session.log.warning("%s(%s): %s", name, data, failure)
        session.hangup(failure.cause)
    except Exception as error:
        # One line tells where, the next ones how it came there.
        steps = traceback.extract_tb(error.__traceback__)
        own = [step for step in steps if step.filename == inspect.getfile(entry.target)]
        last = (own or steps)[-1]
        reason = f"{type(error).__name__}: {error}"
        place = f"{last.filename}:{last.lineno}"
        session.log.exception("application %s(%s) failed at %s: %s", name, data, place, reason)
        session.hangup(HangupCause.NORMAL_TEMPORARY_FAILURE)
    finally:
        session.depth -= 1
        response = variables.peek("current_application_response") or "_none_"
        done = {"Application": name, "Application-Data": data, "Application-Response": response}
        session.switch.fire(session, "CHANNEL_EXECUTE_COMPLETE", done | headers)
