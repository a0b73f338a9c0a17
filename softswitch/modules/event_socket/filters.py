"""Filters of a listener: which of the events it subscribed to it gets."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from softswitch.dialplan.pcre import Expression, MatchTimeout, PatternError, compile_expression

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Filter:
    """One test of one header: equal without case, or a ``/pattern/flags``."""

    header: str
    value: str
    text: str
    """The value without its sign."""
    positive: bool = True
    pattern: Expression | None = None

    def matches(self, headers: Mapping[str, str]) -> bool:
        """True if the header is there and passes; a missing one never matches."""
        found = headers.get(self.header)
        if found is None:
            lowered = self.header.lower()
            found = next((v for name, v in headers.items() if name.lower() == lowered), None)
            if found is None:
                return False
        if self.pattern is not None:
            try:
                return self.pattern.search(found) is not None
            except MatchTimeout as error:
                log.warning("filter %s: %s", self.header, error)
                return False
        return found.lower() == self.text.lower()


def parse_filter(header: str, value: str) -> Filter:
    """A filter as the command gives it. Raises ValueError for a pattern that is not one.

    Of several signs in front the last one counts; behind a sign a slash is only a slash.
    """
    if value.startswith("/"):
        try:
            return Filter(header, value, value, True, compile_expression(value))
        except PatternError as error:
            raise ValueError(f"{value} is no pattern: {error}") from None
    text = value.lstrip("+- ")
    signs = value[: len(value) - len(text)].replace(" ", "")
    return Filter(header, value, text, not signs.endswith("-"))


class FilterList:
    """Filters in order. The first negative match withholds an event, else a positive one sends
    it; so positive filters are alternatives and negative ones alone let nothing through."""

    def __init__(self) -> None:
        self._filters: list[Filter] = []

    def __bool__(self) -> bool:
        return bool(self._filters)

    def __repr__(self) -> str:
        return f"<FilterList {[(one.header, one.value) for one in self._filters]}>"

    def add(self, added: Filter) -> None:
        """Put a filter behind the others."""
        self._filters.append(added)

    def remove(self, header: str, value: str | None = None) -> None:
        """Take out the filters of a header, or of a header with that value."""
        header = header.lower()
        self._filters = [
            one
            for one in self._filters
            if one.header.lower() != header or (value is not None and one.value != value)
        ]

    def clear(self) -> None:
        """Take out all filters."""
        self._filters.clear()

    def pass_(self, headers: Mapping[str, str]) -> bool:
        """True if an event with these headers is sent."""
        if not self._filters:
            return True
        send = False
        for one in self._filters:
            if send and one.positive:
                continue
            if one.matches(headers):
                if not one.positive:
                    return False
                send = True
        return send
