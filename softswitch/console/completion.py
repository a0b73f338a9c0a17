"""Completion of commands, their words, and the uuids of calls."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

LOCAL = (
    "/log", "/nolog", "/event", "/noevents", "/nixevent", "/filter", "/uuid", "/logfilter",
    "/help", "/quit", "/exit", "/bye",
)  # fmt: skip
"""Commands that the console carries out itself."""

_SHOW = """aliases api application bridged_calls calls channels chat codec complete detailed_calls
    dialplan endpoint file interfaces limits modules nat_map registrations say tasks timer"""
_SOFIA = "status profile global loglevel recover xmlstatus jsonstatus help"
_FSCTL = """hupall loglevel max_sessions pause resume send_sighup shutdown sps last_sps
    default_dtmf_duration min_dtmf_duration max_dtmf_duration"""
_LEVELS = "console alert crit err warning notice info debug"
WORDS = {
    "show": _SHOW.split(),
    "sofia": _SOFIA.split(),
    "sofia status": ["profile", "gateway"],
    "fsctl": _FSCTL.split(),
    "fsctl shutdown": ["asap", "cancel", "elegant", "now", "restart"],
    "fsctl pause": ["inbound", "outbound"],
    "fsctl resume": ["inbound", "outbound"],
    "fsctl loglevel": _LEVELS.split(),
    "/log": _LEVELS.split(),
    "/event": ["plain", "json", "xml"],
}
"""What may follow the words before it."""

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
        return WORDS.get(" ".join(words), [])

    async def _column(self, command: str, name: str) -> list[str]:
        try:
            rows = json.loads(await self._ask(f"{command} as json")).get("rows", [])
            return [str(row[name]) for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError):
            return []
