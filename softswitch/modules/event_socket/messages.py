"""``sendmsg``: what clients ask a channel to do."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.dialplan.hunt import PlannedAction
from softswitch.modules.event_socket.protocol import Request, leading_number
from softswitch.switch import unicast
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.unicast import Unicast, UnicastError

if TYPE_CHECKING:
    from softswitch.switch.session import Session

SHORTEST_LOOP = 0.5
"""Seconds: an application that ends faster is not repeated."""


@dataclass(frozen=True, slots=True)
class Execute:
    """Run an application on the channel."""

    application: str
    data: str = ""
    loops: int = 1
    """How often; -1 is for ever."""
    lock: bool = False
    """Whatever comes after it waits until it has ended."""
    uuid: str = ""
    """The Application-UUID of its events."""
    uuid_name: str = ""
    """The Application-UUID-Name of its events."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the channel."""

    cause: HangupCause


@dataclass(frozen=True, slots=True)
class NewExtension:
    """Drop what the channel still had to run, and run this."""

    actions: tuple[PlannedAction, ...]


@dataclass(frozen=True, slots=True)
class NoMedia:
    """Have the media go past the switch."""

    uuid: str = ""
    """Another channel than the one that the message is for."""


Message = Execute | Hangup | NewExtension | NoMedia | Unicast


def parse_message(request: Request) -> Message | None:
    """What a ``sendmsg`` asks for; None if it is nothing we know.

    Raises ValueError, with a sentence, for what cannot be.
    """
    match request.get("call-command"):
        case "hangup":
            return Hangup(HangupCause.parse(request.get("hangup-cause") or "NORMAL_CLEARING"))
        case "execute":
            return _execute(request)
        case "xferext":
            lines = (line.strip().partition(" ") for line in request.all("application"))
            return NewExtension(tuple(PlannedAction(name, data) for name, _, data in lines if name))
        case "nomedia":
            return NoMedia(request.get("nomedia-uuid") or "")
        case "unicast":
            return _unicast(request)
    return None


def _execute(request: Request) -> Execute:
    data = request.get("execute-app-arg")
    if data is None and (request.get("content-type") or "").lower() == "text/plain":
        data = request.body
    return Execute(
        request.get("execute-app-name") or "",
        data or "",
        _number(request.get("loops")),
        is_true(request.get("event-lock")) or is_true(request.get("event-lock-pri")),
        request.get("Event-UUID") or "",
        request.get("Event-UUID-Name") or "",
    )


def _unicast(request: Request) -> Unicast:
    transport = (request.get("transport") or "udp").lower()
    # FreeSWITCH takes both words and opens a datagram socket for either; programs that say tcp
    # to it receive and send datagrams.
    if transport not in ("udp", "tcp"):
        raise ValueError(f"Invalid transport {transport}")

    def address(end: str, default: int) -> tuple[str, int]:
        port = leading_number(request.get(f"{end}-port") or "") or default
        if not 0 < port < 65536:
            raise ValueError(f"{end}-port {port} is no port")
        return request.get(f"{end}-ip") or "127.0.0.1", port

    native = "native" in (request.get("flags") or "")
    return Unicast(address("local", 8025), address("remote", 8026), native)


def _number(text: str | None) -> int:
    try:
        return int(text or "1")
    except ValueError:
        return 1


async def carry_out(session: Session, message: Message) -> None:
    """Do at once what is no application. Raises UnicastError and CallFailed."""
    match message:
        case Unicast():
            await unicast.start(session, message)
        case Hangup(cause):
            session.hangup(cause)
        case NewExtension(actions):
            session.run_actions(list(actions))
        case NoMedia(uuid):
            answer = await session.switch.run_command(f"uuid_media off {uuid or session.uuid}")
            if answer.startswith("-ERR"):
                session.log.warning("sendmsg nomedia: %s", answer.strip())


class MessageQueue:
    """Carries out what clients ask one channel to do, beside what the channel does itself.

    An application with a lock keeps what comes after it waiting. All ends when the channel
    hangs up or is moved elsewhere; ``emptied`` is then called, as it is when nothing is left.
    """

    def __init__(self, session: Session, emptied: Callable[[], object]) -> None:
        self._session = session
        self._emptied = emptied
        self._waiting: deque[Message] = deque()
        self._running: dict[asyncio.Task[None], Message] = {}
        session.watchers.append(self._watch)

    def __repr__(self) -> str:
        return (
            f"<MessageQueue {self._session.uuid[:8]} {len(self._running)} running,"
            f" {len(self._waiting)} waiting>"
        )

    @property
    def locked(self) -> bool:
        """True while an application runs that keeps what comes after it waiting."""
        return any(isinstance(one, Execute) and one.lock for one in self._running.values())

    def put(self, message: Message) -> asyncio.Task[None] | None:
        """Start a message, or keep it until the lock is gone (then None)."""
        if self.locked:
            self._waiting.append(message)
            return None
        return self._start(message)

    async def idle(self) -> None:
        """Wait until everything asked so far is done."""
        while self._running:
            await asyncio.wait(set(self._running))

    def _start(self, message: Message) -> asyncio.Task[None]:
        switch = self._session.switch
        if isinstance(message, Execute):
            name, work = message.application, self._execute(message)
        else:
            name, work = type(message).__name__, self._carry_out(message)
        task = switch.loop.create_task(work, name=f"sendmsg {name} {self._session.uuid}")
        self._running[task] = message
        switch.own(task)
        task.add_done_callback(self._ended)
        return task

    async def _execute(self, message: Execute) -> None:
        session = self._session
        clock = session.switch.loop.time
        loops = message.loops
        turn = 0
        while loops < 0 or turn < max(loops, 1):
            turn += 1
            if message.uuid:
                session.set("app_uuid", message.uuid)
            if message.uuid_name:
                session.set("app_uuid_name", message.uuid_name)
            if loops != 1:
                session.set("current_loop", str(turn))
                session.set("total_loops", str(loops))
            began = clock()
            if not await session.execute(message.application, message.data):
                return
            if clock() - began < SHORTEST_LOOP:
                return

    async def _carry_out(self, message: Message) -> None:
        try:
            await carry_out(self._session, message)
        except (UnicastError, CallFailed) as error:
            # Who sent it has been answered when it began to wait.
            self._session.log.warning("sendmsg: %s", error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        while self._waiting and not self.locked:
            self._start(self._waiting.popleft())
        if not self._running:
            self._close()

    def _watch(self, session: Session, what: str) -> None:
        if what not in ("hangup", "moved"):
            return
        self._waiting.clear()
        for task in list(self._running):
            # The application that moves its own channel must come to its end.
            if task is not asyncio.current_task(session.switch.loop):
                task.cancel()
        if not self._running:
            self._close()

    def _close(self) -> None:
        self._session.unwatch(self._watch)
        self._emptied()
