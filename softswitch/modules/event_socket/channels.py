"""Commands about channels: messages to them, and those of the channel a connection controls."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.modules.event_socket.answer import NOT_CONTROLLING, UNKNOWN, Answer
from softswitch.modules.event_socket.control import Control
from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.messages import Execute, carry_out, parse_message
from softswitch.modules.event_socket.protocol import Request, leading_number, reply
from softswitch.switch import event_text
from softswitch.switch.causes import CallFailed
from softswitch.switch.channel import profile_headers
from softswitch.switch.events import Event
from softswitch.switch.unicast import UnicastError

if TYPE_CHECKING:
    from softswitch.modules.event_socket.connection import Connection


def connect(connection: Connection, request: Request, text: str) -> Answer:
    """All that is known of the channel, as the first answer to an outbound socket."""
    session, control = connection.session, connection.control
    if session is None:
        return UNKNOWN
    event = Event("CHANNEL_DATA")
    connection.switch.bus.number(event)
    event.headers = profile_headers(session.channel.profile, "Channel")
    event.headers |= session.channel.event_headers(variables=True)
    connection.switch.stamp(event)
    event.headers |= {"Content-Type": "command/reply", "Reply-Text": "+OK\n"}
    # Who follows a channel by ``myevents`` controls no more than it, and waits for nothing.
    event.headers |= dict((control or Control(session, asynchronous=True)).headers)
    return Answer(event_text.plain(event).encode("utf-8", "replace"))


async def sendmsg(connection: Connection, request: Request, text: str) -> Answer:
    """Have a channel run an application, hang up, take a new extension, give up its media or give
    it to a socket."""
    uuid = text or request.get("Session-Id") or ""
    session = connection.switch.find(uuid) if uuid else connection.session
    if session is None or not session.channel.up:
        return Answer(reply(f"-ERR invalid session id [{uuid}]"))
    try:
        message = parse_message(request)
    except ValueError as error:
        return Answer(reply(f"-ERR {error}"))
    if message is None:
        session.log.warning("sendmsg: call-command %r is unknown", request.get("call-command"))
    elif isinstance(message, Execute) or connection.server.locked(session):
        running = connection.server.queue_for(session).put(message)
        control = connection.control
        waits = control is not None and not control.asynchronous and session is control.session
        if waits and running is not None and not is_true(request.get("async")):
            await asyncio.wait({running})
    else:
        try:
            await carry_out(session, message)
        except (UnicastError, CallFailed) as error:
            return Answer(reply(f"-ERR {error}"))
    return Answer(reply("+OK"))


def getvar(connection: Connection, request: Request, name: str) -> Answer:
    """A variable of the channel."""
    if connection.session is None:
        return UNKNOWN
    return Answer(reply(connection.session.get(name) or ""))


def myevents(connection: Connection, request: Request, text: str) -> Answer:
    """Listen to one channel only."""
    if connection.listener.channel is not None:
        return Answer(reply("-ERR aready enabled."))
    words = text.split()
    formats = [EventFormat(word.lower()) for word in words if word.lower() in _FORMATS]
    named = [word for word in words if word.lower() not in _FORMATS]
    if connection.session is not None:
        uuid = connection.session.uuid
    elif named:
        uuid = named[0]
        session = connection.switch.find(uuid)
        if session is not None:
            connection.follow(session)
        elif formats:
            return Answer(reply("-ERR invalid uuid"))
        # Without a format it is taken on trust: the channel may still be to come.
    else:
        return UNKNOWN
    connection.listener.format = formats[-1] if formats else connection.listener.format
    connection.listener.only_channel(uuid)
    connection.server.subscriptions_changed()
    return Answer(reply("+OK Events Enabled"))


_FORMATS = frozenset(form.value for form in EventFormat)


def divert_events(connection: Connection, request: Request, text: str) -> Answer:
    """Get the channel's keys and private events alone and in any case, or no longer."""
    if connection.session is None:
        return Answer(reply("-ERR not controlling a session."))
    if not text:
        return Answer(reply("-ERR missing value."))
    connection.listener.diverted = text.lower() == "on"
    connection.server.diversion_changed(connection.session)
    state = "diverted" if connection.listener.diverted else "not diverted"
    return Answer(reply(f"+OK events {state}"))


def linger(connection: Connection, request: Request, text: str) -> Answer:
    """Keep the connection when the channel hangs up."""
    if connection.session is None:
        return NOT_CONTROLLING
    seconds = leading_number(text) if text else FOR_EVER
    if seconds == FOR_EVER:
        connection.linger = math.inf
        return Answer(reply("+OK will linger"))
    connection.linger = float(max(seconds, 0))
    return Answer(reply(f"+OK will linger {seconds} seconds"))


FOR_EVER = -1
"""Seconds that ``linger`` takes for no end."""


def nolinger(connection: Connection, request: Request, text: str) -> Answer:
    """Close the connection when the channel hangs up."""
    if connection.session is None:
        return NOT_CONTROLLING
    connection.linger = None
    return Answer(reply("+OK will not linger"))


def resume(connection: Connection, request: Request, text: str) -> Answer:
    """Have the dialplan go on after the client has gone."""
    if connection.session is None:
        return UNKNOWN
    connection.session.set("socket_resume", "true")
    return Answer(reply("+OK"))
