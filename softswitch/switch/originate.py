"""Originate: ring legs in order or together until one answers, or say why none did.

Serial groups are tried from left to right; the legs of a group ring together and the first
that answers (or sends early media, where that counts) wins, the others get LOSE_RACE.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from softswitch.dialplan.arguments import is_true
from softswitch.switch import hooks
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.dialstring import DialString, parse_enterprise
from softswitch.switch.outleg import LegPlan, leg_plans, make_session
from softswitch.switch.ringing import Ringing

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT = 60.0
"""Seconds that a serial group may ring (``call_timeout``, ``originate_timeout``)."""

DIAL_STATUS = {
    HangupCause.USER_BUSY: "BUSY",
    HangupCause.NO_ANSWER: "NOANSWER",
    HangupCause.ORIGINATOR_CANCEL: "CANCEL",
    HangupCause.CALL_REJECTED: "DONTCALL",
    HangupCause.DESTINATION_OUT_OF_ORDER: "INVALIDARGS",
    HangupCause.INVALID_PROFILE: "INVALIDARGS",
}
"""``DIALSTATUS`` of a failed attempt, where it is not the cause's own name."""


@dataclass(slots=True)
class Wish:
    """Who originates, and what he asked for beside the dial string."""

    switch: Switch
    parent: Session | None = None
    caller_id_name: str | None = None
    caller_id_number: str | None = None
    timeout: float | None = None
    variables: dict[str, str] = field(default_factory=dict)


async def originate(
    switch: Switch,
    dial_string: str,
    *,
    parent: Session | None = None,
    caller_id_name: str | None = None,
    caller_id_number: str | None = None,
    timeout: float | None = None,
    variables: dict[str, str] | None = None,
) -> Session:
    """Ring ``dial_string`` and return the session that won: answered, or with early media.

    ``parent`` is the caller's session, if the call is made for one; its variables flow in and
    it hears the ringing. ``timeout`` counts seconds for each serial group. Raises
    `CallFailed` with the cause when nobody took the call; all legs are then hung up.
    """
    wish = Wish(switch, parent, caller_id_name, caller_id_number, timeout, variables or {})
    if parent is not None:
        await hooks.run(parent, "pre_originate")
    try:
        strings = parse_enterprise(dial_string)
        if len(strings) == 1:
            winner = await _with_retries(wish, strings[0])
        else:
            winner = await _first_of(
                switch, [_with_retries(wish, string, alone=False) for string in strings]
            )
    except CallFailed as failure:
        _note_result(parent, failure.cause)
        raise
    except asyncio.CancelledError:
        _note_result(parent, HangupCause.ORIGINATOR_CANCEL)
        raise
    _note_result(parent, HangupCause.SUCCESS)
    if parent is not None:
        _import_variables(parent, winner)
        await hooks.run(winner, "post_originate")
        await hooks.run(parent, "post_originate")
    return winner


async def _with_retries(wish: Wish, string: DialString, *, alone: bool = True) -> Session:
    options = _options(wish, string)
    retries = min(max(int(_number(options, "originate_retries", 1)), 1), 100)
    pause = min(max(_number(options, "originate_retry_sleep_ms", 1000), 500), 60_000)
    failure = CallFailed(HangupCause.NORMAL_TEMPORARY_FAILURE)
    for attempt in range(retries):
        if attempt:
            await asyncio.sleep(pause / 1000)
        try:
            return await _serial(wish, string, options, alone=alone)
        except CallFailed as failed:
            failure = failed
    raise failure


async def _serial(
    wish: Wish, string: DialString, options: dict[str, str], *, alone: bool
) -> Session:
    """Try the groups of one string from left to right."""
    timeout = _number(options, "originate_timeout", 0) or wish.timeout or 0
    if not timeout and wish.parent is not None:
        timeout = _number(options, "call_timeout", 0)
    failure = CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER)
    groups = [
        plans
        for group in string.groups
        for plans in await leg_plans(wish, group, options, forked=len(string.groups) > 1)
    ]
    for plans in groups:
        try:
            return await _ring_together(
                wish, plans, options, timeout or DEFAULT_TIMEOUT, alone=alone
            )
        except CallFailed as failed:
            failure = failed
            if failed.reason == TIMED_OUT and not is_true(
                options.get("originate_continue_on_timeout")
            ):
                break
            if _rejected_for_good(options, failed.cause):
                break
    raise failure


