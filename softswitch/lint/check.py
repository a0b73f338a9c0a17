"""Everything that can be said of a configuration without running it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from softswitch import registry
from softswitch.config.document import Configuration, in_order, load
from softswitch.config.errors import ConfigurationErrors, Finding, Severity, errors
from softswitch.config.validators import validate
from softswitch.lint import dial_strings, names, routes, sip, sounds, unset, without_effect
from softswitch.lint.rules import RULES, Subject
from softswitch.switch import modules

__all__ = ["FAMILIES", "Report", "check", "load_owners"]

FAMILIES = (names, routes, sounds, unset, without_effect, sip, dial_strings)
"""The files whose rules are asked; importing them enters the rules."""
OWNERS = (
    "softswitch.apps",
    "softswitch.commands",
    "softswitch.endpoints",
    "softswitch.media.formats",
    "softswitch.media.codecs",
)
_READING, _JUDGING = 0.15, 0.6
"""How much of a check of many extensions is done when the files are read, and when every owner has
judged his section."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and the configuration where it can be used at all."""

    findings: tuple[Finding, ...]
    configuration: Configuration | None

    def count(self, severity: Severity) -> int:
        """How many findings are that severe."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def ok(self) -> bool:
        """True without errors and warnings; notes are allowed."""
        return all(finding.severity is Severity.NOTE for finding in self.findings)

    @property
    def usable(self) -> bool:
        """Whether a switch would start with it."""
        return self.configuration is not None and not errors(self.findings)


def check(
    folder: Path,
    variables: Mapping[str, str],
    to_come: Path | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Report:
    """Read the configuration of a folder, ask every owner of a section about it, then each rule.

    ``variables`` are those known before the first line; the file ``to_come`` is made by the
    first start and may be missing. Of a configuration with files that cannot be read the rest
    is looked at too. Nothing is started or written. ``progress`` is told, now and then, how much
    is done, as a share of 1.
    """
    load_owners()
    usable = True
    try:
        configuration = load(folder, variables)
    except ConfigurationErrors as refused:
        if refused.readable is None:
            return Report(refused.findings, None)
        configuration, usable = refused.readable, False
    progress(_READING)
    told = [*configuration.findings, *validate(configuration)]
    subject = Subject.of(configuration)
    for number, rule in enumerate(RULES):
        progress(_JUDGING + (1 - _JUDGING) * number / len(RULES))
        told.extend(rule(subject))
    findings = in_order(told)
    if to_come is not None:
        findings = tuple(
            finding
            for finding in findings
            if finding.code != "P204" or str(to_come) not in finding.message
        )
    return Report(findings, configuration if usable else None)


def load_owners() -> None:
    """Import whatever registers applications, commands and validators."""
    for package in OWNERS:
        registry.discover(package)
    modules.discover()
