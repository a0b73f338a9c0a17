"""Records of called legs, kept in variables of the caller's leg for its own record.

``copy_xml_cdr`` or ``copy_json_cdr`` on a leg that was bridged asks for ``b_leg_cdr``,
``failed_xml_cdr_prefix`` or ``failed_json_cdr_prefix`` of the caller for those that did not answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch.call_record import document, to_json, to_xml
from softswitch.switch.states import ChannelState

if TYPE_CHECKING:
    from softswitch.switch.session import Session

_COPIED = ("copy_xml_cdr", "copy_json_cdr")
PATIENCE = 5.0
"""Seconds that a caller waits for the figures of a leg that has hung up."""


def expect(caller: Session, called: Session) -> None:
    """A bridge has ended: have `take` copy the called leg's record where it asks for that."""
    if any(map(is_true, called.pick(_COPIED).values())):
        caller.records_due.append((called, _keep_bridged))


def expect_failed(caller: Session | None, called: Iterable[Session]) -> None:
    """Nobody answered: have `take` copy the records of these legs where the caller asks for it."""
    if caller is None:
        return
    if caller.get("failed_xml_cdr_prefix") or caller.get("failed_json_cdr_prefix"):
        caller.records_due.extend((leg, _keep_failed) for leg in called)


async def take(caller: Session) -> None:
    """Copy what is due, each record once its leg has ended; a leg that goes on has one so far."""
    due, caller.records_due = caller.records_due, []
    for called, keep in due:
        if not called.channel.up:
            await _until_over(called)
        keep(caller, called)


async def _until_over(called: Session) -> None:
    if called.channel.running_state >= ChannelState.CS_REPORTING:
        return
    over: asyncio.Future[None] = called.switch.loop.create_future()

    def watch(_: Session, what: str) -> None:
        if what == "over" and not over.done():
            over.set_result(None)

    called.watchers.append(watch)
    try:
        async with asyncio.timeout(PATIENCE):
            await over
    except TimeoutError:
        called.log.warning("its record is copied before its end: that takes too long")
    finally:
        called.unwatch(watch)


def _keep_bridged(caller: Session, called: Session) -> None:
    text = _as_json(called) if called.is_true("copy_json_cdr") else _as_xml(called)
    caller.set("b_leg_cdr", text)
    caller.set(f"b_leg_cdr_{called.uuid}", text)


def _keep_failed(caller: Session, called: Session) -> None:
    for name, render in (("failed_xml_cdr_prefix", _as_xml), ("failed_json_cdr_prefix", _as_json)):
        prefix = caller.get(name)
        if prefix:
            known = caller.get(f"{prefix}_total") or ""
            total = (int(known) if known.isdecimal() else 0) + 1
            caller.set(f"{prefix}_{total}", render(called))
            caller.set(f"{prefix}_total", str(total))


def _as_xml(session: Session) -> str:
    # What a far end called itself must not be expanded where the copy is used.
    return to_xml(document(session), declared=False).replace("${", "&#36;{")


def _as_json(session: Session) -> str:
    text = json.dumps(to_json(document(session), encode_values=True), separators=(",", ":"))
    return text.replace("${", "\\u0024{")
