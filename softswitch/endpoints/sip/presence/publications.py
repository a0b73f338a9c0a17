"""PUBLISH: what phones say of their users, kept for as long as they say (RFC 3903)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.endpoints.sip.presence.state import Person

if TYPE_CHECKING:
    from softswitch.endpoints.sip.presence.agent import PresenceAgent

MOST_PUBLICATIONS = 100_000
_BASIC = re.compile(r"<(?:\w+:)?basic[^>]*>\s*(\w+)\s*<")
_NOTE = re.compile(r"<(?:\w+:)?note[^>]*>([^<]{0,200})<")
_ACTIVITIES = re.compile(r"<(?:\w+:)?activities[^>]*>\s*<(?:\w+:)?([\w-]{1,40})[\s/>]")


@dataclass(slots=True)
class Publication:
    """One phone's word on its user."""

    resource: str
    person: Person
    timer: asyncio.TimerHandle


class Publications:
    """All publications by their entity-tags."""

    def __init__(self, agent: PresenceAgent) -> None:
        self._agent = agent
        self._by_tag: dict[str, Publication] = {}

    def __repr__(self) -> str:
        return f"<Publications {len(self._by_tag)}>"

    def __len__(self) -> int:
        return len(self._by_tag)

    def publish(self, resource: str, tag: str, body: str, seconds: int, new_tag: str) -> str | None:
        """Take, refresh, change or (for 0 seconds) withdraw a publication.

        Gives its new entity-tag; None where there is none of that ``tag``.
        """
        before = self._by_tag.pop(tag, None) if tag else None
        if tag and (before is None or before.resource != resource):
            if before is not None:
                self._by_tag[tag] = before
            return None
        if before is not None:
            before.timer.cancel()
        if not seconds:
            self._take(resource, Person())
            return new_tag
        person = read_pidf(body) if body else before.person if before is not None else Person()
        if len(self._by_tag) >= MOST_PUBLICATIONS:
            return None
        timer = self._agent.switch.loop.call_later(seconds, self._expire, new_tag)
        self._by_tag[new_tag] = Publication(resource, person, timer)
        if before is None or before.person != person:
            self._take(resource, person)
        return new_tag

    def _expire(self, tag: str) -> None:
        gone = self._by_tag.pop(tag, None)
        if gone is not None:
            self._take(gone.resource, Person())

    def _take(self, resource: str, person: Person) -> None:
        """Make a publication known: to watchers here, and to whoever listens to events."""
        others = [each.person for each in self._by_tag.values() if each.resource == resource]
        person = person if person != Person() or not others else others[-1]
        headers = {
            "proto": "sip",
            "login": resource,
            "from": resource,
            "rpid": person.rpid or "unknown",
            "status": person.status,
            "event_type": "presence",
            "alt_event_type": "dialog",
        }
        if person.open is not None:
            headers["presence-open"] = str(person.open).lower()
        self._agent.switch.publish("PRESENCE_IN", headers)

    def stop(self) -> None:
        """Forget all; phones publish anew."""
        for each in self._by_tag.values():
            each.timer.cancel()
        self._by_tag.clear()


def read_pidf(text: str) -> Person:
    """What a PIDF says of a person; nothing where it is none.

    Only three words of it count, so that it is searched, not parsed: no entity is ever expanded.
    """
    basic, note, activity = _BASIC.search(text), _NOTE.search(text), _ACTIVITIES.search(text)
    opened = None if basic is None else basic[1].lower() == "open"
    return Person(
        disarm(activity[1]) if activity is not None else "",
        disarm(note[1].strip()) if note is not None else "",
        opened,
    )
