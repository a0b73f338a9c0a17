"""The channel that a connection controls, and what becomes of the connection at its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.session import Session


@dataclass(slots=True)
class Control:
    """How far an outbound socket controls the channel that called it."""

    session: Session
    full: bool = False
    """All commands, not only those about the channel."""
    asynchronous: bool = False
    """Applications run while the client goes on; else each is waited for."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What the answer to ``connect`` says of it."""
        return [
            ("Socket-Mode", "async" if self.asynchronous else "static"),
            ("Control", "full" if self.full else "single-channel"),
        ]
