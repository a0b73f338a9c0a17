"""Two phones that call each other without a switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from softswitch.phone.phone import Phone


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    """The native engine; afterwards no stream may be open."""
    made = MediaEngine(asyncio.get_running_loop(), Engine(rtp_start_port=49000, rtp_end_port=51000))
    yield made
    assert made.live_streams == 0
    made.close()


@pytest.fixture(params=["udp", "tcp"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def phones(engine: MediaEngine, transport: str) -> AsyncIterator[tuple[Phone, Phone]]:
    """Alice, whose server is Bob, and Bob."""
    bob = await Phone.open(engine, ("127.0.0.1", 9), user="bob", transport=transport)
    alice = await Phone.open(
        engine, bob.contact, user="alice", domain="example.test", transport=transport
    )
    async with bob, alice:
        yield alice, bob
    for phone in (alice, bob):
        assert not phone.stack.usages
