from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from softswitch.media.source import SourceError
from softswitch.modules.shell_stream.module import ShellStreams
from tests.support.server import until
from tests.support.sounds import FakeLive
from tests.support.switch import Bench, bench


async def opened(b: Bench, specification: str) -> FakeLive:
    """The live sound that a program writes; somebody listens."""
    lives: list[FakeLive] = []
    native: Any = b.switch.engine._native
    make = native.open_live

    def remember(rate: int) -> FakeLive:
        live: FakeLive = make(rate)
        live.listeners = 1
        lives.append(live)
        return live

    native.open_live = remember
    await b.switch.engine.open_source(specification, 8000)
    return lives[0]


async def until_closed(live: FakeLive) -> None:
    await until(lambda: live.closed, "the end")


async def test_a_program_is_heard_to_its_end(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        streams = ShellStreams()
        await streams.start(b.switch)
        live = await opened(b, "shell_stream://head -c 3201 /dev/zero")
        await until_closed(live)
        assert live.written == 1600
        await streams.stop()
        with pytest.raises(SourceError, match="not known"):
            await b.switch.engine.open_source("shell_stream://true")


async def test_an_endless_program_is_read_with_the_clock_and_ends_with_its_listener(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as b:
        streams = ShellStreams()
        await streams.start(b.switch)
        live = await opened(b, "shell_stream://cat /dev/zero")
        await until(lambda: live.written >= 8000, "a second of sound")
        await asyncio.sleep(0.05)
        assert live.written < 8 * 8000
        live.listeners = 0
        await until_closed(live)
        await streams.stop()


@pytest.mark.parametrize("body", ["/no/such/program", "'unclosed"])
async def test_what_cannot_be_run_is_told(tmp_path: Path, body: str) -> None:
    async with bench(tmp_path) as b:
        streams = ShellStreams()
        await streams.start(b.switch)
        with pytest.raises(SourceError):
            await b.switch.engine.open_source(f"shell_stream://{body or ' '}")
        await streams.stop()
