"""What all tests share: which of them run in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop

from tests.support.loop import VirtualTimeLoop
from tests.support.postgres import Postgres

VIRTUAL = (
    "tests/switch/",
    "tests/apps/",
    "tests/commands/",
    "tests/modules/callcenter/",
    "tests/modules/conference/",
    "tests/modules/directory/",
    "tests/modules/fifo/",
    "tests/modules/voicemail/",
)
"""Folders whose tests run on a clock that jumps; all others run in real time."""
WHOLE = ("tests/calls/", "tests/interop/")
"""Folders that test the whole switch."""


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    path = item.path.relative_to(config.rootpath).as_posix()
    if path.startswith(VIRTUAL) or item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    if path.startswith(WHOLE):
        # What users run: whole calls are tested on the loop that carries them.
        return {"uvloop": uvloop.new_event_loop}
    return {"real": asyncio.SelectorEventLoop}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the tests of one file."""
    server = Postgres()
    yield server
    server.close()
