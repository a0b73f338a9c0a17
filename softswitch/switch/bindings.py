"""Keys that do something during a call: ``bind_meta_app`` and ``bind_digit_action``.

What an application binds belongs to its own session, and may watch the keys of its partner too.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.switch.bound_action import run_api, run_application
from softswitch.switch.digit_machine import Binding, DigitMachine, Verdict
from softswitch.switch.digits import Digit

if TYPE_CHECKING:
    from softswitch.switch.session import Session

META_KEY = "*"
"""The key in front of bound keys; ``bind_meta_key`` names another."""
META_SECONDS = 5.0
"""How long the meta key waits for the next."""
DIGIT_TIMEOUT_MS = 1500
"""Wait for each further key of a digit action (``bind_digit_digit_timeout``)."""


@dataclass(frozen=True, slots=True)
class MetaBinding:
    """An application behind the meta key and another."""

    application: str
    data: str
    runs_on: str
    """``a`` or ``b``: that leg; ``s`` the presser's own; ``o`` the other one."""
    once: bool = False
    inline: bool = False
    """The partner is not put on hold."""


@dataclass(slots=True)
class Watch:
    """What one session bound for the keys of one leg."""

    meta: dict[str, MetaBinding] = field(default_factory=dict)
    machine: DigitMachine = field(default_factory=DigitMachine)
    armed_until: float = 0.0
    """The loop's time until which the meta key holds; 0 = it was not pressed."""
    timer: asyncio.TimerHandle | None = None
    limit: asyncio.TimerHandle | None = None

    @property
    def active(self) -> bool:
        return bool(self.meta) or self.machine.active

    def stop_timers(self) -> None:
        """Nobody waits for further keys."""
        for timer in (self.timer, self.limit):
            if timer is not None:
                timer.cancel()
        self.timer = self.limit = None


@dataclass(slots=True)
class Bindings:
    """What a session bound: for its own keys and for its partner's."""

    own: Watch = field(default_factory=Watch)
    partner: Watch = field(default_factory=Watch)

    def watches(self, targets: str) -> list[Watch]:
        """Those of ``self``, ``peer`` or ``both``."""
        return {"self": [self.own], "peer": [self.partner]}.get(targets, [self.own, self.partner])


def bindings_of(session: Session) -> Bindings:
    """What a session bound, made when it is first asked for."""
    if session.bindings is None:
        session.bindings = Bindings()
    return session.bindings


def heed(session: Session, digit: Digit) -> bool:
    """Give a key of ``session`` to whatever is bound; True if it is swallowed.

    What turns out to mean nothing is delivered later, as any key.
    """
    if session.asking:
        # The application that a key began has them now.
        return False
    own = session.bindings
    if own is not None and own.own.active and _feed(session, session, own.own, digit):
        return True
    peer = session.peer
    theirs = peer.bindings if peer is not None else None
    return (
        peer is not None
        and theirs is not None
        and theirs.partner.active
        and _feed(session, peer, theirs.partner, digit)
    )


def is_watched(session: Session) -> bool:
    """Whether keys of a session could mean something here instead of to its partner."""
    if session.asking or session.bridge_keys:
        return True
    if session.bindings is not None and session.bindings.own.active:
        return True
    theirs = session.peer.bindings if session.peer is not None else None
    return theirs is not None and theirs.partner.active


def changed(session: Session) -> None:
    """Whoever bound or unbound something says so here."""
    session.refresh_digit_flow()
    if session.peer is not None:
        session.peer.refresh_digit_flow()


def _feed(presser: Session, owner: Session, watch: Watch, digit: Digit) -> bool:
    if watch.machine.active and digit.source != "put back":
        _feed_machine(presser, owner, watch, digit)
        return True
    return _feed_meta(presser, owner, watch, digit)


# The meta key


def _feed_meta(presser: Session, owner: Session, watch: Watch, digit: Digit) -> bool:
    if not watch.meta:
        return False
    now = presser.switch.loop.time()
    key = (owner.get("bind_meta_key") or META_KEY)[0]
    armed = now < watch.armed_until
    watch.armed_until = 0.0
    if digit.digit == key:
        if not armed:
            watch.armed_until = now + META_SECONDS
        # Pressed twice it means itself.
        return not armed
    if not armed:
        return False
    binding = watch.meta.get(digit.digit)
    if binding is None:
        return True
    if binding.once:
        del watch.meta[digit.digit]
    runner = _runner(presser, owner, binding.runs_on)
    if runner is not None:
        presser.set("last_matching_digits", digit.digit)
        run_application(runner, binding.application, binding.data, hold_partner=not binding.inline)
    return True


def _runner(presser: Session, owner: Session, runs_on: str) -> Session | None:
    match runs_on:
        case "a":
            return owner
        case "b":
            return owner.peer
        case "o":
            return presser.peer
    return presser


# Digit actions


def _feed_machine(presser: Session, owner: Session, watch: Watch, digit: Digit) -> None:
    machine = watch.machine
    loop = presser.switch.loop
    if watch.timer is not None:
        watch.timer.cancel()
        watch.timer = None
    terminators = owner.get("bda_terminators") or ""
    if digit.digit in terminators and machine.digits:
        _time_is_over(presser, owner, watch, digit.digit)
        return
    verdict, binding = machine.feed(digit.digit)
    if verdict is Verdict.MATCH and binding is not None:
        _fire(presser, owner, watch, binding)
    elif verdict is Verdict.NONE:
        _put_back(presser, watch)
    else:
        wait = _milliseconds(owner, "bind_digit_digit_timeout", DIGIT_TIMEOUT_MS)
        watch.timer = loop.call_later(wait / 1000, _time_is_over, presser, owner, watch)
        total = _milliseconds(owner, "bind_digit_input_timeout", 0)
        if total and watch.limit is None:
            watch.limit = loop.call_later(total / 1000, _time_is_over, presser, owner, watch)


def _time_is_over(presser: Session, owner: Session, watch: Watch, terminator: str = "") -> None:
    """No further key: what there is must do."""
    _, binding = watch.machine.judge()
    if not presser.channel.up:
        watch.stop_timers()
        watch.machine.take()
    elif binding is not None:
        _fire(presser, owner, watch, binding)
    else:
        watch.machine.digits += terminator
        _put_back(presser, watch)


def _fire(presser: Session, owner: Session, watch: Watch, binding: Binding) -> None:
    watch.stop_timers()
    digits = watch.machine.take()
    both: list[Session | None] = [owner, owner.peer]
    runners = {"self": both[:1], "peer": both[1:]}.get(binding.runs_on, both)
    verb, colon, name = binding.action.partition(":")
    verb, _, flags = verb.partition("[")
    for runner in runners:
        if runner is None or not runner.channel.up:
            continue
        runner.set("last_matching_digits", digits)
        if colon and verb == "exec":
            held = "H" not in flags and "i" not in flags
            run_application(runner, name, binding.value, hold_partner=held)
        elif colon and verb == "api":
            run_api(runner, name, binding.value, "bind_digit_action_api_result")
        else:
            headers = {
                "digits": digits,
                "realm": watch.machine.realm,
                "string": binding.action,
                "value": binding.value,
            }
            runner.switch.fire(runner, "CHANNEL_DATA", headers)


def _put_back(presser: Session, watch: Watch) -> None:
    """The keys meant nothing: they are keys as any other."""
    watch.stop_timers()
    digits = watch.machine.take()
    if digits:
        presser.set("last_non_matching_digits", digits)
    for digit in digits:
        presser.deliver_digit(Digit(digit, source="put back"))


def _milliseconds(session: Session, name: str, default: int) -> int:
    text = session.get(name) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else default
