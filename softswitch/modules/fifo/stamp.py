"""The variables that say how a party of a queue stands, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch.time_text import format_time

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def stamp(session: Session, status: str) -> None:
    """Set ``fifo_status`` and ``fifo_timestamp``."""
    session.set("fifo_status", status)
    session.set("fifo_timestamp", format_time("", session.switch.now_us() / 1_000_000))
