"""Who a client is: the password of the event socket, or a user of the directory."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from softswitch.modules.event_socket.answer import BYE, UNKNOWN, Answer, begins
from softswitch.modules.event_socket.protocol import Request, reply
from softswitch.modules.event_socket.rights import UNLIMITED, rights_of
from softswitch.modules.event_socket.settings import WELL_KNOWN

if TYPE_CHECKING:
    from softswitch.modules.event_socket.connection import Connection


async def login(connection: Connection, request: Request) -> Answer:
    """Answer a client that has not logged in yet: only ``auth``, ``userauth`` and ``exit``."""
    line = request.line
    if begins(line, "exit") or begins(line, "..."):
        return BYE
    if begins(line, "auth "):
        return _by_password(connection, line[5:].strip())
    if begins(line, "userauth "):
        return await _by_user(connection, line[9:].strip())
    return UNKNOWN


def _by_password(connection: Connection, given: str) -> Answer:
    if not _good(connection, given, connection.server.password):
        return _refuse(connection)
    connection.logged_in(UNLIMITED)
    return Answer(reply("+OK accepted"))


async def _by_user(connection: Connection, text: str) -> Answer:
    """``<user>[:<password>]@<domain>[:<password>]`` against the parameter ``esl-password``."""
    name, _, domain = text.partition("@")
    name, colon, given = name.partition(":")
    domain, _, after = domain.partition(":")
    if not colon:
        given = after
    lookups = connection.switch.lookups
    user = await lookups.user(name, domain, action="event_socket_auth") if domain else None
    password = user.param("esl-password") if user is not None else ""
    if user is None or not password or not _good(connection, given, password):
        return _refuse(connection)
    rights, headers = rights_of(user)
    connection.logged_in(rights)
    return Answer(reply("+OK accepted", headers))


def _good(connection: Connection, given: str, password: str) -> bool:
    if not hmac.compare_digest(given.encode(), password.encode()):
        return False
    return password.lower() not in WELL_KNOWN or connection.server.is_local(connection.peer)


def _refuse(connection: Connection) -> Answer:
    connection.server.refused(connection)
    return Answer(reply("-ERR invalid"), close=True)
