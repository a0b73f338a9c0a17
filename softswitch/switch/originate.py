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

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.switch import hooks, record_copies
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.dialstring import DialString, parse_enterprise
from softswitch.switch.outleg import LegPlan, exported, leg_plans, make_session
from softswitch.switch.ringback import Ringback
from softswitch.switch.ringing import Ringing, number, rejected
from softswitch.switch.states import CallState

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

DEFAULT_TIMEOUT = 60.0
"""Seconds that a serial group may ring (``call_timeout``, ``originate_timeout``)."""

MOST_RETRIES = 100
"""Higher ``originate_retries`` are ignored, unless ``originate_retry_timeout`` limits them."""

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
    ringback: Ringback | None = None
    """What the caller hears of several independent attempts; None: each attempt's own."""


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
        parent.check_ready()
        if is_false(parent.get("preserve_originated_vars")):
            for name in ("originated_legs", "originate_causes"):
                parent.set(name, "")
        if parent.channel.callstate is CallState.ACTIVE:
            parent.channel.set_callstate(CallState.RING_WAIT)
    try:
        strings = parse_enterprise(dial_string)
        if len(strings) == 1:
            winner = await _with_retries(wish, strings[0], _options(wish, strings[0]))
        else:
            winner = await _enterprise(wish, strings)
    except CallFailed as failure:
        _note_result(parent, failure.cause)
        raise
    except asyncio.CancelledError:
        _note_result(parent, HangupCause.ORIGINATOR_CANCEL)
        raise
    finally:
        if parent is not None and parent.channel.callstate is CallState.RING_WAIT:
            parent.channel.set_callstate(CallState.ACTIVE)
    _note_result(parent, HangupCause.SUCCESS)
    if winner.channel.variables.peek("channel_swap_uuid"):
        winner = await _picker(winner)
    try:
        if parent is not None:
            _note_winner(parent, winner)
        if hooks.present(winner, "post_originate"):
            # In a task of its own, which ends with the winner.
            await asyncio.wait((winner.spawn(hooks.run(winner, "post_originate"), "hook"),))
        if parent is not None:
            await hooks.run(parent, "post_originate")
    except BaseException:
        # Whoever asked for the winner will never learn of it.
        winner.hangup(HangupCause.ORIGINATOR_CANCEL)
        raise
    return winner


async def _enterprise(wish: Wish, strings: tuple[DialString, ...]) -> Session:
    """Run independent attempts; their early media is not heard, their ringing is."""
    wish.ringback = Ringback(wish.parent, _options(wish, strings[0]))
    attempts = [
        _with_retries(wish, string, {**_options(wish, string), "ignore_early_media": "true"})
        for string in strings
    ]
    try:
        return await _first_of(wish.switch, attempts)
    finally:
        wish.ringback.end()


async def _with_retries(wish: Wish, string: DialString, options: dict[str, str]) -> Session:
    if "originate_delay_start" in options:
        await asyncio.sleep(number(options, "originate_delay_start") / 1000)
    loop = wish.switch.loop
    limit = number(options, "originate_retry_timeout")
    attempts = max(int(number(options, "originate_retries")), 1)
    if attempts > MOST_RETRIES and not limit:
        attempts = 1
    began, attempt = loop.time(), 0
    while True:
        begun, attempt = loop.time(), attempt + 1
        try:
            return await _serial(wish, string, options)
        except CallFailed as failed:
            if attempt >= attempts or failed.reason == CANCELLED:
                raise
            pause = _pause(options, "originate_retry_sleep_ms", 60_000)
            period = _pause(options, "originate_retry_min_period_ms", 300_000)
            now = loop.time()
            wake = max(now + pause, begun + period)
            if limit and wake > began + limit:
                raise
        await asyncio.sleep(wake - now)


def _pause(options: dict[str, str], name: str, most: int) -> float:
    """Milliseconds between attempts as seconds; 1 s if nothing sensible is given."""
    milliseconds = number(options, name)
    return milliseconds / 1000 if 500 <= milliseconds <= most else 1.0


async def _serial(wish: Wish, string: DialString, options: dict[str, str]) -> Session:
    """Try the groups of one string from left to right."""
    timeout = number(options, "originate_timeout") or wish.timeout or 0
    if not timeout and wish.parent is not None:
        timeout = number({"call_timeout": wish.parent.get("call_timeout") or ""}, "call_timeout")
    forked = len(string.groups) > 1 or is_true(options.get("forked_dial"))
    # Not the failure itself: it knows this frame, and both would wait for the collector.
    why = HangupCause.DESTINATION_OUT_OF_ORDER, ""
    for group in string.groups:
        try:
            # Not earlier: who registers while another rings can be rung after him.
            parts = await leg_plans(wish, group, options, forked=forked)
        except CallFailed as failed:
            why, parts = (failed.cause, failed.reason), []
        for plans in parts:
            try:
                return await _ring_together(wish, plans, options, timeout or DEFAULT_TIMEOUT)
            except CallFailed as failed:
                why = failed.cause, failed.reason
                if _gives_up(wish, options, failed):
                    raise
    raise CallFailed(*why)


