"""WebSocket listeners, with a client that browsers would be proud of."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from softswitch.net.tcp import TcpLimits, TcpUser
from softswitch.net.tls import Tls, TlsSettings
from softswitch.net.websocket import WsListener
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from tests.support.hand import Hand
from tests.support.patience import PATIENCE

OPTIONS = Hand().request("OPTIONS").encode()


class Owner:
    """A listener and what it tells."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[tuple[Request | Response, Flow]] = asyncio.Queue()
        self.wrong: asyncio.Queue[RemoteProtocolError] = asyncio.Queue()
        self.lost: asyncio.Queue[Flow] = asyncio.Queue()
        self.listener: WsListener

    @property
    def url(self) -> str:
        host, port = self.listener.local
        return f"{'https' if self.listener.tls else 'http'}://{host}:{port}/"


@asynccontextmanager
async def owner(tls: Tls | None = None, **limits: Any) -> AsyncIterator[Owner]:
    found = Owner()
    user = TcpUser(
        lambda message, flow: found.got.put_nowait((message, flow)),
        lambda error, flow: found.wrong.put_nowait(error),
        found.lost.put_nowait,
    )
    loop = asyncio.get_running_loop()
    address = ("127.0.0.1", 0)
    found.listener = await WsListener.open(loop, address, user, TcpLimits(**limits), tls)
    yield found
    found.listener.close()
    while found.listener._tasks:
        await asyncio.wait(set(found.listener._tasks), timeout=5)


@asynccontextmanager
async def browser(owner: Owner) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(owner.url, protocols=("sip",), ssl=context) as ws,
    ):
        yield ws


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await awaitable


@pytest.mark.parametrize("secure", [False, True])
async def test_messages_go_both_ways_as_text_or_octets(tmp_path: Path, secure: bool) -> None:
    tls = Tls(TlsSettings(tmp_path, ("wss.pem",)), "pbx.test") if secure else None
    async with owner(tls) as here, browser(here) as ws:
        assert ws.protocol == "sip"
        await ws.send_str(OPTIONS.decode())
        message, flow = await soon(here.got.get())
        assert (message.method, flow.transport) == ("OPTIONS", "wss" if secure else "ws")
        await ws.send_bytes(OPTIONS)
        assert (await soon(here.got.get()))[1] == flow
        assert here.listener.send("SIP/2.0 200 Grüße\r\n\r\n".encode(), flow)
        assert await soon(ws.receive_str()) == "SIP/2.0 200 Grüße\r\n\r\n"
        assert here.listener.send(b"\xff\xfe", flow._replace(serial=0))
        assert await soon(ws.receive_bytes()) == b"\xff\xfe"
        await ws.close()
        assert {await soon(here.lost.get()), await soon(here.lost.get())} == {
            flow,
            flow._replace(serial=0),
        }
        assert not here.listener.send(b"late", flow)


async def test_keep_alives_are_answered_and_nonsense_is_told(tmp_path: Path) -> None:
    async with owner() as here, browser(here) as ws:
        await ws.send_str("\r\n\r\n")
        assert await soon(ws.receive_str()) == "\r\n"
        await ws.send_str("nonsense")
        assert (await soon(here.wrong.get())).status == 400
        # A frame is a message: the next one is not lost by a bad one.
        await ws.send_bytes(OPTIONS)
        assert (await soon(here.got.get()))[0].method == "OPTIONS"


async def test_who_does_not_speak_sip_is_sent_away() -> None:
    async with owner() as here, aiohttp.ClientSession() as session:
        async with session.get(here.url) as response:
            assert response.status == 400
            assert "RFC 7118" in await response.text()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(here.url, protocols=("chat",))


async def test_there_is_room_for_so_many_and_so_long_messages() -> None:
    async with owner(per_host=1, message_size=1000) as here, browser(here) as ws:
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientConnectionError):
                await session.ws_connect(here.url, protocols=("sip",))
        await ws.send_str("x" * 2000)
        assert (await soon(ws.receive())).type is aiohttp.WSMsgType.CLOSE
        await soon(here.lost.get())
        assert len(here.listener) == 0
        async with browser(here) as again:
            await again.send_bytes(OPTIONS)
            await soon(here.got.get())


async def test_who_does_not_read_loses_what_is_sent() -> None:
    async with owner(write_buffer=100) as here, browser(here) as ws:
        await ws.send_bytes(OPTIONS)
        _, flow = await soon(here.got.get())
        assert here.listener.send(b"x" * 90, flow)
        assert not here.listener.send(b"x" * 20, flow)
        assert await soon(ws.receive_str()) == "x" * 90


async def test_nobody_can_be_called_who_is_not_here() -> None:
    async with owner() as here:
        assert not here.listener.send(OPTIONS, Flow("ws", here.listener.local, ("127.0.0.1", 9)))
