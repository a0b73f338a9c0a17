"""Who opens many connections, or says nothing on them, harms nobody."""

from __future__ import annotations

import asyncio
import errno
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from softswitch.net import acceptor as module
from softswitch.net.acceptor import Acceptor, Ticket, affordable
from softswitch.net.tcp import TcpLimits
from softswitch.net.tls import Tls, TlsSettings
from tests.support.patience import PATIENCE
from tests.support.server import until


class Echo(asyncio.Protocol):
    """Says back what it hears; one byte is sensible enough to stay."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._ticket.proven()
        self._transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ticket.gone()


@asynccontextmanager
async def listening(
    tls: Tls | None = None, **limits: Any
) -> AsyncIterator[tuple[Acceptor, tuple[str, int]]]:
    """An acceptor with these limits, and its address; nothing may be left of it."""
    loop = asyncio.get_running_loop()
    context = None if tls is None else tls.server
    wanted = TcpLimits(**limits)
    acceptor, address = Acceptor.open(loop, ("127.0.0.1", 0), Echo, wanted, context)
    yield acceptor, address
    acceptor.close()
    for ticket in list(acceptor._tickets):
        ticket.abort()
    await until(lambda: len(acceptor) == 0, "so many connections")
    assert not acceptor._hosts and not acceptor._quiet and not acceptor.waiting


class Client:
    """A connection, from an address of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, address: tuple[str, int], source: str = "127.0.0.1") -> Client:
        return cls(*await asyncio.open_connection(*address, local_addr=(source, 0)))

    async def lives(self) -> bool:
        """Whether it is answered."""
        try:
            self.writer.write(b"x")
            async with asyncio.timeout(PATIENCE):
                return await self.reader.read(1) == b"x"
        except ConnectionError:
            return False

    async def is_closed(self) -> bool:
        """Wait until the other side has closed it."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.reader.read(1) == b""
        except ConnectionError:
            return True


async def part(*clients: Client) -> None:
    """Close them; nothing of them is left then."""
    for client in clients:
        client.writer.close()
        with suppress(ConnectionError):
            await client.writer.wait_closed()


async def test_who_says_something_stays_and_who_is_silent_goes() -> None:
    async with listening(silence=0.2) as (acceptor, address):
        good, silent = await Client.open(address), await Client.open(address)
        assert await good.lives()
        assert await silent.is_closed()
        assert await good.lives()
        await until(lambda: len(acceptor) == 1, "so many connections")
        await part(good)
        await part(silent)


async def test_a_source_gets_so_many_and_another_is_still_let_in() -> None:
    async with listening(per_host=3) as (acceptor, address):
        many = [await Client.open(address) for _ in range(5)]
        lives = [await client.lives() for client in many]
        assert lives == [True, True, True, False, False]
        assert acceptor.refused == 2
        other = await Client.open(address, "127.0.0.2")
        assert await other.lives()
        await part(many[0])
        await until(lambda: len(acceptor) == 3, "so many connections")
        again = await Client.open(address)
        assert await again.lives()
        await part(*many, other, again)


async def test_a_source_has_fewer_silent_ones() -> None:
    async with listening(silent_per_host=2) as (acceptor, address):
        silent = [await Client.open(address) for _ in range(2)]
        await until(lambda: len(acceptor) == 2, "so many connections")
        third = await Client.open(address)
        assert await third.is_closed()
        await part(third)
        assert await silent[0].lives()
        third = await Client.open(address)
        assert await third.lives()
        await part(*silent, third)


async def test_where_all_is_taken_the_oldest_silent_one_gives_way() -> None:
    async with listening(connections=3) as (acceptor, address):
        talking = await Client.open(address)
        assert await talking.lives()
        older = await Client.open(address)
        await until(lambda: len(acceptor) == 2, "so many connections")
        newer = await Client.open(address)
        await until(lambda: len(acceptor) == 3, "so many connections")
        good = await Client.open(address, "127.0.0.2")
        assert await good.lives()
        assert await older.is_closed()
        assert await newer.lives()
        # Nobody is silent any more: who comes now has to wait.
        late = await Client.open(address, "127.0.0.3")
        assert await late.is_closed()
        assert await talking.lives()
        await part(talking, older, newer, good, late)


async def test_unfinished_handshakes_count_and_end(tmp_path: Path) -> None:
    tls = Tls(TlsSettings(tmp_path), "127.0.0.1")
    async with listening(tls, handshake=0.3, silent_per_host=2) as (acceptor, address):
        half = [await Client.open(address) for _ in range(2)]
        await until(lambda: len(acceptor) == 2, "so many connections")
        refused = await Client.open(address)
        assert await refused.is_closed()
        reader, writer = await asyncio.open_connection(
            *address, ssl=tls.client, local_addr=("127.0.0.2", 0)
        )
        writer.write(b"x")
        assert await reader.read(1) == b"x"
        assert await half[0].is_closed() and await half[1].is_closed()
        await until(lambda: len(acceptor) == 1, "so many connections")
        writer.close()
        await writer.wait_closed()
        await part(*half, refused)


async def test_what_is_no_handshake_ends_at_once(tmp_path: Path) -> None:
    tls = Tls(TlsSettings(tmp_path), "127.0.0.1")
    async with listening(tls) as (acceptor, address):
        client = await Client.open(address)
        client.writer.write(b"OPTIONS sip:x SIP/2.0\r\n\r\n" * 3)
        async with asyncio.timeout(PATIENCE):
            try:
                await client.reader.read()
            except ConnectionError:
                pass
        await until(lambda: len(acceptor) == 0, "so many connections")
        await part(client)


async def test_a_system_without_descriptors_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.05)
    async with listening() as (acceptor, address):
        assert acceptor._sock is not None
        real, failures = acceptor._sock, iter(range(2))

        class Exhausted:
            """A socket of which the first accepts fail."""

            def accept(self) -> Any:
                if next(failures, None) is not None:
                    raise OSError(errno.EMFILE, "Too many open files")
                return real.accept()

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

        acceptor._sock = Exhausted()  # type: ignore[assignment]
        client = await Client.open(address)
        assert await client.lives()
        assert caplog.text.count("no connection can be taken: Too many open files") == 1
        await part(client)


async def test_after_the_end_nobody_is_taken() -> None:
    async with listening() as (acceptor, address):
        assert acceptor.is_open
        acceptor.close()
        assert not acceptor.is_open
        with pytest.raises(ConnectionError):
            await Client.open(address)


async def test_an_address_that_is_taken_is_told() -> None:
    async with listening() as (_, address):
        with pytest.raises(OSError, match="in use"):
            Acceptor.open(asyncio.get_running_loop(), address, Echo, TcpLimits())


@pytest.mark.parametrize(
    ("descriptors", "limits"),
    [
        (1024, (128, 64, 32)),
        (100, (16, 8, 4)),
        (65536, (4096, 1024, 256)),
    ],
)
def test_connections_leave_descriptors_for_calls(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, limits: tuple[int, int, int]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))
    found = affordable(TcpLimits())
    assert (found.connections, found.per_host, found.silent_per_host) == limits
