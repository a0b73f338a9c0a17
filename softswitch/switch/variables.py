"""Channel variables: by name without case, in order, and some of them made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

_FAMILIES = (
    "execute_on_",
    "api_on_",
    "sip_h_",
    "sip_rh_",
    "sip_ph_",
    "sip_bye_h_",
    "dp_regex_match",
)
"""Prefixes that are asked for at many points of a call though hardly any call has one."""

_Deferred = tuple[Container[str], Callable[["Variables"], Mapping[str, str]]]
"""The names of variables, and who makes them."""


class Variables:
    """Channel variables: names compare without case, order is that of first setting."""

    __slots__ = ("_families", "_spelled", "deferred", "hooked", "items", "peek")

    def __init__(self) -> None:
        self.items: dict[str, str] = {}
        """What is set already, by lower-case name; to be looked at only."""
        self.peek: Callable[[str], str | None] = self.items.get
        """The value of a variable that is set already, by its lower-case name; what is deferred
        stays so. For the names that the switch itself asks for at each step of every call."""
        self._spelled: dict[str, str] = {}
        """Names as they were last set, where that was not in lower case."""
        self._families: set[str] = set()
        self.hooked = False
        """True if ``execute_on_…`` or ``api_on_…`` was ever set."""
        self.deferred: list[_Deferred] = []
        """What is made once somebody asks."""

    def get(self, name: str) -> str | None:
        """The value of a variable, or None."""
        key = name.lower()
        value = self.peek(key)
        if value is None:
            for late in self.deferred:
                if key in late[0]:
                    self._settle(late)
                    return self.peek(key)
        return value

    def pick(self, names: Iterable[str]) -> dict[str, str]:
        """Those of the variables that are set; the names must be lower-case."""
        items = self.items
        return {name: items[name] for name in names if name in items}

    def defer(
        self, names: Container[str], values: Callable[[Variables], Mapping[str, str]]
    ) -> None:
        """Set what ``values`` gives once anybody asks for one of ``names``, or for all variables.

        Both are as `load` wants them; ``values`` gives nothing but what is among ``names``. It is
        given these variables: what held on to the channel would keep it after its end.
        """
        self.deferred.append((names, values))

    def _settle(self, *deferred: _Deferred) -> None:
        """Set what was deferred: all of it where nothing is named."""
        for late in deferred or tuple(self.deferred):
            self.deferred.remove(late)
            self.load(late[1](self))

    def set(self, name: str, value: str) -> None:
        """Set a variable; an empty value removes it, as operators expect."""
        key = name.lower()
        if not value:
            if key in self.items:
                del self.items[key]
            return
        self.items[key] = value
        if key != name:
            self._spelled[key] = name
        elif key in self._spelled:
            del self._spelled[key]
        if key.startswith(_FAMILIES):
            self._families.update(item for item in _FAMILIES if key.startswith(item))
            self.hooked = self.hooked or key.startswith(("execute_on_", "api_on_"))

    def load(self, values: Mapping[str, str]) -> None:
        """Set many variables at once; their names must be lower-case and of no family.

        Empty values change nothing.
        """
        items, spelled = self.items, self._spelled
        for name, value in values.items():
            if value:
                items[name] = value
                if name in spelled:
                    del spelled[name]

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Pairs of name (as last set) and value."""
        if self.deferred:
            self._settle()
        spelled = self._spelled
        return iter([(spelled.get(key, key), value) for key, value in self.items.items()])

    def with_prefix(self, prefix: str) -> list[tuple[str, str]]:
        """All pairs whose name starts so (any case)."""
        if prefix in _FAMILIES and prefix not in self._families:
            return []
        prefix = prefix.lower()
        if self.deferred:
            self._settle()
        spelled = self._spelled
        return [
            (spelled.get(key, key), value)
            for key, value in self.items.items()
            if key.startswith(prefix)
        ]
