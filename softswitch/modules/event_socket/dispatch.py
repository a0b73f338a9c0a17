"""What each command of the event socket does and answers.

A command is known by how its line begins, in any case; the order of the table decides.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.filters import parse_filter
from softswitch.modules.event_socket.logs import level_number
from softswitch.modules.event_socket.messages import Hangup, MessageQueue, parse_message
from softswitch.modules.event_socket.names import CUSTOM, Wish, event_name, parse_names
from softswitch.modules.event_socket.protocol import Request, api_response, reply
from softswitch.modules.event_socket.settings import WELL_KNOWN
from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.modules.event_socket.connection import Connection
    from softswitch.switch.session import Session


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back, and whether the connection ends then."""

    data: bytes
    close: bool = False


NOT_CONTROLLING = reply("-ERR not controlling a session")
BYE = Answer(reply("+OK bye"), close=True)
UNKNOWN = Answer(reply(""))


def login(connection: Connection, request: Request) -> Answer:
    """Answer a client that has not logged in yet."""
    line = request.line
    if _begins(line, "exit") or _begins(line, "..."):
        return BYE
    if not _begins(line, "auth "):
        return UNKNOWN
    given, password = line[5:].strip(), connection.server.password
    good = hmac.compare_digest(given.encode(), password.encode())
    if good and password.lower() in WELL_KNOWN and not connection.server.is_local(connection.peer):
        good = False
    if not good:
        connection.server.refused(connection)
        return Answer(reply("-ERR invalid"), close=True)
    connection.logged_in()
    return Answer(reply("+OK accepted"))


async def answer(connection: Connection, request: Request) -> Answer:
    """Carry out a command of a client that has logged in."""
    for prefix, handler in _COMMANDS:
        if _begins(request.line, prefix):
            result = handler(connection, request, request.line[len(prefix) :].strip())
            if isinstance(result, Answer):
                return result
            return await result
    return UNKNOWN


def _begins(line: str, prefix: str) -> bool:
    return line[: len(prefix)].lower() == prefix


# Console commands


async def _api(connection: Connection, request: Request, line: str) -> Answer:
    if not line:
        return UNKNOWN
    # A console takes several commands on one line.
    console = request.get("console_execute") == "true"
    lines = line.split(";;") if console else [line]
    answers = [
        await connection.switch.run_command(one.strip(), source="socket")
        for one in lines
        if one.strip()
    ]
    return Answer(api_response("".join(answers)))


def _bgapi(connection: Connection, request: Request, line: str) -> Answer:
    if not line:
        return UNKNOWN
    switch = connection.switch
    job = request.get("Job-UUID") or switch.new_uuid()
    headers = {"Job-UUID": job}
    if connection.session is not None:
        headers["Job-Owner-UUID"] = connection.session.uuid

    async def run() -> None:
        command, _, arguments = line.partition(" ")
        headers["Job-Command"] = command
        if arguments:
            headers["Job-Command-Arg"] = arguments
        body = await switch.run_command(line, source="socket")
        switch.publish("BACKGROUND_JOB", headers, body=body or "-ERR no reply\n")

    switch.own(switch.loop.create_task(run(), name=f"bgapi {job}"))
    return Answer(reply(f"+OK Job-UUID: {job}", [("Job-UUID", job)]))


# Events


def _event(connection: Connection, request: Request, text: str) -> Answer:
    form, wish = _format_and_names(text)
    if not wish:
        return Answer(reply("-ERR no keywords supplied"))
    if form is not None:
        connection.listener.format = form
    connection.listener.subscribe(wish)
    connection.server.subscriptions_changed()
    enabled = connection.listener.format.value
    return Answer(reply(f"+OK event listener enabled {enabled}"))


def _nixevent(connection: Connection, request: Request, text: str) -> Answer:
    _, wish = _format_and_names(text)
    if not wish:
        return Answer(reply("-ERR no keywords supplied"))
    connection.listener.unsubscribe(wish)
    connection.server.subscriptions_changed()
    return Answer(reply("+OK events nixed"))


def _noevents(connection: Connection, request: Request, text: str) -> Answer:
    if not connection.listener.names:
        return Answer(reply("-ERR not listening for events"))
    connection.listener.clear()
    connection.server.subscriptions_changed()
    return Answer(reply("+OK no longer listening for events"))


def _format_and_names(text: str) -> tuple[EventFormat | None, Wish]:
    words = text.split()
    form = _format(words[0]) if words else None
    return form, parse_names(words[1:] if form else words)


def _format(word: str) -> EventFormat | None:
    word = word.lower()
    return EventFormat(word) if word in ("plain", "json", "xml") else None


def _myevents(connection: Connection, request: Request, text: str) -> Answer:
    if connection.listener.channel is not None:
        return Answer(reply("-ERR aready enabled."))
    uuid = connection.session.uuid if connection.session is not None else ""
    for word in text.split():
        form = _format(word)
        if form is not None:
            connection.listener.format = form
        else:
            # The channel may still be to come.
            uuid = uuid or word
            connection.session = connection.session or connection.switch.find(word)
    if not uuid:
        return UNKNOWN
    connection.listener.only_channel(uuid)
    connection.server.subscriptions_changed()
    return Answer(reply("+OK Events Enabled"))


