"""Heartbeats of single calls: SESSION_HEARTBEAT every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.session import Session

DEFAULT_SECONDS = 60
_TASK = "session heartbeat"


def beat(session: Session, seconds: int, *, at_once: bool = True) -> None:
    """Fire SESSION_HEARTBEAT every so many seconds until the call ends; 0 stops that.

    The first comes at once, or after the first interval.
    """
    scheduler = session.switch.scheduler
    group = f"{_TASK} {session.uuid}"
    scheduler.cancel_group(group)
    if seconds <= 0 or not session.channel.up:
        return

    async def work() -> None:
        session.switch.fire(session, "SESSION_HEARTBEAT")

    def stop(_: Session, what: str) -> None:
        if what == "hangup":
            scheduler.cancel_group(group)

    session.watchers.append(stop)
    if at_once:
        session.switch.fire(session, "SESSION_HEARTBEAT")
    scheduler.add(seconds, group, _TASK, work, repeat_seconds=seconds)


def seconds_of(text: str) -> int | None:
    """A number of seconds, a word for yes (60) or no (0); None for anything else."""
    text = text.strip().lower()
    if text.isascii() and text.isdigit() and len(text) < 8:
        return int(text)
    return {"": DEFAULT_SECONDS, "true": DEFAULT_SECONDS, "on": DEFAULT_SECONDS,
            "false": 0, "off": 0}.get(text)  # fmt: skip
