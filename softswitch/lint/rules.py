"""What the rules look at, and the list they enter themselves into.

A rule is told of the whole configuration and yields findings; it is one function with
``@rule`` in one of this package's files.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.dialplan.arguments import split, take_scope
from softswitch.dialplan.model import Dialplan
from softswitch.dialplan.xml import read_dialplan
from softswitch.directory.lookup import Directory


@dataclass(frozen=True, slots=True)
class PlacedAction:
    """An application with its data, and where it is written."""

    application: str
    data: str
    element: Element
    context: str
    """The dialplan context it stands in; empty outside of the dialplan."""
    attribute: str = "data"
    """Where in the element the data stand."""

    def finding(
        self, code: str, message: str, hint: str = "", severity: Severity = Severity.WARNING
    ) -> Finding:
        """A finding at the data."""
        return self.element.finding(code, message, hint, severity, attribute=self.attribute)


@dataclass(frozen=True, slots=True)
class Subject:
    """A configuration as rules see it."""

    configuration: Configuration
    dialplan: Dialplan
    directory: Directory
    actions: tuple[PlacedAction, ...]
    """Every action of the dialplan, and the applications that its actions name in turn."""

    @classmethod
    def of(cls, configuration: Configuration) -> Subject:
        """Read what the rules need."""
        return cls(
            configuration,
            read_dialplan(configuration)[0],
            Directory.from_configuration(configuration),
            tuple(_actions(configuration)),
        )

    def profiles(self) -> Iterator[Element]:
        """The SIP profiles, in order."""
        configuration = self.configuration.configuration("sofia.conf")
        profiles = configuration.find("profiles") if configuration else None
        yield from profiles.findall("profile") if profiles else ()

    def gateways(self) -> Iterator[tuple[Element, Element]]:
        """Each SIP profile with each of its gateways."""
        for profile in self.profiles():
            gateways = profile.find("gateways")
            for gateway in gateways.findall("gateway") if gateways else ():
                yield profile, gateway


Rule = Callable[[Subject], Iterable[Finding]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """Have ``check`` ask this function."""
    RULES.append(function)
    return function


def nearest(name: str, known: Iterable[str], prefix: str = "did you mean ") -> str:
    """A hint with the name that is meant, or nothing."""
    close = difflib.get_close_matches(name.lower(), [item.lower() for item in known], 1, 0.7)
    return f"{prefix}{close[0]}?" if close else ""


def params(element: Element | None, container: str = "") -> dict[str, Element]:
    """The ``<param>`` elements of a block by their names in lower case; the last one counts."""
    if container:
        element = element.find(container) if element else None
    found = element.findall("param") if element else ()
    return {item.get("name", "").lower(): item for item in found}


def value(found: dict[str, Element], name: str) -> str:
    """The value of a parameter, nothing if it is not written."""
    return found[name].get("value", "").strip() if name in found else ""


def more(count: int) -> str:
    """What stands behind a finding that is told once for several places."""
    return f" (and at {count - 1} other places)" if count > 1 else ""


def each_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings that say the same of several places are told at the first, with their number."""
    places: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        places.setdefault((finding.code, finding.message), []).append(finding)
    for first, *others in places.values():
        yield replace(first, message=first.message + more(len(others) + 1)) if others else first


def _actions(configuration: Configuration) -> Iterator[PlacedAction]:
    section = configuration.section("dialplan")
    for context in section.findall("context") if section else ():
        name = context.get("name", "")
        for element in context.iter():
            if element.tag in ("action", "anti-action") and element.get("application"):
                data = element.text or element.get("data", "")
                yield from _unfolded(element.get("application", ""), data, element, name)
    menus = configuration.configuration("ivr.conf")
    for entry in menus.iter("entry") if menus else ():
        if entry.get("action", "").startswith("menu-exec-app"):
            application, _, data = entry.get("param", "").partition(" ")
            yield from _unfolded(application, data, entry, "", "param")


def _unfolded(
    application: str, data: str, element: Element, context: str, attribute: str = "data"
) -> Iterator[PlacedAction]:
    """An action, then the ones its data name."""
    _, data = take_scope(data)
    yield PlacedAction(application, data, element, context, attribute)
    name = application.lower()
    inner = ""
    if name == "bind_meta_app":
        inner = (split(data, " ", 4) + [""] * 4)[3]
    elif name == "limit_execute":
        words = split(data, " ", 6)
        inner = f"{words[4]}::{words[5] if len(words) > 5 else ''}" if len(words) > 4 else ""
    elif name in ("set", "export"):
        variable, _, text = data.removeprefix("nolocal:").partition("=")
        if variable.strip().startswith("execute_on_"):
            inner = text.strip() if "::" in text else re.sub(r"[ :]", "::", text.strip(), count=1)
    if inner and not inner.startswith("${"):
        application, _, data = inner.partition("::")
        yield from _unfolded(application, data, element, context, attribute)
