"""Closed UDP ports: told by ICMP for silent peers alone, and nothing that comes is lost."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator

import pytest

from softswitch.net import refusals
from softswitch.net.refusals import MOST, Refusals
from tests.support.ipv6 import needs_ipv6
from tests.support.patience import PATIENCE
from tests.support.server import until


def udp(host: str) -> socket.socket:
    """A socket on a free port."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind((host, 0))
    return sock


class Server:
    """A socket that watches its peers, and what it gets by their twins."""

    def __init__(self, host: str) -> None:
        self.sock = udp(host)
        self.got: asyncio.Queue[bytes] = asyncio.Queue()
        self.refused = asyncio.Event()
        loop = asyncio.get_running_loop()
        self.refusals = Refusals(loop, self.sock, lambda data, _: self.got.put_nowait(data))

    def watch(self, peer: socket.socket) -> tuple[str, int]:
        address: tuple[str, int] = peer.getsockname()[:2]
        self.refusals.watch(address, self.refused.set)
        return address


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with udp(getattr(request, "param", "127.0.0.1")) as sock:
        yield sock


@pytest.fixture
async def server(request: pytest.FixtureRequest) -> Server:
    return Server(getattr(request, "param", "127.0.0.1"))


@pytest.fixture(autouse=True)
async def closed(server: Server) -> object:
    yield
    server.refusals.close()
    server.sock.close()


async def test_a_closed_port_is_told(server: Server, peer: socket.socket) -> None:
    address = server.watch(peer)
    peer.close()
    server.sock.sendto(b"INVITE", address)
    async with asyncio.timeout(PATIENCE):
        await server.refused.wait()
    assert "0 silent" in repr(server.refusals)


@needs_ipv6
@pytest.mark.parametrize(("server", "peer"), [("::1", "::1")], indirect=True)
async def test_a_closed_port_of_ipv6_is_told(server: Server, peer: socket.socket) -> None:
    address = server.watch(peer)
    peer.close()
    server.sock.sendto(b"INVITE", address)
    async with asyncio.timeout(PATIENCE):
        await server.refused.wait()


async def test_what_a_slow_peer_says_is_handed_on(server: Server, peer: socket.socket) -> None:
    server.watch(peer)
    for number in range(3):
        peer.sendto(b"%d" % number, server.sock.getsockname())
    async with asyncio.timeout(PATIENCE):
        assert [await server.got.get() for _ in range(3)] == [b"0", b"1", b"2"]
    assert not server.refused.is_set()


async def test_other_peers_reach_the_socket_itself(server: Server, peer: socket.socket) -> None:
    server.watch(peer)
    with udp("127.0.0.1") as other:
        other.sendto(b"hello", server.sock.getsockname())
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            assert await loop.sock_recv(server.sock, 10) == b"hello"


async def test_nobody_else_may_have_the_port_meanwhile(server: Server, peer: socket.socket) -> None:
    server.watch(peer)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.refusals.close()
        with pytest.raises(OSError) as caught:
            thief.bind(server.sock.getsockname())
        assert caught.value.errno == errno.EADDRINUSE


async def test_a_peer_is_watched_for_a_moment_only(
    server: Server, peer: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "PATIENCE", 0.0)
    server.watch(peer)
    assert "1 silent" in repr(server.refusals)
    await until(lambda: "0 silent" in repr(server.refusals), "the end of the watch", PATIENCE)


async def test_not_more_peers_are_watched_than_a_few(server: Server) -> None:
    for port in range(1, MOST + 20):
        server.refusals.watch(("127.0.0.1", port), server.refused.set)
    assert f"{MOST} silent" in repr(server.refusals)


async def test_what_has_no_twin_is_not_watched(server: Server) -> None:
    server.refusals.watch(("192.0.2.1.5", 5060), server.refused.set)
    assert "0 silent" in repr(server.refusals)
