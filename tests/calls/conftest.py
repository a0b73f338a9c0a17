"""Whole calls on loopback: what a test starts must be gone when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from tests.support.ports import FIRST_MEDIA_PORT
from tests.support.serving import serve

__all__ = ["serve"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.calls)


@pytest.fixture
async def engine() -> AsyncIterator[MediaEngine]:
    """The engine of phones that call a switch in a process of its own."""
    native = Engine(rtp_start_port=FIRST_MEDIA_PORT + 500, rtp_end_port=FIRST_MEDIA_PORT + 999)
    engine = MediaEngine(asyncio.get_running_loop(), native)
    yield engine
    engine.close()
