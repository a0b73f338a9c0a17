"""The prompt: history, completion and function keys."""

from __future__ import annotations

from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import Completer
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.output import Output

FUNCTION_KEYS = (
    "help",
    "status",
    "show channels",
    "show calls",
    "sofia status",
    "reloadxml",
    "/log 0",
    "/log 7",
    "sofia status profile internal",
    "sofia profile internal siptrace on",
    "sofia profile internal siptrace off",
    "version",
)
"""What F1 to F12 do, as FreeSWITCH's hands expect it."""


class LineEditor:
    """Reads lines at a terminal."""

    def __init__(
        self,
        name: str,
        completer: Completer,
        history: Path | None,
        *,
        keys: tuple[str, ...] = FUNCTION_KEYS,
        interrupt: bool = False,
        colour: bool = True,
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        """``history`` is the file that keeps what was typed; it is made, mode 0600.

        With ``interrupt`` Ctrl-C ends the reading, without it throws away the line.
        """
        self._interrupt = interrupt
        kept: History = InMemoryHistory()
        if history is not None:
            history.parent.mkdir(parents=True, exist_ok=True)
            history.touch(mode=0o600)
            kept = FileHistory(str(history))
        self._session: PromptSession[str] = PromptSession(
            FormattedText([("bold ansicyan" if colour else "", f"softswitch@{name}"), ("", "> ")]),
            history=kept,
            completer=completer,
            complete_while_typing=False,
            auto_suggest=AutoSuggestFromHistory(),
            key_bindings=_function_keys(keys),
            input=input,
            output=output,
        )

    async def read(self) -> str | None:
        """The next line; None at the end (Ctrl-D). Ctrl-C gives an empty line, or the end too."""
        try:
            return (await self._session.prompt_async(handle_sigint=False)).strip()
        except EOFError:
            return None
        except KeyboardInterrupt:
            return None if self._interrupt else ""


def _function_keys(commands: tuple[str, ...]) -> KeyBindings:
    bindings = KeyBindings()
    for number, command in enumerate(commands, 1):
        _bind(bindings, f"f{number}", command)
    return bindings


def _bind(bindings: KeyBindings, key: str, command: str) -> None:
    @bindings.add(key)
    def _run(event: KeyPressEvent) -> None:
        event.current_buffer.text = command
        event.current_buffer.validate_and_handle()
