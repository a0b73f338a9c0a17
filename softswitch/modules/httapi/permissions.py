"""What the documents of a web server may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import read_boolean
from softswitch.dialplan.expansion import references

NAMES = (
    "set-params",
    "set-vars",
    "get-vars",
    "extended-data",
    "execute-apps",
    "expand-vars",
    "dial",
    "dial-set-context",
    "dial-set-dialplan",
    "dial-set-cid-name",
    "dial-set-cid-number",
    "dial-full-originate",
    "conference",
    "conference-set-profile",
)
GIVEN = frozenset(("set-params", "dial", "conference"))
"""Those that a profile has unless it takes them away."""
_LISTS = {"variable-list": "variable", "application-list": "application", "api-list": "api"}
_IMPLIES = {"dial-": "dial", "conference-": "conference"}


@dataclass(frozen=True, slots=True)
class NameList:
    """Which names are allowed."""

    default: bool = True
    """Whether a name that is not in the list is."""
    names: Mapping[str, bool] = field(default_factory=dict)

    def allows(self, name: str) -> bool:
        """Names are compared without case."""
        return self.names.get(name.lower(), self.default)

    @classmethod
    def read(cls, element: Element, tag: str) -> NameList:
        """A list such as ``<variable-list default="deny"><variable name="x"/>…``."""
        default = element.get("default", "").lower() == "allow"
        names = {}
        for item in element.findall(tag):
            kind = item.get("type", "").lower()
            names[item.get("name", "").lower()] = kind == "allow" if kind else not default
        return cls(default, names)


_EVERYTHING = NameList()


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions of a profile."""

    granted: frozenset[str] = GIVEN
    lists: Mapping[tuple[str, str], NameList] = field(default_factory=dict)
    """By permission and kind of list."""

    def has(self, name: str) -> bool:
        return name in self.granted

    def may(self, permission: str, list_: str, name: str) -> bool:
        """Whether a permission holds for one variable, application or command."""
        allowed = self.lists.get((permission, list_), _EVERYTHING)
        return permission in self.granted and allowed.allows(name)

    def may_expand(self, text: str) -> bool:
        """Whether all that a text refers to may be filled in."""
        for name, is_command in _mentioned(text):
            kind = "api-list" if is_command else "variable-list"
            if not self.may("expand-vars", kind, name):
                return False
        return True


def _mentioned(text: str) -> Iterator[tuple[str, bool]]:
    """Variables and commands of a text, those inside of others too."""
    names, calls = references(text)
    for name in names:
        yield name.partition(":")[0].partition("[")[0], False
        if "${" in name:
            yield from _mentioned(name)
    for call in calls:
        yield call.name, True
        yield from _mentioned(call.arguments)


def read_permissions(element: Element | None) -> tuple[Permissions, list[Finding]]:
    """``<permissions>`` of a profile, and what is wrong with them; later ones win."""
    granted, findings = set(GIVEN), []
    lists: dict[tuple[str, str], NameList] = {}
    for item in element.findall("permission") if element else ():
        name = item.get("name", "").lower()
        value = read_boolean(item.get("value", ""))
        if value is None:
            message = f"{name}={item.get('value')!r} should be true or false"
            findings.append(item.finding("S402", message, "", Severity.WARNING, attribute="value"))
        elif name in ("all", "none"):
            granted = set(NAMES) if value is (name == "all") else set()
        elif name not in NAMES:
            message = f"there is no permission {name!r}"
            findings.append(item.finding("S401", message, "", Severity.WARNING, attribute="name"))
        elif value:
            granted.add(name)
            implied = (whole for start, whole in _IMPLIES.items() if name.startswith(start))
            granted.update(implied)
        else:
            granted.discard(name)
        for list_, tag in _LISTS.items():
            if (found := item.find(list_)) is not None:
                lists[name, list_] = NameList.read(found, tag)
    return Permissions(frozenset(granted), lists), findings
