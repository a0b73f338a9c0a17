"""Keys that a document waits for, while a sound plays and after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.dialplan.pcre import PatternError
from softswitch.modules.httapi.document import Tag
from softswitch.switch.digit_machine import Binding, DigitMachine, Verdict
from softswitch.switch.ivr import DigitHandler
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.switch.digits import Digit
    from softswitch.switch.session import Session

DIGIT_TIMEOUT, INPUT_TIMEOUT = 1500, 5000
"""Milliseconds between keys, and until the first one."""

Sound = Callable[[DigitHandler | None], Awaitable[object]]
"""Plays something; the handler is told each key and says whether it ends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Keys that one ``<bind>`` was waiting for."""

    digits: str
    bind: Tag


@dataclass(slots=True)
class Wanted:
    """The ``<bind>`` tags of an instruction and its time limits."""

    binds: tuple[Tag, ...]
    terminators: str = ""
    digit_timeout: int = DIGIT_TIMEOUT
    input_timeout: int = INPUT_TIMEOUT
    _machine: DigitMachine = field(default_factory=DigitMachine)
    _by_binding: dict[int, Tag] = field(default_factory=dict)

    @classmethod
    def of(cls, tag: Tag, session: Session) -> Wanted:
        """What a tag waits for; expressions that are none are told and left out."""
        wanted = cls(
            tuple(tag.binds()),
            tag.get("terminators"),
            tag.number("digit-timeout", DIGIT_TIMEOUT, least=1),
            tag.number("input-timeout", INPUT_TIMEOUT, least=1),
        )
        for bind in wanted.binds:
            try:
                binding = Binding.make(bind.text, "")
            except PatternError as error:
                session.log.error("httapi: <bind>%s</bind>: %s", bind.text, error)
                continue
            wanted._machine.bind("default", binding)
            wanted._by_binding[id(binding)] = bind
        return wanted

    def action_of(self, digit: str) -> str:
        """Where a single key leads; empty where nowhere."""
        self._machine.take()
        _, binding = self._machine.feed(digit)
        self._machine.take()
        return self._by_binding[id(binding)].get("action") if binding is not None else ""

    async def collect(self, session: Session, sound: Sound) -> Entry | None:
        """Play, then wait; the first key ends the sound. None where nothing fits."""
        self._machine.take()
        pressed: list[Digit] = []

        def press(digit: Digit) -> bool:
            pressed.append(digit)
            return True

        await sound(press)
        patience = self.input_timeout
        while True:
            key = pressed.pop(0).digit if pressed else await _key(session, patience)
            if key is None or key in self.terminators:
                return self._conclude()
            verdict, binding = self._machine.feed(key)
            if verdict is Verdict.MATCH and binding is not None:
                return Entry(self._machine.take(), self._by_binding[id(binding)])
            if verdict is Verdict.NONE:
                self._machine.take()
                return None
            patience = self.digit_timeout

    def _conclude(self) -> Entry | None:
        """No further key comes."""
        _, binding = self._machine.judge()
        digits = self._machine.take()
        if binding is None or not digits:
            return None
        return Entry(digits, self._by_binding[id(binding)])


async def _key(session: Session, milliseconds: int) -> str | None:
    """The next key; None where none comes in time, or a break does."""
    limit: asyncio.Future[None] = session.switch.loop.create_future()
    timer = session.switch.loop.call_later(milliseconds / 1000, limit.set_result, None)
    try:
        await wait_for_any(session, session.digits.arrival(), limit)
    finally:
        timer.cancel()
    digit = session.digits.take()
    return digit.digit if digit is not None else None
