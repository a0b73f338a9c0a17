"""The console in the terminal that the switch runs in, in a thread of its own.

It talks over the event socket: nothing that it draws delays a call.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from pathlib import Path

from softswitch.config.running import find
from softswitch.console.client import Refused
from softswitch.console.completion import ConsoleCompleter
from softswitch.console.line_editor import LineEditor
from softswitch.console.session import Conversation, interactive

PATIENCE = 2.0
"""Seconds that the end waits for the terminal to be as it was."""


class Foreground:
    """A console of its own thread, from `start` to `stop`."""

    def __init__(self, data: Path) -> None:
        """``data`` is the switch's data folder, where its event socket leaves word."""
        self._data = data
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    def __repr__(self) -> str:
        return f"<Foreground {'running' if self._thread.is_alive() else 'ended'}>"

    def start(self) -> None:
        """Show the prompt."""
        self._thread.start()

    def ending(self) -> None:
        """The event socket is about to close: do not wait for its return."""
        self._ending.set()

    def stop(self) -> None:
        """Wait, once the event socket is closed, until all is shown."""
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        conversation = Conversation(
            print, lambda: shutil.get_terminal_size().columns, foreground=True
        )

        def editor(name: str) -> LineEditor:
            history = self._data / "console_history"
            return LineEditor(name, ConsoleCompleter(conversation.ask), history)

        async def attempt() -> str:
            # Never another switch, which may be where consoles look otherwise.
            if (place := find(self._data)) is None:
                raise Refused("the event socket, which consoles need, does not run")
            return await conversation.open(place, None)

        asyncio.run(
            interactive(conversation, attempt, editor, False, lambda: not self._ending.is_set())
        )
