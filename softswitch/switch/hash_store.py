"""Key-value stores that dialplans share: ``hash``, ``db`` and the dial groups of ``group``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from softswitch.dialplan.arguments import split


@dataclass(slots=True)
class HashStore:
    """Values by realm and key; gone with the process, as ``hash`` promises."""

    _realms: dict[str, dict[str, str]] = field(default_factory=dict)

    def insert(self, realm: str, key: str, value: str) -> None:
        """Set a value, replacing what was there."""
        self._realms.setdefault(realm, {})[key] = value

    def insert_if_empty(self, realm: str, key: str, value: str) -> bool:
        """Set a value unless the key has one; says whether it did."""
        if self.select(realm, key) is not None:
            return False
        self.insert(realm, key, value)
        return True

    def select(self, realm: str, key: str) -> str | None:
        """The value, or None."""
        return self._realms.get(realm, {}).get(key)

    def delete(self, realm: str, key: str) -> bool:
        """Remove a value; says whether there was one."""
        keys = self._realms.get(realm, {})
        if key not in keys:
            return False
        del keys[key]
        if not keys:
            del self._realms[realm]
        return True

    def delete_if_match(self, realm: str, key: str, value: str) -> bool:
        """Remove a value if it is the one given; says whether it did."""
        return self.select(realm, key) == value and self.delete(realm, key)

    def realms(self) -> list[str]:
        """The realms that hold anything."""
        return list(self._realms)

    def keys(self, realm: str) -> list[str]:
        """The keys of a realm."""
        return list(self._realms.get(realm, {}))

    def items(self, realm: str | None = None) -> list[tuple[str, str, str]]:
        """Rows of realm, key and value, of one realm or of all."""
        return [
            (name, key, value)
            for name, keys in self._realms.items()
            if realm is None or name == realm
            for key, value in keys.items()
        ]

    def delete_realm(self, realm: str) -> int:
        """Empty a realm; says how many values it had."""
        return len(self._realms.pop(realm, {}))


@dataclass(slots=True)
class DialGroups:
    """Lists of dial strings that members join and leave at run time."""

    _groups: dict[str, list[str]] = field(default_factory=dict)

    def insert(self, group: str, url: str) -> None:
        """Add a member; adding it twice counts once."""
        members = self._groups.setdefault(group, [])
        if url not in members:
            members.append(url)

    def delete(self, group: str, url: str) -> None:
        """Remove a member, or with ``*`` all of them."""
        if url == "*":
            self._groups.pop(group, None)
        elif url in self._groups.get(group, []):
            self._groups[group].remove(url)

    def members(self, group: str) -> list[str]:
        """The dial strings of a group in the order they joined."""
        return list(self._groups.get(group, []))


@dataclass(slots=True)
class Stores:
    """Everything the calls of one switch share."""

    hash: HashStore = field(default_factory=HashStore)
    database: HashStore = field(default_factory=HashStore)
    groups: DialGroups = field(default_factory=DialGroups)
    close: Callable[[], None] = lambda: None
    """Writes what is still to be kept; may block."""


@dataclass(frozen=True, slots=True)
class Path:
    """``verb/realm/key/value`` as ``hash`` and ``db`` are told what to do."""

    verb: str
    realm: str = ""
    key: str = ""
    value: str = ""

    @classmethod
    def parse(cls, text: str) -> Path:
        """Split at the first three slashes, as arguments are; what is missing is empty."""
        words = split(text, "/", 4) or [""]
        return cls(words[0].lower(), *words[1:])
