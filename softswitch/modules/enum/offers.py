"""From NAPTR records to what can be dialled (RFC 6116 §3). What DNS says is not trusted."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from softswitch.dialplan.expansion import disarm
from softswitch.dialplan.hunt import substitute
from softswitch.dialplan.pcre import Expression, MatchTimeout, PatternError
from softswitch.modules.enum.settings import Route
from softswitch.net.dns import NaptrRule

log = logging.getLogger(__name__)

MOST_RULES = 32
"""Records of one number that are looked at."""
LONGEST_EXPRESSION = 256
MATCH_SECONDS = 0.01
"""What an expression from DNS may take, so that it holds up no calls."""
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f,|{}<>'$\\^]|:_:")
"""What would be read as more than one address in a dial string."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to reach a number."""

    order: int
    preference: int
    service: str
    route: str
    """A dial string; the URI itself where it is not ``supported``."""
    supported: bool
    """Whether a ``<route>`` says what becomes of it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of DNS for a number."""

    number: str
    """With a plus in front, as the expressions want it."""
    name: str

    @classmethod
    def of(cls, number: str, root: str, isn_root: str, default_root: str) -> Question | None:
        """The question for what was dialled; None where it has no digits.

        ``1234*256`` is looked up in the zone ``256`` below ``root`` or ``isn_root``.
        """
        number, star, organisation = number.partition("*")
        if not number.startswith("+"):
            number = f"+{number}"
        if star:
            root = f"{organisation}.{root or isn_root}"
        digits = [digit for digit in reversed(number) if "0" <= digit <= "9"]
        if not digits:
            return None
        return cls(number, ".".join([*digits, root or default_root]))


def offers(
    rules: Iterable[NaptrRule], number: str, routes: Iterable[Route], templates: Iterable[str]
) -> Iterator[Offer]:
    """What the records of a number come to, by the routes and their expanded ``replace``."""
    known = list(zip(routes, templates, strict=True))
    for index, rule in enumerate(rules):
        if index == MOST_RULES:
            log.warning("%s has more than %d NAPTR records", number, MOST_RULES)
            return
        uri = _rewritten(rule.regexp, number)
        if uri is None:
            continue
        found = list(_routed(rule.service, uri, known))
        for route in found:
            yield Offer(rule.order, rule.preference, rule.service, route, True)
        if not found:
            shown = disarm(rule.service), disarm(uri)
            yield Offer(rule.order, rule.preference, *shown, False)


def _rewritten(regexp: str, number: str) -> str | None:
    """The URI that a record makes of a number; None where it makes none."""
    delimiter = regexp[0]
    parts = regexp[1:].split(delimiter)
    if len(parts) < 2 or len(parts[0]) > LONGEST_EXPRESSION:
        return None
    flags = parts[2].strip() if len(parts) > 2 else ""
    pattern = f"/{parts[0]}/i" if "i" in flags else f"/{parts[0]}/"
    try:
        # Not by the cache of the dialplan: others write these.
        captures = Expression(pattern).search(number, MATCH_SECONDS)
    except (PatternError, MatchTimeout) as error:
        log.warning("the NAPTR record %r of %s cannot be used: %s", regexp, number, error)
        return None
    if captures is None:
        return None
    return re.sub(
        r"\\([0-9])",
        lambda found: (captures[int(found[1])] or "") if int(found[1]) < len(captures) else "",
        parts[1],
    )


def _routed(service: str, uri: str, known: Iterable[tuple[Route, str]]) -> Iterator[str]:
    for route, template in known:
        if route.service.lower() != service.lower():
            continue
        captures = route.expression.match(uri)
        if captures is None:
            continue
        if _UNSAFE.search(uri):
            log.warning("the URI %r from DNS would be more than one address: not used", uri)
            return
        yield substitute(template, captures) if route.captures else template


def dial_string(found: Iterable[Offer]) -> str:
    """What ``bridge`` takes: offers of the same order and preference ring at once."""
    text, last = "", None
    for offer in found:
        rank = (offer.order, offer.preference)
        text += ("" if last is None else "," if rank == last else "|") + offer.route
        last = rank
    return text
