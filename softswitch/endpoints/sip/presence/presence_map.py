"""``presence_map.conf``: which numbers are conferences, lots and the like, not users."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from softswitch.dialplan.pcre import Expression, MatchTimeout, PatternError, compile_expression

if TYPE_CHECKING:
    from softswitch.config.document import Configuration

log = logging.getLogger(__name__)


class PresenceMap:
    """The rules of one configuration, in order; the first that fits counts."""

    def __init__(self, configuration: Configuration) -> None:
        """Rules whose expression is none are logged with their place and left out."""
        self.number = configuration.number
        self._rules = []
        root = configuration.configuration("presence_map.conf")
        domains = root.find("domains") if root is not None else None
        for domain in domains.findall("domain") if domains is not None else ():
            for rule in domain.findall("exten"):
                try:
                    pattern = compile_expression(rule.get("regex", ""))
                except PatternError as error:
                    log.error("%s:%d: %s", rule.file, rule.line, error)
                    continue
                name = domain.get("name", "*").lower()
                self._rules.append((name, pattern, rule.get("proto", "")))

    def protocol(self, user: str, domain: str) -> str:
        """Of what kind a number is; empty for a user."""
        for name, pattern, protocol in self._rules:
            if name in ("*", domain.lower()) and _fits(pattern, user):
                return protocol
        return ""


def _fits(pattern: Expression, user: str) -> bool:
    try:
        return pattern.match(user) is not None
    except MatchTimeout:
        return False
