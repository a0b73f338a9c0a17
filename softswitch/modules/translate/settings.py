"""``translate.conf``: profiles, each a list of rules of which the first that matches counts."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.validators import register_validator
from softswitch.dialplan.pcre import Expression, PatternError, compile_expression

DEFAULT_PROFILE = "US"


@dataclass(frozen=True, slots=True)
class Rule:
    """A number that matches becomes ``replace``, with ``$1`` and ``${areacode}`` filled in."""

    expression: Expression
    replace: str


Profiles = dict[str, tuple[Rule, ...]]


def read_profiles(element: Element | None) -> tuple[Profiles, list[Finding]]:
    """The profiles of the file, and what is wrong with them."""
    findings: list[Finding] = []
    profiles: Profiles = {}
    block = element.find("profiles") if element is not None else None
    if element is not None and block is None:
        findings.append(element.finding("S406", "there are no <profiles>", "", Severity.WARNING))
    for written in block.findall("profile") if block is not None else ():
        name = written.get("name", "")
        if not name:
            message = "this <profile> has no name"
            findings.append(written.finding("C306", message, "", Severity.WARNING))
            continue
        if name in profiles:
            message = f"the profile {name!r} stands twice; the last one counts"
            findings.append(
                written.finding("S407", message, "", Severity.WARNING, attribute="name")
            )
        profiles[name] = _rules(written, findings)
    return profiles, findings


def _rules(written: Element, findings: list[Finding]) -> tuple[Rule, ...]:
    rules = []
    for item in written.findall("rule"):
        missing = [name for name in ("regex", "replace") if name not in item.attributes]
        if missing:
            message = f"this <rule> has no {missing[0]}"
            findings.append(item.finding("S406", message, "", Severity.WARNING))
            continue
        try:
            expression = compile_expression(item.get("regex", ""))
        except PatternError as error:
            message = f"regex={item.get('regex')!r}: {error}"
            findings.append(
                item.finding(
                    "S402", message, "the rule is left out", Severity.WARNING, attribute="regex"
                )
            )
            continue
        rules.append(Rule(expression, item.get("replace", "")))
    return tuple(rules)


register_validator(
    "configuration",
    lambda configuration: read_profiles(configuration.configuration("translate.conf"))[1],
)
