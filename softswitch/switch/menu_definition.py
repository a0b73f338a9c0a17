"""Menus as ``ivr.conf`` describes them: prompts, limits, and what each key does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.config.validators import register_validator
from softswitch.dialplan.pcre import Expression, PatternError, compile_expression

CODES.update(
    {
        "I901": "a menu has no name, or another has it",
        "I902": "an entry of a menu lacks an attribute",
        "I903": "an action of a menu is not known",
        "I904": "a menu leads to one that does not exist",
        "I905": "the expression of an entry cannot be read",
        "I906": "a setting of a menu is not what it should be",
    }
)

CONFIGURATION = "ivr.conf"
DEFAULT_TIMEOUT_MS = 10_000
DEFAULT_FAILURES = 3
DEFAULT_CONFIRM_ATTEMPTS = 3


class MenuError(ValueError):
    """A menu cannot be run; the message is a sentence with the place of the mistake."""


class Action(Enum):
    """What an entry does."""

    EXECUTE = "menu-exec-app"
    SUBMENU = "menu-sub"
    TOP = "menu-top"
    BACK = "menu-back"
    EXIT = "menu-exit"
    PLAY = "menu-play-sound"
    PHRASE = "menu-say-phrase"


_WITH_PARAM = frozenset({Action.EXECUTE, Action.SUBMENU, Action.PLAY, Action.PHRASE})


@dataclass(frozen=True, slots=True)
class Entry:
    """Digits, and what they do."""

    action: Action
    digits: str
    param: str
    expression: Expression | None = None
    """For ``/expression/`` in place of digits."""

    def match(self, digits: str) -> list[str | None] | None:
        """The captures where the digits are meant, None where they are not."""
        if self.expression is None:
            return [digits] if digits == self.digits else None
        return self.expression.match(digits)


@dataclass(frozen=True, slots=True)
class Menu:
    """One menu; times in milliseconds."""

    name: str
    entries: tuple[Entry, ...]
    greet_long: str = ""
    greet_short: str = ""
    invalid_sound: str = ""
    exit_sound: str = ""
    transfer_sound: str = ""
    timeout: int = DEFAULT_TIMEOUT_MS
    inter_digit_timeout: int = DEFAULT_TIMEOUT_MS // 2
    max_failures: int = DEFAULT_FAILURES
    max_timeouts: int = DEFAULT_FAILURES
    exec_on_max_failures: str = ""
    exec_on_max_timeouts: str = ""
    digit_len: int = 1
    """Digits after which none are waited for."""
    confirm_macro: str = ""
    confirm_key: str = ""
    confirm_attempts: int = DEFAULT_CONFIRM_ATTEMPTS
    pin: str = ""
    pin_file: str = ""
    bad_pin_file: str = ""
    tts_engine: str = ""
    tts_voice: str = ""
    element: Element | None = field(default=None, repr=False, compare=False)


def find_menu(configuration: Element | None, name: str) -> Menu | None:
    """The menu of that name, None if there is none. Raises `MenuError` for one with mistakes."""
    for element in _menus(configuration):
        if element.get("name", "").lower() == name.lower():
            return read_menu(element)
    return None


def read_menu(element: Element) -> Menu:
    """A ``<menu>`` with its defaults. Raises `MenuError`."""
    entries = tuple(_read_entry(entry) for entry in element.findall("entry"))
    timeout = _number(element, "timeout", DEFAULT_TIMEOUT_MS, 1)
    failures = _number(element, "max-failures", DEFAULT_FAILURES, 1)
    longest = max((len(entry.digits) for entry in entries if entry.expression is None), default=1)
    return Menu(
        element.get("name", ""),
        entries,
        element.get("greet-long", ""),
        element.get("greet-short", ""),
        element.get("invalid-sound", ""),
        element.get("exit-sound", ""),
        element.get("transfer-sound", ""),
        timeout,
        _number(element, "inter-digit-timeout", timeout // 2, 1),
        failures,
        _number(element, "max-timeouts", failures, 1),
        element.get("exec-on-max-failures", ""),
        element.get("exec-on-max-timeouts", ""),
        max(_number(element, "digit-len", 1, 1), longest),
        element.get("confirm-macro", ""),
        element.get("confirm-key", "")[:1],
        _number(element, "confirm-attempts", DEFAULT_CONFIRM_ATTEMPTS, 1),
        element.get("pin", ""),
        element.get("pin-file", ""),
        element.get("bad-pin-file", ""),
        element.get("tts-engine", ""),
        element.get("tts-voice", ""),
        element,
    )


def _menus(configuration: Element | None) -> Iterator[Element]:
    for menus in configuration.findall("menus") if configuration is not None else ():
        yield from menus.findall("menu")


def _read_entry(element: Element) -> Entry:
    found = list(_entry_findings(element))
    if found:
        raise MenuError(str(found[0]).partition("\n")[0])
    digits = element.get("digits", "")
    expression = compile_expression(digits) if digits.startswith("/") else None
    return Entry(
        Action(element.get("action", "").lower()), digits, element.get("param", ""), expression
    )


def _number(element: Element, name: str, default: int, least: int) -> int:
    text = element.get(name, "").strip()
    return max(int(text), least) if text.isascii() and text.isdigit() else default


def _entry_findings(element: Element) -> Iterator[Finding]:
    """What keeps an entry from being read."""
    name, digits = element.get("action", "").lower(), element.get("digits", "")
    known = [action.value for action in Action]
    if name not in known:
        yield element.finding(
            "I903",
            f"{name!r} is no action of menus" if name else "this entry has no action",
            f"there are {', '.join(known)}",
            attribute="action",
        )
    elif Action(name) in _WITH_PARAM and not element.get("param"):
        yield element.finding("I902", f"{name} needs a param", 'write param="..."')
    if not digits:
        yield element.finding("I902", "this entry has no digits", 'write digits="1"')
    elif digits.startswith("/"):
        try:
            compile_expression(digits)
        except PatternError as error:
            yield element.finding("I905", str(error), "", attribute="digits")


def validate_menus(configuration: Configuration) -> list[Finding]:
    """What is wrong with the menus; a running call would find it only when it comes there."""
    findings: list[Finding] = []
    elements = list(_menus(configuration.configuration(CONFIGURATION)))
    names: dict[str, Element] = {}
    for element in elements:
        name = element.get("name", "").lower()
        if not name or name in names:
            message = f"there is another menu {name!r}" if name else "this menu has no name"
            findings.append(element.finding("I901", message, "the first counts", Severity.WARNING))
        names.setdefault(name, element)
    for element in elements:
        findings += _settings_findings(element)
        for entry in element.findall("entry"):
            findings += [_as_warning(finding) for finding in _entry_findings(entry)]
            target = entry.get("param", "").lower()
            leads = entry.get("action", "").lower() == Action.SUBMENU.value and target
            if leads and target not in names and "$" not in target:
                message = f"there is no menu {target!r}"
                findings.append(
                    entry.finding("I904", message, "", Severity.WARNING, attribute="param")
                )
    return findings


_NUMBERS = "timeout inter-digit-timeout max-failures max-timeouts digit-len confirm-attempts"


def _settings_findings(element: Element) -> Iterator[Finding]:
    for name in _NUMBERS.split():
        text = element.get(name, "1").strip()
        if text and not (text.isascii() and text.isdigit() and int(text) > 0):
            message = f"{name}={text!r} should be a whole number above 0"
            yield element.finding(
                "I906", message, "its default is used", Severity.WARNING, attribute=name
            )
    if element.get("confirm-macro") and not element.get("confirm-key"):
        message = "confirm-macro has no confirm-key: any key confirms"
        yield element.finding("I906", message, 'write confirm-key="1"', Severity.WARNING)


def _as_warning(finding: Finding) -> Finding:
    """A menu with a mistake keeps nobody from running the rest."""
    return replace(finding, severity=Severity.WARNING)


register_validator("configuration", validate_menus)
