"""What an attacker would find: weak secrets, open doors, files that others may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from softswitch.config.document import in_order
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.dialplan.arguments import is_true
from softswitch.lint.check import Report, check
from softswitch.lint.rules import Subject, params, value

CODES.update(
    {
        "L901": "the event socket can be reached from other machines",
        "L902": "anybody may call through a SIP profile",
        "L903": "a SIP profile believes every password",
        "L904": "a password is the user's own number",
        "L905": "others may read a file with secrets",
        "L906": "others may write a file of the configuration",
        "L907": "a password is short",
    }
)

_LOOPBACK = frozenset({"", "127.0.0.1", "::1", "localhost"})
_OF_CHECK = frozenset({"L841", "L843", "D506"})
"""What `check` finds and an attacker too."""
_SHORTEST = 8
_SECRET_FILES = ("secrets.xml", "*.db", "cdr/*.journal", "tls/*.key", "tls/*.pem")


def audit(
    folder: Path, data: Path, variables: Mapping[str, str], to_come: Path | None = None
) -> Report:
    """Read a configuration and look at its files and those of the data folder."""
    report = check(folder, variables, to_come)
    findings = [finding for finding in report.findings if finding.code in _OF_CHECK]
    if report.configuration is None:
        return report
    subject = Subject.of(report.configuration)
    for look in (_event_socket, _profiles, _passwords):
        findings += look(subject)
    findings += _files(folder, data, subject)
    return Report(in_order(findings), report.configuration)


def _event_socket(subject: Subject) -> Iterator[Finding]:
    settings = params(subject.configuration.configuration("event_socket.conf"), "settings")
    if value(settings, "listen-ip") in _LOOPBACK:
        return
    guarded = value(settings, "apply-inbound-acl")
    yield settings["listen-ip"].finding(
        "L901",
        "the event socket listens for other machines"
        + (f", guarded by the list {guarded}" if guarded else "; only the loopback is let in"),
        "listen on 127.0.0.1, and reach it through a tunnel",
        Severity.WARNING if guarded else Severity.NOTE,
        attribute="value",
    )


def _profiles(subject: Subject) -> Iterator[Finding]:
    for profile in subject.profiles():
        settings = params(profile, "settings")
        for name in ("accept-blind-auth", "accept-blind-reg"):
            if is_true(value(settings, name)):
                yield settings[name].finding(
                    "L903",
                    f"with {name} every password is right",
                    "take it out",
                    Severity.WARNING,
                    attribute="value",
                )
        calls = settings.get("auth-calls")
        if calls is None or is_true(calls.get("value", "")):
            continue
        if value(settings, "apply-inbound-acl"):
            continue
        yield calls.finding(
            "L902",
            f"anybody may call through the profile {profile.get('name', '')!r} into the context"
            f" {value(settings, 'context') or 'default'!r}",
            "name the addresses that may with apply-inbound-acl, and let that context dial"
            " nothing that costs",
            Severity.NOTE if value(settings, "context") == "public" else Severity.WARNING,
            attribute="value",
        )


def _passwords(subject: Subject) -> Iterator[Finding]:
    for domain in subject.directory:
        for user in domain.users.values():
            for name in ("password", "vm-password", "esl-password"):
                given = user.param(name)
                if not given:
                    continue
                element = _param(user.element, name)
                if given == user.id and name != "vm-password":
                    yield element.finding(
                        "L904",
                        f"the {name} of {user} is the user's own number",
                        "softswitch user add makes one at random",
                        Severity.WARNING,
                    )
                elif len(given) < _SHORTEST and name != "vm-password":
                    yield element.finding(
                        "L907",
                        f"the {name} of {user} has {len(given)} characters",
                        f"take at least {_SHORTEST}",
                        Severity.WARNING,
                    )


def _param(element: Element, name: str) -> Element:
    block = element.find("params")
    found = block.find("param", name=name) if block else None
    return found or element


def _files(folder: Path, data: Path, subject: Subject) -> Iterator[Finding]:
    for pattern in _SECRET_FILES:
        for path in sorted(data.glob(pattern)):
            if _mode(path) & (stat.S_IRGRP | stat.S_IROTH):
                yield _of_file(path, "L905", "others may read this file", f"chmod 600 {path}")
    for path in sorted(folder.rglob("*.xml")):
        if _mode(path) & stat.S_IWOTH:
            yield _of_file(path, "L906", "everybody may write this file", f"chmod o-w {path}")
    for path in sorted(_with_passwords(subject)):
        if path.is_file() and _mode(path) & stat.S_IROTH:
            hint = f"chmod o-r {path}"
            yield _of_file(path, "L905", "everybody may read the passwords in it", hint)


def _with_passwords(subject: Subject) -> set[Path]:
    """Files in which passwords themselves are written, not variables that hold them."""
    return {
        Path(user.element.file)
        for domain in subject.directory
        for user in domain.users.values()
        if user.password and "$${" not in _param(user.element, "password").written
    }


def _mode(path: Path) -> int:
    try:
        return os.stat(path).st_mode
    except OSError:
        return 0


def _of_file(path: Path, code: str, message: str, hint: str) -> Finding:
    return Finding(str(path), 0, 0, code, message, hint, severity=Severity.WARNING)
