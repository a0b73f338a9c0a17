"""Fixtures for tests of the bare engine: an engine with threads, and a socket opposite it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from softswitch.media._engine import Engine
from tests.support.patience import PATIENCE


@pytest.fixture
def far_end() -> Iterator[socket.socket]:
    """A socket on the loopback address that does not wait for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        end.settimeout(PATIENCE)
        yield end


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Closed when the test is over."""
    engine = Engine()
    yield engine
    engine.close()
