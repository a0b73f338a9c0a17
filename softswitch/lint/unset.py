"""A rule about variables that a dialplan reads and nobody sets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.dialplan.arguments import split, take_scope
from softswitch.dialplan.xml import CALLER_FIELDS
from softswitch.lint.names import all_references, texts
from softswitch.lint.rules import Subject, more, nearest, rule
from softswitch.reference import variables

CODES.update({"L831": "a variable is read and never set"})

_ASSIGNED = re.compile(r"[{\[<,:^;]\s*([A-Za-z_][\w.-]*)\s*=")
"""A name before ``=`` in the brackets of a dial string."""
_SETTING = frozenset(
    """set export bridge_export push unshift set_global set_profile_var strftime
    nolocal""".split()
)
_WORDS = {"read": 3, "play_and_get_digits": 7}
"""Which word of an application's data names the variable it sets."""


@rule
def unset(subject: Subject) -> Iterator[Finding]:
    """``${name}`` where nothing gives the name a value, each told once."""
    known = _set_somewhere(subject)
    places: dict[str, list[tuple[Element, str]]] = {}
    for element, attribute, text in texts(subject):
        for written in all_references(text)[0]:
            name = re.split(r"[:\[]", written, maxsplit=1)[0].strip()
            if name and not _is_known(name, known):
                places.setdefault(name, []).append((element, attribute))
    for name, found in places.items():
        element, attribute = found[0]
        near = nearest(name, known | set(variables.catalogue()))
        yield element.finding(
            "L831",
            f"nothing sets the variable {name!r}, so it is empty{more(len(found))}",
            near,
            Severity.NOTE,
            attribute=attribute,
        )


def _is_known(name: str, known: set[str]) -> bool:
    lower = name.lower()
    if "$" in name or lower.isdigit() or lower in known:
        return True
    bare = lower.removeprefix("aleg_").removeprefix("bleg_")
    return bare in CALLER_FIELDS or variables.find(lower) is not None


def _set_somewhere(subject: Subject) -> set[str]:
    """The names that the configuration gives values, in lower case."""
    known = {name.lower() for name in subject.configuration.globals}
    for action in subject.actions:
        known.update(name.lower() for name in assigned(action.application.lower(), action.data))
        scope, _ = take_scope(action.element.text or action.element.get("data", ""))
        known.update(name.lower() for name, _ in scope)
    directory = subject.configuration.section("directory")
    for element in directory.iter() if directory else ():
        if element.tag == "variable":
            known.add(element.get("name", "").lower())
        elif element.get("name", "").startswith("dial-var-"):
            known.add(element.get("name", "").removeprefix("dial-var-").lower())
    for _, gateway in subject.gateways():
        known.update(item.get("name", "").lower() for item in gateway.iter("variable"))
    return known


def assigned(application: str, data: str) -> Iterator[str]:
    """The names of the variables that an application with these data sets."""
    if application in _SETTING:
        name = data.removeprefix("nolocal:").partition("=" if "=" in data else ",")[0].strip()
        yield re.sub(r"\[\d+\]$", "", name)
    elif application == "multiset":
        yield from (item.partition("=")[0] for item in split(data))
    elif application == "capture":
        yield data.partition("|")[0]
    elif application in _WORDS:
        words = split(data, " ")
        if len(words) > _WORDS[application]:
            yield words[_WORDS[application]]
            yield f"{words[_WORDS[application]]}_invalid"
    yield from _ASSIGNED.findall(data)
