"""What each command of the event socket does and answers.

A command is known by how its line begins, in any case; the order of the table decides.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.modules.event_socket import channels
from softswitch.modules.event_socket.answer import BYE, DENIED, UNKNOWN, Answer, begins
from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.filters import parse_filter
from softswitch.modules.event_socket.logs import level_number
from softswitch.modules.event_socket.names import CUSTOM, Wish, event_name, parse_names
from softswitch.modules.event_socket.protocol import Request, api_response, reply
from softswitch.switch.background import run_in_background
from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.modules.event_socket.connection import Connection


async def answer(connection: Connection, request: Request) -> Answer:
    """Carry out a command of a client that has logged in."""
    control = connection.control
    restricted = control is not None and not control.full
    line = _apart_from_its_end(request.line)
    # What was published before belongs to what the client listened to before.
    connection.server.delivery.flush()
    for prefix, handler in _COMMANDS:
        if begins(line, prefix):
            if restricted and handler not in _ABOUT_THE_CHANNEL:
                return UNKNOWN
            result = handler(connection, request, line[len(prefix) :].strip())
            if isinstance(result, Answer):
                return result
            return await result
    return UNKNOWN


def _apart_from_its_end(line: str) -> str:
    """The command; one that ends this connection's own module runs in the background."""
    lowered = line.lower()
    for ending in ("unload", "reload"):
        if ending in lowered and "mod_event_socket" in lowered:
            return f"api bgapi {ending} mod_event_socket"
    return line


# Console commands


async def _api(connection: Connection, request: Request, line: str) -> Answer:
    # A console takes several commands on one line.
    console = is_true(request.get("console_execute"))
    lines = [one.strip() for one in (line.split(";;") if console else [line])]
    lines = [one for one in lines if one] or [""]
    if not all(connection.rights.allows_command(one) for one in lines):
        return DENIED
    answers = [await connection.switch.run_command(one, source="socket") for one in lines]
    if console:
        answers = [_to_console(*pair) for pair in zip(lines, answers, strict=True)]
    return Answer(api_response("".join(answers)))


def _to_console(line: str, answer: str) -> str:
    """An answer as a console gets it: it is told the whole line that is no command."""
    unknown = f"-ERR {line.partition(' ')[0]} Command not found!\n"
    return f"-ERR {line} Command not found!\n" if answer == unknown else answer


def _bgapi(connection: Connection, request: Request, line: str) -> Answer:
    if not connection.rights.allows_command(line):
        return DENIED
    owner = connection.session.uuid if connection.session is not None else ""
    wanted = request.get("Job-UUID") or ""
    job = run_in_background(connection.switch, line, job=wanted, owner=owner)
    return Answer(reply(f"+OK Job-UUID: {job}", [("Job-UUID", job)]))


# Events


def _event(connection: Connection, request: Request, text: str) -> Answer:
    form, wish = _format_and_names(request.line)
    if form is not None:
        connection.listener.format = form
        connection.server.subscriptions_changed()
    if not wish:
        return Answer(reply("-ERR no keywords supplied"))
    allowed = connection.rights.allowed_events(wish)
    if allowed is None:
        return DENIED
    connection.listener.subscribe(allowed)
    connection.server.subscriptions_changed()
    enabled = connection.listener.format.value
    return Answer(reply(f"+OK event listener enabled {enabled}"))


def _nixevent(connection: Connection, request: Request, text: str) -> Answer:
    _, wish = _format_and_names(request.line)
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


def _format_and_names(line: str) -> tuple[EventFormat | None, Wish]:
    """What stands behind the first space: many write ``events json``."""
    words = line.split()[1:]
    form = _format(words[0]) if words else None
    return form, parse_names(words[1:] if form else words)


def _format(word: str) -> EventFormat | None:
    word = word.lower()
    return EventFormat(word) if word in ("plain", "json", "xml") else None


def _filter(connection: Connection, request: Request, text: str) -> Answer:
    answer = _changed_filters(connection, text)
    connection.server.subscriptions_changed()
    return answer


def _changed_filters(connection: Connection, text: str) -> Answer:
    filters = connection.listener.filters
    first, _, rest = text.partition(" ")
    if first.lower() == "delete":
        header, _, value = rest.strip().partition(" ")
        if not header:
            return Answer(reply("-ERR invalid syntax"))
        if header.lower() == "all":
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


def _sendevent(connection: Connection, request: Request, text: str) -> Answer:
    name = event_name(text) or "CLONE"
    headers = {"Command": request.line, **dict(request.headers)}
    subclass = request.get("Event-Subclass")
    if name == CUSTOM and not subclass:
        return Answer(reply("-ERR a CUSTOM event needs an Event-Subclass"))
    uuid = connection.switch.new_uuid()
    for written in [key for key in headers if key.lower() in _WRITTEN_BY_US]:
        del headers[written]
    headers["Event-UUID"] = uuid
    event = Event(name, headers, request.body or None, subclass if name == CUSTOM else None)
    channel = request.get("unique-id")
    if channel and connection.switch.find(channel) is not None:
        connection.server.divert(channel, event)
    else:
        connection.switch.bus.publish(event)
    return Answer(reply(f"+OK {uuid}"))


_WRITTEN_BY_US = frozenset(
    {"content-length", "event-name", "event-subclass", "event-sequence", "core-uuid"}
)
"""Headers of an event that a client sends which are not its to choose."""


# Logs and the end


def _log(connection: Connection, request: Request, text: str) -> Answer:
    if not connection.rights.log:
        return DENIED
    text = text.partition(" ")[0]
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
    ("resume", channels.resume),
    ("connect", channels.connect),
    ("nolinger", channels.nolinger),
    ("linger", channels.linger),
    ("getvar ", channels.getvar),
    ("myevents", channels.myevents),
    ("divert_events", channels.divert_events),
    ("sendevent", _sendevent),
    ("sendmsg", channels.sendmsg),
    ("api ", _api),
    ("bgapi ", _bgapi),
    ("noevents", _noevents),
    ("nolog", _nolog),
    ("log", _log),
    ("event", _event),
    ("nixevent", _nixevent),
)
"""Beginnings of command lines, as a client may write them, and what carries them out."""

_ABOUT_THE_CHANNEL: frozenset[Handler] = frozenset(
    {
        _exit,
        _filter,
        channels.resume,
        channels.connect,
        channels.getvar,
        channels.myevents,
        channels.divert_events,
        channels.sendmsg,
    }
)
"""What an outbound socket without ``full`` may do."""
