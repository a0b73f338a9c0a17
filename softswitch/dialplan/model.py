"""The dialplan as data: contexts of extensions, of conditions, of actions, each with its place."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from softswitch.dialplan.index import ExtensionIndex

MAX_LEVEL = 100
"""How deep conditions may be nested."""

Times = tuple[tuple[str, str], ...]
"""Time-of-day attributes and their texts, in the order in which they are checked."""


class Break(enum.Enum):
    """When a condition ends the reading of its extension."""

    ON_FALSE = "on-false"
    ON_TRUE = "on-true"
    ALWAYS = "always"
    NEVER = "never"


class RegexMode(enum.Enum):
    """How many ``<regex>`` children a condition wants to pass."""

    ALL = "all"
    ANY = "any"
    XOR = "xor"


@dataclass(frozen=True, slots=True)
class Action:
    """One ``<action>`` or ``<anti-action>``."""

    application: str
    data: str = ""
    inline: bool = False
    loop: int = 1
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class RegexTest:
    """One ``<regex>`` child of a condition."""

    field: str | None = None
    expression: str = ""
    times: Times = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """One ``<condition>``; ``field`` is None when it has no such attribute."""

    field: str | None = None
    expression: str = ""
    break_when: Break = Break.ON_FALSE
    regex: RegexMode | None = None
    require_nested: bool = True
    times: Times = ()
    tests: tuple[RegexTest, ...] = ()
    actions: tuple[Action, ...] = ()
    anti_actions: tuple[Action, ...] = ()
    conditions: tuple[Condition, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Extension:
    """One ``<extension>``; ``continues`` keeps the hunt going behind a match."""

    name: str
    conditions: tuple[Condition, ...] = ()
    continues: bool = False
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """One ``<context>``: extensions in the order in which they are tried."""

    name: str
    extensions: tuple[Extension, ...] = ()
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Dialplan:
    """All contexts; of two with one name only the first is ever searched."""

    contexts: tuple[Context, ...] = ()
    _names: dict[str, Context] = field(init=False, repr=False, compare=False)
    _indexes: dict[str, ExtensionIndex] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        names: dict[str, Context] = {}
        for context in self.contexts:
            names.setdefault(context.name.lower(), context)
        object.__setattr__(self, "_names", names)

    def __repr__(self) -> str:
        return f"<Dialplan {', '.join(f'{c.name}: {len(c.extensions)}' for c in self.contexts)}>"

    def find(self, name: str) -> Context | None:
        """The context of that name without regard to case, else the one named ``global``."""
        return self._names.get(name.lower()) or self._names.get("global")

    def index(self, context: Context) -> ExtensionIndex:
        """Which extensions of ``context`` a number can possibly fit; built on first use."""
        index = self._indexes.get(context.name)
        if index is None or index.extensions is not context.extensions:
            index = self._indexes[context.name] = ExtensionIndex(context.extensions)
        return index
