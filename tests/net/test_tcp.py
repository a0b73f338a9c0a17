"""TCP listeners and connections on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from softswitch.net.tcp import TcpLimits, TcpListener, TcpUser
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from tests.support.hand import Hand
from tests.support.ipv6 import needs_ipv6
from tests.support.patience import PATIENCE

ANY = ("127.0.0.1", 0)
OPTIONS = Hand().request("OPTIONS").encode()


class Owner(TcpUser):
    """A listener's owner, who takes everything down."""

    __slots__ = ("got", "listener", "lost", "wrong")

    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[Request | Response, Flow]] = asyncio.Queue()
        self.wrong: asyncio.Queue[RemoteProtocolError] = asyncio.Queue()
        self.lost: asyncio.Queue[Flow] = asyncio.Queue()
        self.listener: TcpListener
        super().__init__(
            lambda message, flow: self.got.put_nowait((message, flow)),
            lambda error, flow: self.wrong.put_nowait(error),
            self.lost.put_nowait,
        )


@pytest.fixture
async def make() -> AsyncIterator[Any]:
    """Makes owners of open listeners."""
    owners: list[Owner] = []

    async def open_one(**limits: Any) -> Owner:
        owner = Owner()
        loop = asyncio.get_running_loop()
        owner.listener = await TcpListener.open(loop, ANY, owner, TcpLimits(**limits))
        owners.append(owner)
        return owner

    yield open_one
    for owner in owners:
        owner.listener.close()
    await asyncio.sleep(0)


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await awaitable


async def connect(owner: Owner) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*owner.listener.local)


async def closed(reader: asyncio.StreamReader) -> None:
    """Wait until the other side has closed, in good order or not."""
    with contextlib.suppress(ConnectionResetError):
        assert await soon(reader.read()) == b""


async def test_a_message_comes_with_its_connection_and_is_answered_by_it(make: Any) -> None:
    owner = await make()
    reader, writer = await connect(owner)
    writer.write(OPTIONS[:30])
    await writer.drain()
    writer.write(OPTIONS[30:] + OPTIONS)
    message, flow = await soon(owner.got.get())
    assert message.method == "OPTIONS"
    assert flow.local == owner.listener.local
    assert flow.remote == writer.get_extra_info("sockname")
    assert flow.serial > 0
    assert (await soon(owner.got.get()))[1] == flow
    assert owner.listener.send(b"answer", flow)
    assert await soon(reader.readexactly(6)) == b"answer"
    writer.close()
    assert await soon(owner.lost.get()) == flow
    assert len(owner.listener) == 0
    assert not owner.listener.send(b"late", flow)


async def test_a_keep_alive_is_answered(make: Any) -> None:
    owner = await make()
    reader, writer = await connect(owner)
    writer.write(b"\r\n\r\n")
    assert await soon(reader.readexactly(2)) == b"\r\n"
    writer.close()


async def test_a_connection_is_opened_once_and_used_for_all_that_waits(make: Any) -> None:
    here, there = await make(), await make()
    flow = Flow("tcp", here.listener.local, there.listener.local)
    assert here.listener.send(OPTIONS, flow)
    assert here.listener.send(OPTIONS, flow)
    _, back = await soon(there.got.get())
    await soon(there.got.get())
    assert len(here.listener) == len(there.listener) == 1
    there.listener.send(OPTIONS, back)
    _, ours = await soon(here.got.get())
    assert ours.remote == there.listener.local
    assert ours.local == here.listener.local, "what we advertise is where we listen"
    assert here.listener.send(OPTIONS, ours)
    await soon(there.got.get())
    there.listener.close()
    lost = {await soon(here.lost.get()), await soon(here.lost.get())}
    assert lost == {flow, ours}


async def test_a_connection_that_nobody_answers_is_given_up(make: Any) -> None:
    owner = await make(connect=0.05)
    with socket.socket() as full:
        # Behind a queue that is full, attempts to connect are swallowed.
        full.bind(ANY)
        full.listen(0)
        with contextlib.ExitStack() as fill:
            for _ in range(2):
                filler = fill.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(full.getsockname())
            flow = Flow("tcp", owner.listener.local, full.getsockname())
            assert owner.listener.send(OPTIONS, flow)
            lost = [await soon(owner.lost.get()), await soon(owner.lost.get())]
    assert flow in lost