TIMED_OUT = "nobody answered in time"


async def _ring_together(
    wish: Wish, plans: list[LegPlan], options: dict[str, str], timeout: float, *, alone: bool
) -> Session:
    """Ring the legs of one group; the winner, or `CallFailed` with the group's cause."""
    switch = wish.switch
    ringing = Ringing(
        switch.loop, wish.parent if alone else None, options, timeout, single=len(plans) == 1
    )
    try:
        first_failure: HangupCause | None = None
        for plan in plans:
            try:
                ringing.add(make_session(wish, plan, options), plan)
            except CallFailed as failed:
                log.info("cannot ring %s/%s: %s", plan.endpoint, plan.target, failed)
                if plan is plans[0]:
                    first_failure = failed.cause
        winner = await ringing.run(switch.start)
        if winner is not None:
            return winner
    except asyncio.CancelledError:
        ringing.hang_up_all(HangupCause.ORIGINATOR_CANCEL)
        raise
    finally:
        ringing.close()
    ringing.note_causes(wish.parent)
    cause = ringing.cause or first_failure
    if ringing.timed_out:
        raise CallFailed(HangupCause.NO_ANSWER, TIMED_OUT)
    if cause in (None, HangupCause.NONE, HangupCause.SUCCESS):
        cause = first_failure or HangupCause.ORIGINATOR_CANCEL
    assert cause is not None
    raise CallFailed(cause)


async def _first_of(switch: Switch, attempts: list[Coroutine[Any, Any, Session]]) -> Session:
    """Run independent attempts at once; the first success ends the others."""
    tasks = [switch.loop.create_task(attempt) for attempt in attempts]
    winner: Session | None = None
    failure = CallFailed(HangupCause.NORMAL_TEMPORARY_FAILURE)
    pending = set(tasks)
    try:
        while pending and winner is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None and winner is None:
                    winner = task.result()
                elif error is None:
                    task.result().hangup(HangupCause.LOSE_RACE)
                elif isinstance(error, CallFailed):
                    failure = error
                else:
                    raise error
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    if winner is None:
        raise failure
    return winner


COPIED = """group_confirm_key group_confirm_file group_confirm_read_timeout
    group_confirm_cancel_timeout group_confirm_timeout forked_dial fail_on_single_reject
    hangup_on_single_reject ignore_early_media bridge_early_media
    originate_continue_on_timeout ignore_ring_ready monitor_early_media_ring
    monitor_early_media_ring_total monitor_early_media_fail return_ring_ready ring_ready
    instant_ringback progress_timeout language""".split()
"""Variables of the caller that hold for the legs it rings unless the dial string says else."""

FROM_CALLER = ("call_timeout", "originate_retries", "originate_retry_sleep_ms")
"""Variables of the caller that originate reads but does not hand on."""


_FROM_PARENT = (*COPIED, *FROM_CALLER)


def _options(wish: Wish, string: DialString) -> dict[str, str]:
    """The variables of the whole attempt: exported, copied, then the string's own."""
    options: dict[str, str] = {}
    parent = wish.parent
    if parent is not None:
        options.update(parent.channel.variables.pick(_FROM_PARENT))
    options.update(wish.variables)
    options.update(string.variables)
    return options


def _number(options: dict[str, str], name: str, default: float) -> float:
    try:
        return float(options.get(name, "") or default)
    except ValueError:
        return default


def _rejected_for_good(options: dict[str, str], cause: HangupCause) -> bool:
    """``fail_on_single_reject`` as true, a list of causes, or a list negated by ``!``."""
    wish = options.get("fail_on_single_reject", "")
    if not wish:
        return False
    if is_true(wish):
        return True
    if wish.startswith("!"):
        return cause.name not in wish.upper()
    return cause.name in wish.upper()


def _note_result(parent: Session | None, cause: HangupCause) -> None:
    if parent is not None:
        parent.set("originate_disposition", cause.name)
        parent.set("DIALSTATUS", DIAL_STATUS.get(cause, cause.name))


def _import_variables(parent: Session, winner: Session) -> None:
    """Copy what ``import`` names from the called leg to the caller's."""
    for name in (parent.get("import") or "").split(","):
        value = winner.get(name.strip()) if name.strip() else None
        if value:
            parent.set(name.strip(), value)
