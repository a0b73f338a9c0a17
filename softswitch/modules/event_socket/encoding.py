"""Events as the event socket writes them: a frame around plain text, JSON or XML."""

from __future__ import annotations

from enum import Enum

from softswitch.switch import event_text
from softswitch.switch.events import Event


class EventFormat(Enum):
    """How a client wants its events."""

    PLAIN = "plain"
    JSON = "json"
    XML = "xml"


_TEXT = {
    EventFormat.PLAIN: event_text.plain,
    EventFormat.JSON: event_text.json,
    EventFormat.XML: event_text.xml,
}


def encode(event: Event, form: EventFormat) -> bytes:
    """The event as a whole frame: length, content type and the event itself."""
    data = _TEXT[form](event).encode("utf-8", "replace")
    head = f"Content-Length: {len(data)}\nContent-Type: text/event-{form.value}\n\n"
    return head.encode() + data