def _gives_up(wish: Wish, options: dict[str, str], failed: CallFailed) -> bool:
    """True if the groups that follow must not be tried."""
    if rejected(options, failed.cause):
        if wish.parent is not None and is_true(options.get("hangup_on_single_reject")):
            wish.parent.hangup(failed.cause)
        return True
    if failed.reason == TIMED_OUT:
        return not is_true(options.get("originate_continue_on_timeout"))
    return failed.reason == CANCELLED


TIMED_OUT = "nobody answered in time"
CANCELLED = "the caller pressed the cancel key"


async def _ring_together(
    wish: Wish, plans: list[LegPlan], options: dict[str, str], timeout: float
) -> Session:
    """Ring the legs of one group; the winner, or `CallFailed` with the group's cause."""
    switch = wish.switch
    ringback = wish.ringback or Ringback(wish.parent, options)
    ringing = Ringing(switch.loop, wish.parent, options, timeout, ringback, single=len(plans) == 1)
    winner: Session | None = None
    try:
        first_failure: HangupCause | None = None
        for plan in plans:
            try:
                ringing.add(make_session(wish, plan, options), plan)
            except (CallFailed, OSError) as failed:
                log.info("cannot ring %s/%s: %s", plan.endpoint, plan.target, failed)
                if plan is plans[0]:
                    first_failure = getattr(failed, "cause", HangupCause.NORMAL_TEMPORARY_FAILURE)
        winner = await ringing.run(switch.start)
        if winner is not None:
            return winner
    except BaseException:
        ringing.hang_up_all(HangupCause.ORIGINATOR_CANCEL)
        raise
    finally:
        ringing.close()
        if wish.ringback is None:
            ringback.end()
        ringing.note_causes(wish.parent)
        if winner is None:
            record_copies.expect_failed(wish.parent, ringing.legs)
    if wish.parent is not None:
        await record_copies.take(wish.parent)
    cause = ringing.cause or first_failure
    if ringing.cancelled:
        raise CallFailed(HangupCause.ORIGINATOR_CANCEL, CANCELLED)
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
    why = HangupCause.NORMAL_TEMPORARY_FAILURE, ""
    pending: set[asyncio.Task[Session]] = set(tasks)
    try:
        while pending and winner is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error is None:
                    winner = winner or task.result()
                elif isinstance(error, CallFailed):
                    why = error.cause, error.reason
                    if error.reason == CANCELLED:
                        raise error
                else:
                    raise error
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            # An attempt may succeed in the very moment another has won, or all are given up.
            if not isinstance(result, BaseException) and result is not winner:
                result.hangup(HangupCause.LOSE_RACE)
    if winner is None:
        raise CallFailed(*why)
    return winner


COPIED = """group_confirm_key group_confirm_file group_confirm_read_timeout
    group_confirm_cancel_timeout group_confirm_timeout forked_dial fail_on_single_reject
    hangup_on_single_reject ignore_early_media bridge_early_media
    originate_continue_on_timeout ignore_ring_ready monitor_early_media_ring
    monitor_early_media_ring_total monitor_early_media_fail return_ring_ready ring_ready
    instant_ringback progress_timeout language""".split()
"""Variables of the caller that hold for the legs it rings unless the dial string says else."""


def _options(wish: Wish, string: DialString) -> dict[str, str]:
    """The variables of the whole attempt: exported, copied, then the string's own."""
    options: dict[str, str] = {}
    parent = wish.parent
    if parent is not None:
        options.update(parent.channel.variables.pick(COPIED))
        options.update(exported(parent))
        if is_true(parent.channel.variables.peek("push_channel_name")):
            options["origination_channel_name"] = f"{parent.channel.name}__B"
            options["sip_h_X-FS-Channel-Name"] = f"_{parent.channel.name}"
    options.update(wish.variables)
    options.update(string.variables)
    nested = "origination_nested_vars"
    if is_true(parent.get(nested) if parent is not None else wish.switch.globals.get(nested)):
        options.setdefault(nested, "true")
    return options


async def _picker(taken: Session) -> Session:
    """Whoever picked up instead of ``taken``, a leg that rang for nobody."""
    picker = taken.switch.find(taken.get("channel_swap_uuid") or "")
    if picker is None or not picker.channel.up:
        taken.hangup(HangupCause.PICKED_OFF)
        raise CallFailed(HangupCause.ORIGINATOR_CANCEL, "who picked up has left")
    taken.set("channel_swap_uuid", "")
    taken.hangup(HangupCause.PICKED_OFF)
    picker.set("picked_up_uuid", taken.uuid)
    await hooks.run(picker, "pickup")
    return picker


def _note_result(parent: Session | None, cause: HangupCause) -> None:
    if parent is not None:
        parent.set("originate_disposition", cause.name)
        parent.set("DIALSTATUS", DIAL_STATUS.get(cause, cause.name))


def _note_winner(parent: Session, winner: Session) -> None:
    """Tell the caller's leg who took the call, and copy what ``import`` names."""
    called = winner.channel.profile
    parent.set("originate_signal_bond", winner.uuid)
    parent.channel.profile.callee_id_name = called.callee_id_name
    parent.channel.profile.callee_id_number = called.callee_id_number
    for name in (parent.get("import") or "").split(","):
        value = winner.get(name.strip()) if name.strip() else None
        if value:
            parent.set(name.strip(), value)
