"""A switch that only knows what the event socket asks of it, and a client on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from types import SimpleNamespace
from typing import Any

from softswitch.modules.event_socket.server import EventSocketServer
from softswitch.modules.event_socket.settings import EventSocketSettings
from softswitch.switch.acl import AccessLists
from softswitch.switch.events import Event, EventBus
from tests.support.patience import PATIENCE


async def until(condition: Callable[[], object]) -> None:
    """Let everything else run until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


class FakeSession:
    """A channel that remembers what was asked of it."""

    def __init__(self, switch: FakeSwitch, uuid: str) -> None:
        self.switch = switch
        self.uuid = uuid
        self.channel = SimpleNamespace(up=True, name="loopback/x-a")
        self.watchers: list[Any] = []
        self.variables: dict[str, str] = {}
        self.executed: list[tuple[str, str]] = []
        self.gate: asyncio.Event | None = None
        """While set, applications end only once this is set."""
        self.cause: Any = None
        self.divert: Any = None

    def get(self, name: str) -> str | None:
        return self.variables.get(name)

    def set(self, name: str, value: str) -> None:
        self.variables[name] = value

    async def execute(self, name: str, data: str = "") -> bool:
        self.executed.append((name, data))
        if self.gate is not None:
            await self.gate.wait()
        return True

    def hangup(self, cause: Any) -> None:
        self.cause = cause
        self.channel.up = False
        self.tell("hangup")

    def unwatch(self, watcher: Any) -> None:
        if watcher in self.watchers:
            self.watchers.remove(watcher)

    def tell(self, what: str) -> None:
        for watcher in list(self.watchers):
            watcher(self, what)


class FakeSwitch:
    """What the event socket uses of a `Switch`, with a real bus and real access lists."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.bus = EventBus(self._stamp)
        self.generation = SimpleNamespace(acl=AccessLists(IPv4Network("192.0.2.0/24")))
        self.globals: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self.commands: list[str] = []
        self.gate: asyncio.Event | None = None
        self.sessions: dict[str, FakeSession] = {}
        self.tasks: set[asyncio.Task[Any]] = set()
        self._uuids = 0

    def _stamp(self, event: Event) -> None:
        event.headers = {
            "Event-Name": event.name,
            **({"Event-Subclass": event.subclass} if event.subclass else {}),
            "Event-Sequence": str(event.sequence),
            **event.headers,
        }

    def new_uuid(self) -> str:
        self._uuids += 1
        return f"00000000-0000-0000-0000-{self._uuids:012d}"

    def new_session(self, uuid: str) -> FakeSession:
        self.sessions[uuid] = FakeSession(self, uuid)
        return self.sessions[uuid]

    def find(self, uuid: str) -> FakeSession | None:
        return self.sessions.get(uuid)

    def own(self, task: asyncio.Task[Any]) -> None:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def publish(
        self,
        name: str,
        headers: Mapping[str, str] | None = None,
        *,
        subclass: str | None = None,
        body: str | None = None,
    ) -> None:
        if not self.bus.skip(name, subclass):
            self.bus.publish(Event(name, dict(headers or {}), body, subclass))

    async def run_command(self, line: str, *, session: Any = None, source: str = "") -> str:
        self.commands.append(line)
        if self.gate is not None:
            await self.gate.wait()
        return self.answers.get(line, f"-ERR {line.partition(' ')[0]} Command not found!\n")


class Client:
    """The far end of a connection; every wait is for something the server must send."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, text: str) -> None:
        self.writer.write(text.encode() + b"\n\n")

    async def frame(self) -> tuple[dict[str, str], str]:
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\n\n")
            lines = head.decode().removesuffix("\n\n").split("\n")
            headers = dict(line.split(": ", 1) for line in lines)
            size = int(headers.get("Content-Length", 0))
            return headers, (await self.reader.readexactly(size)).decode()

    async def ask(self, text: str) -> str:
        """Send a command; its Reply-Text, or its body."""
        self.send(text)
        headers, body = await self.frame()
        return body if headers["Content-Type"] == "api/response" else headers["Reply-Text"]

    async def event(self) -> dict[str, str]:
        """The next event, which must be plain, with its body as ``_body``."""
        headers, text = await self.frame()
        assert headers["Content-Type"] == "text/event-plain", headers
        head, _, body = text.partition("\n\n")
        return dict(line.split(": ", 1) for line in head.split("\n")) | {"_body": body}

    async def ended(self) -> bytes:
        """All until the server closes."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


class Harness:
    """A server on a free port, and clients for it."""

    def __init__(self, switch: FakeSwitch, server: EventSocketServer) -> None:
        self.switch = switch
        self.server = server
        self._clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection(*self.server.address))
        self._clients.append(client)
        return client

    async def login(self) -> Client:
        client = await self.connect()
        await client.frame()
        assert await client.ask("auth secret") == "+OK accepted"
        return client

    async def finish(self) -> None:
        await self.server.stop()
        for client in self._clients:
            await client.close()
        await until(lambda: not self.server.connections)
        while self.switch.tasks:
            await asyncio.wait(self.switch.tasks)


@asynccontextmanager
async def serving(
    settings: EventSocketSettings | None = None, password: str = "secret"
) -> AsyncIterator[Harness]:
    """A running server; afterwards nothing of it may be left."""
    switch = FakeSwitch()
    settings = settings or EventSocketSettings(listen_port=0)
    server = EventSocketServer(switch, settings, password)  # type: ignore[arg-type]
    await server.start()
    harness = Harness(switch, server)
    try:
        yield harness
    finally:
        await harness.finish()
    assert not switch.tasks
    assert not switch.bus.wants("CHANNEL_CREATE")
