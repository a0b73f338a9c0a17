"""Completion of commands, their words, and the uuids of calls."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from softswitch.commands.words import WORDS

LOCAL = (
    "/log", "/nolog", "/event", "/noevents", "/nixevent", "/filter", "/uuid", "/logfilter",
    "/help", "/quit", "/exit", "/bye",
)  # fmt: skip
"""Commands that the console carries out itself."""

_ACTIONS = """start stop restart rescan register unregister killgw startgw siptrace
    flush_inbound_reg check_sync"""
_LEVELS = "console alert crit err warning notice info debug"
_OWN_WORDS = {
    "/log": _LEVELS.split(),
    "/event": ["plain", "json", "xml"],
}
"""What may follow the commands that the console carries out itself."""

Ask = Callable[[str], Awaitable[str]]


class ConsoleCompleter(Completer):
    """Asks the switch, through ``ask(command)``, for what it does not know itself."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._commands: list[str] = []

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """Nothing: completions come from the switch, which is asked asynchronously."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        before = document.text_before_cursor
        *words, word = before.split(" ")
        for candidate in await self._candidates([one for one in words if one]):
            if candidate.startswith(word):
                yield Completion(candidate, -len(word))

    async def _candidates(self, words: list[str]) -> list[str]:
        if not words:
            if not self._commands:
                self._commands = sorted(await self._column("show api", "name"))
            return [*self._commands, *LOCAL]
        if len(words) == 1 and (words[0].startswith("uuid_") or words[0] == "/uuid"):
            return await self._column("show channels", "uuid")
        if len(words) == 1 and words[0] in ("load", "unload", "reload"):
            return sorted(set(await self._column("show modules", "ikey")))
        match words:
            case ["sofia", "profile"] | ["sofia", "status" | "xmlstatus", "profile"]:
                return await self._of_sofia("profile")
            case ["sofia", "status" | "xmlstatus", "gateway"]:
                return await self._of_sofia("gateway")
            case ["sofia", "profile", _]:
                return _ACTIONS.split()
            case ["sofia", "profile", _, "killgw" | "startgw" | "register" | "unregister"]:
                return [name.rpartition("::")[2] for name in await self._of_sofia("gateway")]
        line = " ".join(words)
        return _OWN_WORDS.get(line) or WORDS.get(line, [])

    async def _of_sofia(self, kind: str) -> list[str]:
        """The profiles or gateways that ``sofia status`` lists."""
        rows = [line.split("\t") for line in (await self._ask("sofia status")).splitlines()]
        return [row[0].strip() for row in rows if len(row) > 2 and row[1].strip() == kind]

    async def _column(self, command: str, name: str) -> list[str]:
        try:
            rows = json.loads(await self._ask(f"{command} as json")).get("rows", [])
            return [str(row[name]) for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError):
            return []
