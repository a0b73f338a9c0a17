"""Blocks of ``<param name="" value=""/>`` to typed settings; what is wrong is told with its place.

A settings class is a frozen dataclass whose fields are made by ``param``::

    @dataclass(frozen=True, slots=True)
    class EchoSettings:
        delay: float = param("delay-ms", 0.0, unit=Unit.MILLISECONDS, help="delay of the echo")
        prefs: tuple[str, ...] = param("codec-prefs", (), separator=",")
        accepted: ClassVar[tuple[str, ...]] = ("odbc-dsn",)     # known, without effect here
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity

Settings = TypeVar("Settings")

_TRUE = frozenset({"yes", "on", "true", "t", "enabled", "active", "allow"})
_FALSE = frozenset({"no", "off", "false", "f", "disabled", "inactive", "disallow"})
_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


class Unit(Enum):
    """The unit a parameter is written in; the field holds seconds."""

    MILLISECONDS = 0.001
    SECONDS = 1.0


class BadValue(ValueError):
    """A text that is not a value of the parameter's kind; says what it should be."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is known of one parameter; documentation is printed from it."""

    name: str
    field: str
    kind: Any
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    separator: str
    unit: Unit | None
    aliases: tuple[str, ...]
    help: str
    words: Mapping[str, Any]

    @property
    def repeatable(self) -> bool:
        """Whether each further ``<param>`` of the name adds to the ones before."""
        return get_origin(self.kind) is tuple

    @property
    def describe_kind(self) -> str:
        """What may be written, for a person."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        return " or ".join([self._describe_value, *self.words])

    @property
    def _describe_value(self) -> str:
        if self.unit:
            return f"a number of {self.unit.name.lower()}"
        kind = _item_kind(self.kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return "one of " + ", ".join(str(member.value) for member in kind)
        words = {bool: "true or false", int: "a whole number", float: "a number"}
        return words.get(kind, "a text")


def param(
    name: str,
    default: Any,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Iterable[str] = (),
    separator: str = "",
    unit: Unit | None = None,
    aliases: Iterable[str] = (),
    words: Mapping[str, Any] | None = None,
    help: str = "",
) -> Any:
    """A field read from the parameter of that name; its kind is the field's annotation.

    Kinds are ``bool``, ``int``, ``float``, ``str``, an ``Enum`` of texts, ``tuple[kind, ...]``
    (repeatable, and split at ``separator``), each also as ``kind | None``. ``words`` may be written
    in place of a value, and stand for what they map to.
    """
    metadata = {
        "parameter": (
            *(name, minimum, maximum, tuple(choices), separator, unit, tuple(aliases), help),
            words or {},
        )
    }
    return dataclasses.field(default=default, metadata=metadata)


def parameters(settings: type[Any]) -> tuple[Parameter, ...]:
    """The parameters of a settings class, in order."""
    hints = get_type_hints(settings)
    found = []
    for field in dataclasses.fields(settings):
        if "parameter" not in field.metadata:
            continue
        name, minimum, maximum, choices, separator, unit, aliases, help, words = field.metadata[
            "parameter"
        ]
        found.append(
            Parameter(
                name,
                field.name,
                hints[field.name],
                field.default,
                minimum,
                maximum,
                choices,
                separator,
                unit,
                aliases,
                help,
                words,
            )
        )
    return tuple(found)


def read_params(
    element: Element | None, settings: type[Settings], *, tag: str = "param"
) -> tuple[Settings, list[Finding]]:
    """The settings that an element's ``<param>`` children give, and what is wrong with them.

    No element gives the defaults. A value that is wrong leaves the default in place: one of another
    kind is an error, one out of range a warning. A name that is unknown is a warning; names in the
    class's ``accepted`` are known and have no effect, which one note tells of all; where
    ``accepted`` is a mapping it says why.
    """
    findings: list[Finding] = []
    known = _by_name(settings)
    accepted = {name.lower() for name in getattr(settings, "accepted", ())}
    taken: dict[str, Any] = {}
    idle: list[Element] = []
    for item in element.findall(tag) if element else ():
        name = item.get("name", "")
        if not name or "value" not in item.attributes:
            missing = "value" if name else "name"
            findings.append(
                item.finding(
                    "S406",
                    f"this <{tag}> has no {missing}",
                    f'write <{tag} name="..." value="..."/>',
                    Severity.WARNING,
                )
            )
        elif parameter := known.get(name.lower()):
            _take(parameter, item, taken, findings)
        elif name.lower() in accepted:
            idle.append(item)
        else:
            findings.append(_unknown(item, name, [*known, *accepted]))
    if idle:
        names = ", ".join(dict.fromkeys(item.get("name", "") for item in idle))
        message = f"known and without effect here: {names}"
        explained = isinstance(getattr(settings, "accepted", ()), Mapping)
        hint = "softswitch explain NAME says why" if explained else ""
        findings.append(idle[0].finding("S405", message, hint, Severity.NOTE, attribute="name"))
    return settings(**taken), findings


def check_param(
    written: Element | None, name: str, check: Callable[[str], str | None], hint: str
) -> list[Finding]:
    """Warn of the values of a parameter that ``check`` finds something wrong with; it is told
    what they are and gives what is wrong, or None. Empty ones are not asked about.
    """
    findings = []
    for item in written.findall("param", name=name) if written else ():
        value = item.get("value", "")
        if value and (problem := check(value)):
            findings.append(
                item.finding("S402", problem, hint, Severity.WARNING, attribute="value")
            )
    return findings


def _by_name(settings: type[Any]) -> dict[str, Parameter]:
    return {
        name.lower(): parameter
        for parameter in parameters(settings)
        for name in (parameter.name, *parameter.aliases)
    }


def _take(
    parameter: Parameter, item: Element, taken: dict[str, Any], findings: list[Finding]
) -> None:
    text = item.get("value", "")
    if not text.strip() and (parameter.choices or _item_kind(parameter.kind) is not str):
        findings.append(
            item.finding(
                "S404",
                f"{parameter.name} is empty; its default {_shown(parameter.default)} is used",
                "a $${name} that is not set leaves nothing behind",
                Severity.WARNING,
                attribute="value",
            )
        )
        return
    try:
        value = convert(parameter, text)
    except BadValue as wrong:
        message = f"{parameter.name}={text!r}: {wrong}"
        default = _shown(parameter.default)
        if isinstance(wrong, _OutOfRange):
            code, hint, severity = "S403", f"its default {default} is used", Severity.WARNING
        else:
            code, hint, severity = "S402", f"its default is {default}", Severity.ERROR
        findings.append(item.finding(code, message, hint, severity, attribute="value"))
        return
    if parameter.repeatable:
        taken[parameter.field] = taken.get(parameter.field, ()) + value
        return
    if parameter.field in taken:
        message = f"{parameter.name} is given twice; this one counts"
        findings.append(
            item.finding("S407", message, "take one out", Severity.WARNING, attribute="name")
        )
    taken[parameter.field] = value


def _unknown(item: Element, name: str, known: list[str]) -> Finding:
    close = difflib.get_close_matches(name.lower(), known, 1)
    return item.finding(
        "S401",
        f"there is no parameter {name!r} here",
        f"did you mean {close[0]!r}?" if close else "it is ignored",
        Severity.WARNING,
        attribute="name",
    )


def convert(parameter: Parameter, text: str) -> Any:
    """The value a text stands for; raises ``BadValue`` with what it should be."""
    if parameter.repeatable:
        parts = text.split(parameter.separator) if parameter.separator else [text]
        return tuple(_convert(parameter, part.strip()) for part in parts if part.strip())
    return _convert(parameter, text)


class _OutOfRange(BadValue):
    pass


def _convert(parameter: Parameter, text: str) -> Any:
    kind = _item_kind(parameter.kind)
    word = text.strip().lower()
    if word in parameter.words:
        return parameter.words[word]
    if kind is bool:
        truth = read_boolean(text)
        if truth is None:
            raise BadValue("should be true or false")
        return truth
    if parameter.choices:
        for choice in parameter.choices:
            if choice.lower() == text.strip().lower():
                return choice
        raise BadValue(_one_of(text, parameter.choices))
    if isinstance(kind, type) and issubclass(kind, Enum):
        for member in kind:
            if str(member.value).lower() == text.strip().lower():
                return member
        raise BadValue(_one_of(text, [str(member.value) for member in kind]))
    if kind in (int, float):
        return _number(parameter, kind, text.strip())
    return text


def _number(parameter: Parameter, kind: type, text: str) -> float:
    pattern = _INTEGER if kind is int and parameter.unit is None else _NUMBER
    if not pattern.fullmatch(text):
        raise BadValue(f"should be {parameter.describe_kind}")
    number = float(text) if kind is float or parameter.unit else int(text)
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        between = (
            f"from {low:g} to {high:g}"
            if low is not None and high is not None
            else f"{low:g} or more"
            if low is not None
            else f"{high:g} or less"
        )
        raise _OutOfRange(f"should be {between}")
    return number * parameter.unit.value if parameter.unit else number


def read_boolean(text: str) -> bool | None:
    """FreeSWITCH's reading of a truth value; None if the text is neither true nor false."""
    text = text.strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    return float(text) != 0 if _NUMBER.fullmatch(text) else None


def _one_of(text: str, choices: Iterable[str]) -> str:
    listed = list(choices)
    close = difflib.get_close_matches(text.lower(), [choice.lower() for choice in listed], 1)
    return (f"did you mean {close[0]!r}? " if close else "") + f"known are {', '.join(listed)}"


def _item_kind(kind: Any) -> Any:
    """``int`` of ``int``, ``int | None``, ``tuple[int, ...]``."""
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return get_args(kind)[0] if get_origin(kind) is tuple else kind


def _shown(value: Any) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value) or "nothing"
    return str(value) if value not in ("", None) else "nothing"
