"""What a console command is told about the call on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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


class JsonRefused(Exception):
    """A command of ``json`` cannot answer; the response, if there is one, says why."""

    def __init__(self, response: dict[str, Any] | None) -> None:
        super().__init__(response)
        self.response = response
