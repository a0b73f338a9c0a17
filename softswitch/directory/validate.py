"""What an operator should be told of the directory; part of ``reloadxml`` and ``check``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.directory.lookup import build_domain, groups_of, users_of
from softswitch.directory.user import Domain, User, is_pointer, parse_network, values

_WELL_KNOWN = frozenset({"1234", "12345", "123456", "password", "secret", "changeme", "test"})


def validate_directory(configuration: Configuration) -> list[Finding]:
    """Names that are missing or stand twice, pointers to nobody, and passwords all know."""
    section = configuration.section("directory")
    return [
        finding
        for findings in (_domains(section), *map(_domain, _first_of_name(section)))
        for finding in findings
    ]


def _first_of_name(section: Element | None) -> list[Element]:
    first: dict[str, Element] = {}
    for domain in section.findall("domain") if section else ():
        if name := domain.get("name", "").lower():
            first.setdefault(name, domain)
    return list(first.values())


def _domains(section: Element | None) -> Iterator[Finding]:
    seen: dict[str, Element] = {}
    for domain in section.findall("domain") if section else ():
        name = domain.get("name", "")
        if not name:
            hint = "a $${name} that is not set leaves nothing behind"
            yield _warning(domain, "D502", "this domain has no name", hint)
        elif first := seen.get(name.lower()):
            message = f"the domain {name!r} is already in {_place(first)}, which counts"
            yield _warning(domain, "D501", message, "keep one of the two", "name")
        seen.setdefault(name.lower(), domain)


def _domain(element: Element) -> Iterator[Finding]:
    domain = build_domain(element)
    written: dict[str, Element] = {}
    for group in (*groups_of(element), None):
        if group and not group.get("name"):
            yield _warning(group, "D502", "this group has no name", 'write name="..."')
        for user in users_of(group or element):
            yield from _user(user, domain, written)
    yield from _passwords(domain)


_HASH = re.compile(r"[0-9A-Fa-f]{32}")


def _user(element: Element, domain: Domain, written: dict[str, Element]) -> Iterator[Finding]:
    name = element.get("id", "")
    if not name:
        yield _warning(element, "D502", "this user has no id", 'write id="..."')
        return
    if is_pointer(element):
        target = domain.user(name)
        if target is None or target.is_pointer:
            message = f"there is no user {name!r} that this pointer points to"
            yield _warning(element, "D504", message, "", "id")
        return
    if first := written.get(name.lower()):
        message = f"the user {name!r} is already in {_place(first)}, which counts"
        hint = 'write type="pointer" to put one user into several groups'
        yield _warning(element, "D503", message, hint, "id")
    written.setdefault(name.lower(), element)
    if kind := element.get("type"):
        message = (
            f"FreeSWITCH lets every lookup find a user of type {kind!r}; here it has no effect"
        )
        yield _warning(element, "D505", message, "take it out", "type")
    hashed = values(element, "params", "param").get("a1-hash", "")
    if hashed and "$" not in hashed and not _HASH.fullmatch(hashed):
        message = "a1-hash is no MD5, so this user can never log in"
        yield _warning(element, "D508", message, "write the MD5 of user:domain:password", "id")
    for text in element.get("cidr", "").split(","):
        if text.strip() and parse_network(text) is None:
            message = f"{text.strip()!r} is no address range"
            yield element.finding("D507", message, "write 192.0.2.7/32", attribute="cidr")


def _passwords(domain: Domain) -> Iterator[Finding]:
    known = [user for user in domain.users.values() if _is_well_known(user)]
    if known:
        more = f", and {len(known) - 1} users more" if len(known) > 1 else ""
        message = f"the password of {known[0]}{more} is one that everybody tries first"
        hint = "whoever guesses it calls at your expense: make one nobody can guess"
        yield _warning(known[0].element, "D506", message, hint, "id")


def _is_well_known(user: User) -> bool:
    password = user.password.lower()
    return password in _WELL_KNOWN or (password != "" and password == user.id.lower())


def _place(element: Element) -> str:
    return f"{element.file}:{element.line}"


def _warning(
    element: Element, code: str, message: str, hint: str = "", attribute: str = ""
) -> Finding:
    return element.finding(code, message, hint, Severity.WARNING, attribute=attribute)
