"""Registries that decorators fill: applications, commands, endpoints, codecs, formats and more.

An addition is one file with one decorator; nothing else needs editing.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class ApplicationFlag(Flag):
    """What the core must know before it runs an application."""

    NONE = 0
    NO_MEDIA = auto()
    """Runs without media: the core does not pre-answer for it."""
    INLINE = auto()
    """May run while the dialplan is hunting (``inline="true"``)."""
    ZOMBIE = auto()
    """May run after hang-up."""


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One registered thing with what help and completion say of it."""

    name: str
    target: T
    syntax: str = ""
    help: str = ""
    flags: ApplicationFlag = ApplicationFlag.NONE
    settings: type[Any] | None = None
    module: str = ""
    """The FreeSWITCH module an operator knows it from, e.g. ``mod_dptools``."""

    @property
    def plain_help(self) -> str:
        """The help as a console shows it, without the marks of the source."""
        return self.help.replace("``", "")

    @property
    def summary(self) -> str:
        """The first line of it."""
        return self.plain_help.partition("\n")[0]


@dataclass(slots=True)
class Registry(Generic[T]):
    """Names (compared without case) to entries; a second use of a name is an error."""

    kind: str
    _entries: dict[str, Entry[T]] = field(default_factory=dict)
    why_absent: Callable[[str], str] = lambda _: ""
    """Tells why a name that one may look for is not there, empty for any other; given by who
    knows."""

    def __call__(
        self,
        *names: str,
        syntax: str = "",
        flags: ApplicationFlag = ApplicationFlag.NONE,
        settings: type[Any] | None = None,
        module: str = "",
    ) -> Callable[[T], T]:
        """Register the decorated thing under each of ``names``; its docstring is its help."""

        def register(target: T) -> T:
            text = inspect.getdoc(target) or ""
            aside = _set_aside.get()
            for name in names:
                entry = Entry(name, target, syntax, text, flags, settings, module)
                if aside is None:
                    self.add(entry)
                else:
                    aside.append((self, entry))
            return target

        return register

    def add(self, entry: Entry[T]) -> None:
        """Register an entry. Raises ValueError where its name is taken."""
        if entry.name.lower() in self._entries:
            raise ValueError(f"{self.kind} {entry.name!r} is registered twice")
        self._entries[entry.name.lower()] = entry

    def find(self, name: str) -> Entry[T] | None:
        """The entry of that name, or None."""
        return self._entries.get(name.lower())

    def lacks(self, name: str) -> str:
        """A sentence for whoever used a name that nothing has: that, and why where it is known."""
        why = self.why_absent(name)
        return f"there is no {self.kind} {name}" + (f": {why}" if why else "")

    def remove(self, name: str) -> None:
        """Withdraw a name; unknown names are ignored."""
        self._entries.pop(name.lower(), None)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def __iter__(self) -> Iterator[Entry[T]]:
        """Entries in order of their names."""
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def __len__(self) -> int:
        return len(self._entries)


Aside = list[tuple[Registry[Any], Entry[Any]]]
_set_aside: ContextVar[Aside | None] = ContextVar("aside", default=None)


@contextmanager
def set_aside() -> Iterator[Aside]:
    """What decorators register meanwhile, in this thread or task, is only put into the list.

    So a file can be read as a whole before anything of it counts.
    """
    entries: Aside = []
    token = _set_aside.set(entries)
    try:
        yield entries
    finally:
        _set_aside.reset(token)


application: Registry[Callable[..., Any]] = Registry("application")
"""``async def app(session: Session, data: str) -> None``"""
chat_application: Registry[Callable[..., Any]] = Registry("chat application")
"""``async def app(switch: Switch, message: ChatMessage, data: str) -> None``"""
command: Registry[Callable[..., Any]] = Registry("command")
"""``async def command(call: CommandCall, arguments: str) -> str``"""
dialplan: Registry[Callable[..., Any]] = Registry("dialplan")
"""``async def hunt(session, profile, argument) -> list[PlannedAction] | None``; XML and inline are
the core's own."""
json_command: Registry[Callable[..., Any]] = Registry("JSON command")
"""``async def command(call: CommandCall, data: dict[str, Any]) -> dict[str, Any]``"""
endpoint: Registry[type[Any]] = Registry("endpoint")
"""A class whose ``dial`` makes a leg; the name is the dial string's prefix."""
codec: Registry[type[Any]] = Registry("codec")
"""A class that describes a codec as SDP names it."""
file_format: Registry[Callable[..., Any]] = Registry("file format")
"""``open(specification) -> SourceSpec``; schemes are named with ``://``, formats by extension."""
say_language: Registry[type[Any]] = Registry("language of say")
"""A class that knows the numbers and dates of a language (``softswitch.say.language``)."""
module: Registry[type[Any]] = Registry("module")
"""A class with ``start(switch)`` and ``stop()``."""


def discover(package: str) -> None:
    """Import every module below ``package`` so that its decorators run."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, prefix=f"{package}."):
        importlib.import_module(found.name)
