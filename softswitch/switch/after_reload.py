"""Files that are read again when the configuration was."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softswitch.switch.events import Event
    from softswitch.switch.switch import Switch


class AfterReload:
    """Runs ``load`` after each ``reloadxml`` until `cancel`; what fails in it is logged.

    ``file`` is what it reads, for the name of its task.
    """

    def __init__(
        self, switch: Switch, file: str, load: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        self._switch = switch
        self._file = file
        self._load = load
        self._subscription = switch.bus.subscribe(self._reloaded, "RELOADXML")

    def __repr__(self) -> str:
        return f"<AfterReload {self._file}>"

    def cancel(self) -> None:
        """Read nothing any more; once too often is harmless."""
        self._switch.bus.unsubscribe(self._subscription)

    def _reloaded(self, event: Event) -> None:
        task = self._switch.loop.create_task(self._load(), name=f"reload {self._file}")
        self._switch.own(task)
