"""UDP listeners on loopback."""

from __future__ import annotations

import asyncio
import socket

import pytest

from softswitch.net.stun import ask
from softswitch.net.udp import UdpListener
from softswitch.sip.flow import Flow
from tests.support.ipv6 import needs_ipv6
from tests.support.patience import PATIENCE

LOOPBACK = ("127.0.0.1", 0)


async def test_a_datagram_comes_with_its_flow_and_the_answer_goes_back_by_it() -> None:
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[tuple[bytes, Flow]] = asyncio.Queue()
    here = await UdpListener.open(loop, LOOPBACK, lambda data, flow: got.put_nowait((data, flow)))
    there = await UdpListener.open(loop, LOOPBACK, lambda data, flow: got.put_nowait((data, flow)))
    try:
        assert there.send(b"ping", Flow("udp", there.local, here.local))
        data, flow = await got.get()
        assert (data, flow) == (b"ping", Flow("udp", here.local, there.local))
        assert here.send(b"pong", flow)
        assert (await got.get())[0] == b"pong"
    finally:
        here.close()
        there.close()


async def test_what_cannot_be_sent_is_reported_and_harms_nothing() -> None:
    loop = asyncio.get_running_loop()
    listener = await UdpListener.open(loop, LOOPBACK, lambda data, flow: None)
    flow = Flow("udp", listener.local, listener.local)
    listener.close()
    assert not listener.send(b"late", flow)
    listener.close()


async def test_an_address_in_use_is_an_os_error() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(LOOPBACK)
        with pytest.raises(OSError):
            await UdpListener.open(loop, taken.getsockname(), lambda data, flow: None)


async def test_it_tells_how_much_was_not_read_yet() -> None:
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[bytes] = asyncio.Queue()
    here = await UdpListener.open(loop, LOOPBACK, lambda data, flow: got.put_nowait(data))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        assert here.waiting == 0
        for _ in range(50):
            sender.sendto(b"x" * 900, here.local)
        # The loop has not run since.
        assert 25 <= here.waiting <= 100
        for _ in range(50):
            await got.get()
        assert here.waiting == 0
    here.close()
    assert here.waiting == 0


@needs_ipv6
async def test_ipv6_addresses_are_served_too() -> None:
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[Flow] = asyncio.Queue()
    listener = await UdpListener.open(loop, ("::1", 0), lambda data, flow: got.put_nowait(flow))
    try:
        assert listener.send(b"x", Flow("udp", listener.local, listener.local))
        assert (await got.get()).remote == listener.local
    finally:
        listener.close()


async def test_a_burst_waits_in_the_kernel_while_the_loop_is_busy() -> None:
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[bytes] = asyncio.Queue()
    listener = await UdpListener.open(loop, LOOPBACK, lambda data, flow: got.put_nowait(data))
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(60):
                sender.sendto(bytes(1000), listener.local)
        async with asyncio.timeout(PATIENCE):
            for _ in range(60):
                await got.get()
    finally:
        listener.close()


async def test_who_asks_for_his_address_is_told_it_at_the_sip_port() -> None:
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[bytes] = asyncio.Queue()
    here = await UdpListener.open(loop, LOOPBACK, lambda data, flow: got.put_nowait(data))
    try:
        async with asyncio.timeout(PATIENCE):
            with socket.socket(type=socket.SOCK_DGRAM) as spare:
                spare.bind(LOOPBACK)
                mine = spare.getsockname()
            assert await ask(here.local, mine) == mine
        assert got.empty()
    finally:
        here.close()
