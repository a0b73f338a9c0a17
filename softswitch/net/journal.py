"""The latest messages that came and went, so that a call can be looked at after it went wrong."""

from __future__ import annotations

import re
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import NamedTuple

from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response

_CALL_ID = re.compile(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*(.*?)[ \t]*\r?$")
MESSAGES = 8192
"""Messages that are kept."""
OCTETS = 16 << 20
"""Octets that they have together, at most."""
_PARSED = 1024
"""Octets that a message counts for whose text is not at hand, beside its body."""
LEGS = MESSAGES // 2
"""Legs whose Call-IDs are kept: each began with a request and an answer, so that of older ones no
beginning is left."""


class Entry(NamedTuple):
    """One message."""

    at: float
    """Seconds since 1970."""
    sent: bool
    """Whether it is ours."""
    message: bytes | Request | Response
    flow: Flow

    @property
    def data(self) -> bytes:
        """The message as it was on the wire, or would be without the transport's framing."""
        return self.message if isinstance(self.message, bytes) else self.message.encode()

    @property
    def call_id(self) -> str:
        """Its Call-ID; empty where it has none."""
        if not isinstance(self.message, bytes):
            return self.message.call_id
        found = _CALL_ID.search(self.message)
        return found[1].decode("utf-8", "replace") if found is not None else ""


class Journal:
    """A ring of messages, and which legs they belong to."""

    def __init__(self, messages: int = MESSAGES) -> None:
        self._entries: deque[Entry] = deque()
        self._most = messages
        self._octets = 0
        self._legs: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def add(self, sent: bool, message: bytes | Request | Response, flow: Flow) -> Entry:
        """A message came or goes."""
        entries = self._entries
        entry = Entry(time.time(), sent, message, flow)
        entries.append(entry)
        self._octets += len(message) if isinstance(message, bytes) else _size(message)
        while len(entries) > self._most or self._octets > OCTETS:
            self._octets -= _size(entries.popleft().message)
        return entry

    def note(self, leg: str, call_id: str, caller: str = "") -> None:
        """A leg has that Call-ID; ``caller`` is the leg on whose behalf it is made."""
        self._legs[leg] = call_id, caller
        if len(self._legs) > LEGS:
            self._legs.popitem(last=False)

    def call_ids(self, name: str) -> list[str]:
        """The Call-IDs of a leg, of whoever called it, and of whom that one called.

        A name that is no leg is a Call-ID itself.
        """
        if name not in self._legs:
            return [name]
        root = self._legs[name][1] or name
        family = [
            call_id
            for leg, (call_id, caller) in self._legs.items()
            if root in (leg, caller) or leg == name
        ]
        return list(dict.fromkeys(family))

    def of(self, name: str) -> list[Entry]:
        """The messages of a leg and its family, or of a Call-ID, in order; ``all`` are all."""
        if name == "all":
            return list(self._entries)
        wanted = set(self.call_ids(name))
        return [entry for entry in self._entries if entry.call_id in wanted]

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Journal {len(self)} messages, {len(self._legs)} legs>"


def _size(message: bytes | Request | Response) -> int:
    return len(message) if isinstance(message, bytes) else _PARSED + len(message.body)