async def test_a_connection_that_cannot_be_opened_is_told(make: Any) -> None:
    owner = await make()
    with socket.socket() as reserved:
        reserved.bind(ANY)
        flow = Flow("tcp", owner.listener.local, reserved.getsockname())
        assert owner.listener.send(OPTIONS, flow)
        lost = [await soon(owner.lost.get()), await soon(owner.lost.get())]
    assert flow in lost
    assert len(owner.listener) == 0


async def test_a_malformed_stream_is_told_and_closed(make: Any) -> None:
    owner = await make()
    reader, writer = await connect(owner)
    writer.write(b"no such thing\r\n\r\n")
    assert (await soon(owner.wrong.get())).status == 400
    assert await soon(reader.read()) == b""
    writer.close()


async def test_a_message_that_is_too_large_is_told_and_closed(make: Any) -> None:
    owner = await make(message_size=1000)
    reader, writer = await connect(owner)
    writer.write(b"X" * 1100)
    assert (await soon(owner.wrong.get())).status == 413
    assert await soon(reader.read()) == b""
    writer.close()


async def test_more_connections_than_granted_are_refused(make: Any) -> None:
    owner = await make(connections=1)
    _, first = await connect(owner)
    first.write(OPTIONS)
    _, flow = await soon(owner.got.get())
    reader, second = await connect(owner)
    await closed(reader)
    assert not owner.listener.send(OPTIONS, Flow("tcp", flow.local, ("127.0.0.1", 9)))
    assert owner.listener.send(b"still here", flow)
    first.close()
    second.close()


async def test_a_peer_that_does_not_read_loses_its_connection(make: Any) -> None:
    owner = await make(write_buffer=100_000)
    _, writer = await connect(owner)
    writer.write(OPTIONS)
    _, flow = await soon(owner.got.get())
    chunk = bytes(50_000)
    sent = 0
    while owner.listener.send(chunk, flow):
        sent += 1
        assert sent < 1000, "the buffer must be bounded"
    assert await soon(owner.lost.get()) == flow
    writer.close()


@pytest.mark.parametrize("start", [b"", b"OPTIONS sip:x SIP/2.0\r\nVia:"])
async def test_idle_connections_and_endless_messages_are_closed(make: Any, start: bytes) -> None:
    owner = await make(idle=0.05 if not start else 60.0, partial=0.05 if start else 0.1)
    reader, writer = await connect(owner)
    writer.write(start)
    await closed(reader)
    assert len(owner.listener) == 0
    writer.close()


@needs_ipv6
async def test_ipv6_is_served_too() -> None:
    owner = Owner()
    loop = asyncio.get_running_loop()
    owner.listener = await TcpListener.open(loop, ("::1", 0), owner)
    assert owner.listener.send(OPTIONS, Flow("tcp", owner.listener.local, owner.listener.local))
    await soon(owner.got.get())
    owner.listener.close()
    await asyncio.sleep(0)


async def test_one_address_does_not_take_all_connections(make: Any) -> None:
    owner = await make(per_host=2)
    first = await connect(owner)
    second = await connect(owner)
    for reader, writer in (first, second):
        writer.write(b"\r\n\r\n")
        assert await soon(reader.read(2)) == b"\r\n"
    reader, third = await connect(owner)
    await closed(reader)
    third.close()
    first[1].close()
    await soon(owner.lost.get())
    reader, writer = await connect(owner)
    writer.write(b"\r\n\r\n")
    assert await soon(reader.read(2)) == b"\r\n"
    for _, each in (second, (reader, writer)):
        each.close()


async def test_a_silent_peer_is_asked_and_goes_if_it_does_not_answer(make: Any) -> None:
    owner = await make(ping=0.05, pong=0.1, socket_keepalive=30)
    reader, writer = await connect(owner)
    writer.write(OPTIONS)
    await soon(owner.got.get())
    assert await soon(reader.readexactly(4)) == b"\r\n\r\n"
    await closed(reader)
    await soon(owner.lost.get())
    writer.close()


async def test_a_silent_peer_that_answers_stays(make: Any) -> None:
    owner = await make(ping=0.05, pong=0.2)
    reader, writer = await connect(owner)
    writer.write(OPTIONS)
    await soon(owner.got.get())
    for _ in range(8):
        assert await soon(reader.readexactly(4)) == b"\r\n\r\n"
        writer.write(b"\r\n")
    assert len(owner.listener) == 1
    writer.close()
    await soon(owner.lost.get())
