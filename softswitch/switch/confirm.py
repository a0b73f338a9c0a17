"""Confirmation: a called leg must press keys, or sit through an application, before it wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch import ivr

if TYPE_CHECKING:
    from softswitch.switch.session import Session

DEFAULT_READ_TIMEOUT_MS = 5000
"""Wait for each key (``group_confirm_read_timeout``)."""

PAUSE_MS = 1000
"""Pause before a prompt that could not be played is tried again."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What ``group_confirm_…`` asks of a leg that was answered."""

    key: str
    """The keys to press; ``exec`` runs ``file`` as an application instead."""
    file: str
    error_file: str
    read_timeout_ms: int
    timeout: int
    """Seconds after the answer in which it must be confirmed; 0 = no limit."""
    ends_timeouts: bool
    """True if an answer ends the leg's own limit and that of the whole attempt; a limit for the
    confirmation goes before that, and 0 is none."""

    @classmethod
    def of(cls, own: Mapping[str, str], shared: Mapping[str, str]) -> Confirmation | None:
        """What the variables of a leg and of the whole attempt ask for; None for nothing."""
        key = own.get("group_confirm_key") or shared.get("group_confirm_key")
        if not key:
            return None

        def text(name: str) -> str:
            value = own.get(name) or shared.get(name) or ""
            return "" if value == "undef" else value

        def count(name: str) -> int:
            value = text(name)
            return int(value) if value.isdecimal() else 0

        limit = text("group_confirm_timeout")
        unlimited = is_true(text("group_confirm_cancel_timeout"))
        if limit.isdecimal():
            unlimited = int(limit) == 0
        return cls(
            key,
            text("group_confirm_file"),
            text("group_confirm_error_file"),
            count("group_confirm_read_timeout") or DEFAULT_READ_TIMEOUT_MS,
            count("group_confirm_timeout"),
            unlimited,
        )


async def confirm(session: Session, wanted: Confirmation) -> bool:
    """Ask the far end of ``session`` to take the call; True once it has, False if it left."""
    if wanted.key == "exec":
        application, _, data = wanted.file.strip().partition(" ")
        await session.execute(application, data)
        return session.ready
    while True:
        answer = await ivr.play_and_collect(
            session,
            wanted.file,
            minimum=len(wanted.key),
            maximum=len(wanted.key),
            timeout_ms=wanted.read_timeout_ms,
            digit_timeout_ms=wanted.read_timeout_ms,
            terminators="",
        )
        if answer.digits == wanted.key:
            return True
        if answer.reason == "failed":
            await session.sleep(PAUSE_MS)
        elif answer.digits and wanted.error_file:
            await ivr.play(session, wanted.error_file, terminators="")
