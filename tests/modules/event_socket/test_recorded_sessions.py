"""Recorded sessions, replayed against our server and our encoders."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from softswitch.dialplan.arrays import ArrayValue, elements
from softswitch.modules.event_socket.encoding import EventFormat, encode
from softswitch.switch.events import Event
from tests.modules.event_socket.support import serving
from tests.modules.event_socket.transcript import Turn, frames, turns

BRIDGES = {
    EventFormat.PLAIN: "bridge_plain.transcript",
    EventFormat.JSON: "bridge_json.transcript",
    EventFormat.XML: "bridge_xml.transcript",
}
TWICE = frozenset({"CODEC", "CHANNEL_HANGUP_COMPLETE"})
"""Recorded events that carry a header twice; ours never do."""


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _shape(frame: tuple[dict[str, str], str]) -> tuple[list[tuple[str, str]], str]:
    """An answer without what is different each time; the order of its headers counts."""
    headers, body = frame
    return [(name, _UUID.sub("<uuid>", value)) for name, value in headers.items()], body


async def _replay(recorded: list[Turn], password: str) -> None:
    async with serving(password=password) as harness:
        for turn in recorded:
            line = turn.asked.decode().split("\n")[0]
            if line.startswith(("api ", "bgapi ")) and turn.answered:
                [answer] = [
                    body
                    for headers, body in frames(turn.answered)
                    if headers["Content-Type"] == "api/response"
                ] or [b"done\n"]
                harness.switch.answers.setdefault(line.partition(" ")[2], answer.decode())
        client = await harness.connect()
        for turn in recorded:
            client.writer.write(turn.asked)
            for headers, body in frames(turn.answered):
                got = await client.frame()
                if headers["Content-Type"] == "text/event-plain":
                    assert "Job-Command: status\n" in got[1]
                else:
                    assert _shape(got) == _shape((headers, body.decode())), turn.asked


@pytest.mark.parametrize("name", ["session_ok.transcript", "session.transcript"])
async def test_our_server_answers_each_command_as_recorded(name: str) -> None:
    recorded = turns(name)
    await _replay(recorded, password="ClueCon")


def _events(form: EventFormat) -> list[tuple[Event, bytes]]:
    """The recorded events of a form, decoded by other means than ours, and their bytes."""
    found = []
    for turn in turns(BRIDGES[form]):
        for headers, body in frames(turn.answered):
            if headers["Content-Type"] == f"text/event-{form.value}":
                head = b"".join(f"{k}: {v}\n".encode() for k, v in headers.items()) + b"\n"
                event = _decode(form, body.decode())
                if event.name not in TWICE:
                    found.append((event, head + body))
    return found


def _decode(form: EventFormat, text: str) -> Event:
    headers: dict[str, str] = {}
    if form is EventFormat.JSON:
        for name, value in json.loads(text).items():
            headers[name] = ArrayValue(value) if isinstance(value, list) else value
    elif form is EventFormat.XML:
        values: dict[str, list[str]] = {}
        for element in ElementTree.fromstring(text)[0]:
            values.setdefault(element.tag, []).append(unquote(element.text or ""))
        headers = {
            name: ArrayValue(items) if len(items) > 1 else items[0]
            for name, items in values.items()
        }
    else:
        for line in text.strip().split("\n"):
            name, _, value = line.partition(": ")
            headers[name] = unquote(value)
    assert all(elements(value) or value for value in headers.values())
    return Event(headers["Event-Name"], headers)


@pytest.mark.parametrize("form", list(EventFormat), ids=lambda form: form.value)
def test_our_encoding_of_recorded_events_gives_the_recorded_bytes(form: EventFormat) -> None:
    events = _events(form)
    assert len(events) > 50
    for event, recorded in events:
        assert encode(event, form) == recorded
