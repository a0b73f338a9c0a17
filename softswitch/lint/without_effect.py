"""A rule about variables of FreeSWITCH that are set and have no effect here."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.lint.rules import Subject, more, rule
from softswitch.lint.unset import assigned
from softswitch.reference import variables
from softswitch.reference.variables import Standing, Variable

CODES.update({"L832": "a variable of FreeSWITCH that is set has no effect here"})

_SAID = {
    Standing.ACCEPTED: "the variable {name!r} has nothing to do here",
    Standing.ABSENT: "the variable {name!r} of FreeSWITCH has no effect here",
}


@rule
def without_effect(subject: Subject) -> Iterator[Finding]:
    """Variables that somebody sets for a part of the switch that is not here, each told once."""
    places: dict[str, list[tuple[Element, str]]] = {}
    for name, element, attribute in _set(subject):
        known = variables.find(name)
        if known is not None and not known.here and known.use != "S":
            places.setdefault(known.name.lower(), []).append((element, attribute))
    for name, found in places.items():
        yield _finding(variables.catalogue()[name], found)


def _finding(variable: Variable, found: list[tuple[Element, str]]) -> Finding:
    element, attribute = found[0]
    message = _SAID[variable.standing].format(name=variable.name) + more(len(found))
    return element.finding("L832", message, variable.reason, Severity.NOTE, attribute=attribute)


def _set(subject: Subject) -> Iterator[tuple[str, Element, str]]:
    """Each name that gets a value, and where."""
    for action in subject.actions:
        for name in dict.fromkeys(assigned(action.application.lower(), action.data)):
            yield name, action.element, action.attribute
    directory = subject.configuration.section("directory")
    for element in directory.iter("variable") if directory else ():
        yield element.get("name", ""), element, "name"
    for _, gateway in subject.gateways():
        for element in gateway.iter("variable"):
            yield element.get("name", ""), element, "name"
