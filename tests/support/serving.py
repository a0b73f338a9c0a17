"""The fixture `serve`: switches for a test, and the proof that they leave nothing behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.support.server import Server, write_configuration

Serve = Callable[..., Awaitable[Server]]


@pytest.fixture
async def serve(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Serve]:
    """Start switches from extensions and settings (see `write_configuration`).

    At the end no session, task, stream, transaction, timer or port may be left, and nothing may
    have been logged with a traceback.
    """
    servers: list[Server] = []

    async def begin(
        *extensions: str, listen: tuple[str, ...] = ("ALL",), **settings: object
    ) -> Server:
        write_configuration(tmp_path, extensions, **settings)  # type: ignore[arg-type]
        server = await Server.begin(tmp_path, listen)
        servers.append(server)
        return server

    yield begin
    try:
        for server in servers:
            await server.stop()
    finally:
        for server in servers:
            for wire in server.sockets:
                wire.close()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"tasks are left over: {left}"
    records = caplog.get_records("call") + caplog.get_records("teardown")
    failures = [r for r in records if r.exc_info and r.levelno >= logging.ERROR]
    assert not failures, failures
