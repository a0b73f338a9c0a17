"""Taking digits from a call, with a prompt or without."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.switch.playing import keep_first, play
from softswitch.switch.waiting import wait_for_any

if TYPE_CHECKING:
    from softswitch.switch.session import Session


@dataclass(frozen=True, slots=True)
class Collected:
    """Digits, and what ended them: ``maximum terminator timeout break`` or ``failed``."""

    digits: str
    terminator: str | None
    reason: str


async def collect_digits(
    session: Session,
    *,
    minimum: int,
    maximum: int,
    timeout_ms: int,
    digit_timeout_ms: int,
    terminators: str,
    begun: str = "",
    total_ms: int = 0,
) -> Collected:
    """Take digits until there are ``maximum``, a terminator comes, or time runs out.

    The first digit may take ``timeout_ms``, each later one ``digit_timeout_ms``, all together
    ``total_ms`` (0: any time). ``begun`` holds digits that came before. ``minimum`` is the
    caller's to judge: fewer digits come back as they are.
    """
    loop = session.switch.loop
    digits = begun
    last = loop.time() + total_ms / 1000 if total_ms else float("inf")
    while len(digits) < maximum:
        elapsed: asyncio.Future[None] = loop.create_future()
        seconds = (digit_timeout_ms if digits else timeout_ms) / 1000
        timer = loop.call_at(min(loop.time() + seconds, last), elapsed.set_result, None)
        try:
            if not await wait_for_any(session, session.digits.arrival(), elapsed):
                return Collected(digits, None, "break")
        finally:
            timer.cancel()
        digit = session.digits.take()
        if digit is None:
            if elapsed.done():
                return Collected(digits, None, "timeout")
            continue
        if digit.digit in terminators:
            return Collected(digits, digit.digit, "terminator")
        digits += digit.digit
    return Collected(digits, None, "maximum")


async def play_and_collect(
    session: Session,
    file: str,
    *,
    minimum: int,
    maximum: int,
    timeout_ms: int,
    digit_timeout_ms: int,
    terminators: str,
) -> Collected:
    """Play a prompt and collect digits; the first digit ends the prompt and counts.

    The prompt may be ``silence`` or empty. A prompt that cannot be played gives ``failed``.
    """
    first: list[str] = []
    if file and file.lower() != "silence":
        heard = await play(session, file, terminators="", input=keep_first(first))
        if heard.reason == "failed":
            return Collected("", None, "failed")
        if heard.reason == "break":
            return Collected("", None, "break")
    if first and first[0] in terminators:
        return Collected("", first[0], "terminator")
    return await collect_digits(
        session,
        minimum=minimum,
        maximum=maximum,
        timeout_ms=timeout_ms,
        digit_timeout_ms=digit_timeout_ms,
        terminators=terminators,
        begun="".join(first),
    )
