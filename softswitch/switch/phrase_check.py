"""What is wrong with phrase macros, told before a caller hears that nothing is said."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.config.validators import register_validator
from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.say.request import Gender, Kind, Method, SayError, Word, parse_word
from softswitch.switch.phrases import own_phrases

CODES.update(
    {
        "I911": "a function of phrases is not known",
        "I912": "the pattern of a phrase cannot be read",
        "I913": "a phrase says something in a way that is not known",
        "I914": "a phrase leads to one that does not exist",
        "I915": "a menu plays a phrase that does not exist",
    }
)

FUNCTIONS = ("play-file", "say", "speak-text", "execute", "phrase", "sleep", "break")
_SOUNDS = "greet-long greet-short invalid-sound exit-sound transfer-sound".split()


def validate_phrases(configuration: Configuration) -> list[Finding]:
    """Functions, patterns, types and names that are not known."""
    languages = list(_languages(configuration))
    own = own_phrases()
    known = {name for parent in (*languages, own) if parent is not None for name in _names(parent)}
    findings = [
        finding
        for language in languages
        for item in language.iter("input")
        for finding in _input(item, known)
    ]
    menus = configuration.configuration("ivr.conf")
    for menu in menus.iter("menu") if menus is not None and languages else ():
        findings += _menu(menu, known)
    return findings


def _languages(configuration: Configuration) -> Iterator[Element]:
    for name in ("languages", "phrases"):
        section = configuration.section(name)
        yield from section.findall("language") if section is not None else ()


def _names(parent: Element) -> set[str]:
    return {macro.get("name", "").lower() for macro in parent.iter("macro")}


def _input(item: Element, known: set[str]) -> Iterator[Finding]:
    pattern = item.get("pattern", "")
    try:
        if "$" not in pattern.rstrip("$"):
            compile_expression(pattern)
    except PatternError as error:
        yield _warning(item, "I912", str(error), "pattern")
    for branch in item.children:
        for action in branch.findall("action"):
            yield from _action(action, known)


def _action(action: Element, known: set[str]) -> Iterator[Finding]:
    function = action.get("function", "").lower()
    if function not in FUNCTIONS:
        message = f"{function!r} is no function of phrases: there are {', '.join(FUNCTIONS)}"
        yield _warning(action, "I911", message, "function")
    elif function == "say":
        yield from _word(action, "type", "", Kind)
        yield from _word(action, "method", "", Method)
        yield from _word(action, "gender", "neuter", Gender)
    elif function == "phrase":
        yield from _missing(action, "phrase", action.get("phrase", ""), known, "I914")


def _word(action: Element, name: str, default: str, words: type[Word]) -> Iterator[Finding]:
    text = action.get(name, "") or default
    try:
        if "$" not in text:
            parse_word(words, text)
    except SayError as error:
        yield _warning(action, "I913", str(error), name)


def _menu(menu: Element, known: set[str]) -> Iterator[Finding]:
    for name in _SOUNDS:
        sound = menu.get(name, "")
        if sound.startswith("phrase:"):
            yield from _missing(menu, name, sound.split(":")[1], known, "I915")
    if macro := menu.get("confirm-macro"):
        yield from _missing(menu, "confirm-macro", macro, known, "I915")


def _missing(
    element: Element, attribute: str, name: str, known: set[str], code: str
) -> Iterator[Finding]:
    macro = name.partition("@")[0].strip().lower()
    if macro not in known and "$" not in macro:
        yield _warning(element, code, f"there is no phrase {macro!r}", attribute)


def _warning(element: Element, code: str, message: str, attribute: str) -> Finding:
    return element.finding(code, message, "", Severity.WARNING, attribute=attribute)


register_validator("languages", validate_phrases)
