"""What a console command is told about the call on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


@dataclass(frozen=True, slots=True)
class CommandCall:
    """Who runs a command, and from where.

    ``source`` is ``console``, ``socket``, ``expansion`` (``${command()}``), ``schedule`` or
    ``hook``; ``session`` is the call it runs for, if any.
    """

    switch: Switch
    session: Session | None = None
    source: str = "console"