def _filter(connection: Connection, request: Request, text: str) -> Answer:
    filters = connection.listener.filters
    first, _, rest = text.partition(" ")
    if first.lower() == "delete":
        header, _, value = rest.strip().partition(" ")
        if header.lower() == "all" and not value:
            filters.clear()
        else:
            filters.remove(header, value or None)
        return Answer(reply(f"+OK filter deleted. [{header}][{value}]"))
    if first.lower() == "add":
        first, _, rest = rest.strip().partition(" ")
    if not first or not rest:
        return Answer(reply("-ERR invalid syntax"))
    try:
        filters.add(parse_filter(first, rest))
    except ValueError as error:
        return Answer(reply(f"-ERR {error}"))
    return Answer(reply(f"+OK filter added. [{first}]=[{rest}]"))


def _divert_events(connection: Connection, request: Request, text: str) -> Answer:
    if connection.session is None:
        return Answer(reply("-ERR not controlling a session."))
    connection.listener.diverted = text.lower() == "on"
    state = "diverted" if connection.listener.diverted else "not diverted"
    return Answer(reply(f"+OK events {state}"))


def _sendevent(connection: Connection, request: Request, text: str) -> Answer:
    name = event_name(text) or "CLONE"
    headers = dict(request.headers)
    subclass = request.get("Event-Subclass")
    if name == CUSTOM and not subclass:
        return Answer(reply("-ERR a CUSTOM event needs an Event-Subclass"))
    uuid = connection.switch.new_uuid()
    for written in [key for key in headers if key.lower() in ("content-length", "event-subclass")]:
        del headers[written]
    headers["Event-UUID"] = uuid
    event = Event(name, headers, request.body or None, subclass if name == CUSTOM else None)
    channel = request.get("unique-id")
    if channel and connection.switch.find(channel) is not None:
        connection.server.divert(channel, event)
    else:
        connection.switch.bus.publish(event)
    return Answer(reply(f"+OK {uuid}"))


# Channels


async def _sendmsg(connection: Connection, request: Request, text: str) -> Answer:
    uuid = text or request.get("Session-Id") or ""
    session = connection.switch.find(uuid) if uuid else connection.session
    if session is None or not session.channel.up:
        return Answer(reply(f"-ERR invalid session id [{uuid}]"))
    message = parse_message(request)
    if isinstance(message, Hangup):
        session.hangup(message.cause)
    elif message is not None:
        queue = connection.messages.get(session.uuid)
        if queue is None:
            queue = MessageQueue(session, lambda: connection.forget_messages(session.uuid))
            connection.messages[session.uuid] = queue
        queue.put(message)
    return Answer(reply("+OK"))


def _getvar(connection: Connection, request: Request, name: str) -> Answer:
    if connection.session is None:
        return UNKNOWN
    return Answer(reply(connection.session.get(name) or ""))


def _linger(connection: Connection, request: Request, text: str) -> Answer:
    if connection.session is None:
        return Answer(NOT_CONTROLLING)
    if text.isascii() and text.isdigit() and int(text) > 0:
        connection.linger = float(text)
        return Answer(reply(f"+OK will linger {int(text)} seconds"))
    connection.linger = math.inf
    return Answer(reply("+OK will linger"))


def _nolinger(connection: Connection, request: Request, text: str) -> Answer:
    if connection.session is None:
        return Answer(NOT_CONTROLLING)
    connection.linger = None
    return Answer(reply("+OK will not linger"))


def _resume(connection: Connection, request: Request, text: str) -> Answer:
    session: Session | None = connection.session
    if session is None:
        return UNKNOWN
    session.set("socket_resume", "true")
    return Answer(reply("+OK"))


# Logs and the end


def _log(connection: Connection, request: Request, text: str) -> Answer:
    number = level_number(text)
    if number is None:
        return Answer(reply("-ERR invalid log level"))
    connection.log_level = number
    connection.server.logging_changed()
    return Answer(reply(f"+OK log level {text} [{number}]"))


def _nolog(connection: Connection, request: Request, text: str) -> Answer:
    if connection.log_level is None:
        return Answer(reply("-ERR not loging"))
    connection.log_level = None
    connection.server.logging_changed()
    return Answer(reply("+OK no longer logging"))


def _exit(connection: Connection, request: Request, text: str) -> Answer:
    return BYE


Handler = Callable[["Connection", Request, str], Answer | Awaitable[Answer]]

_COMMANDS: tuple[tuple[str, Handler], ...] = (
    ("exit", _exit),
    ("...", _exit),
    ("filter ", _filter),
    ("resume", _resume),
    ("nolinger", _nolinger),
    ("linger", _linger),
    ("getvar ", _getvar),
    ("myevents", _myevents),
    ("divert_events", _divert_events),
    ("sendevent", _sendevent),
    ("sendmsg", _sendmsg),
    ("api ", _api),
    ("bgapi ", _bgapi),
    ("noevents", _noevents),
    ("nolog", _nolog),
    ("log", _log),
    ("event", _event),
    ("nixevent", _nixevent),
)
"""Beginnings of command lines, as a client may write them, and what carries them out."""
