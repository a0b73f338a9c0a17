"""The variables that say how a party of a queue stands, and since when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from softswitch.switch.time_text import format_time

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def stamp(session: Session, status: str) -> None:
    """Set ``fifo_status`` and ``fifo_timestamp``."""
    session.set("fifo_status", status)
    session.set("fifo_timestamp", format_time("", session.switch.now_us() / 1_000_000))


def stamp_bridge(parties: Iterable[Session], *, begun: int = 0) -> int:
    """Set when they begin to talk, or where ``begun`` says since when, how long they talked.

    Gives the moment, in seconds since 1970.
    """
    now = 0
    for session in parties:
        now = session.switch.now_us() // 1_000_000
        if begun:
            session.set("fifo_epoch_stop_bridge", str(now))
            session.set("fifo_bridge_seconds", str(now - begun))
        else:
            session.set("fifo_epoch_start_bridge", str(now))
    return now
