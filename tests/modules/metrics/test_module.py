from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from softswitch.modules.metrics.module import Metrics
from tests.support.switch import Bench, bench, extension


def configuration(port: int = 0) -> str:
    return (
        '<configuration name="metrics.conf"><settings>'
        f'<param name="listen-port" value="{port}"/></settings></configuration>'
    )


@asynccontextmanager
async def shown(tmp_path: Path, *extensions: str) -> AsyncIterator[tuple[Bench, Any]]:
    """A switch with the module, and what asks it."""
    async with bench(tmp_path, *extensions, configuration=configuration()) as b:
        assert await b.switch.modules.load("mod_metrics") is None
        module = b.switch.modules.running["mod_metrics"]
        assert isinstance(module, Metrics) and module.address is not None
        host, port = module.address
        async with aiohttp.ClientSession(f"http://{host}:{port}") as client:
            yield b, client


async def test_counters_equal_the_calls_made(tmp_path: Path) -> None:
    async with shown(tmp_path, extension("1", "hangup USER_BUSY")) as (b, client):
        for _ in range(7):
            await b.ended(b.call("1"))
        async with client.get("/metrics") as answer:
            assert answer.content_type == "text/plain"
            families = {
                family.name: family
                for family in text_string_to_metric_families(await answer.text())
            }
        [hangups] = families["softswitch_hangups"].samples
        assert hangups.labels == {"direction": "inbound", "cause": "USER_BUSY"}
        assert hangups.value == 7
        assert families["softswitch_sessions"].samples[0].value == 0


async def test_health_says_what_is_wrong(tmp_path: Path) -> None:
    async with shown(tmp_path, extension("1", "sleep 60000")) as (b, client):

        async def health() -> tuple[int, list[str]]:
            async with client.get("/healthz") as answer:
                return answer.status, (await answer.json())["problems"]

        assert await health() == (200, [])
        b.switch.admission.paused_inbound = True
        assert await health() == (503, ["no calls are taken: fsctl pause"])
        b.switch.admission.paused_inbound = False
        b.switch.admission.max_sessions = 1
        b.call("1")
        assert await health() == (503, ["all 1 sessions are in use"])
        b.switch.admission.max_sessions = 10
        b.switch.pulse._lags.append(2.5)
        assert await health() == (503, ["the loop was 2.5 s late in the last minute"])


async def test_an_address_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with bench(tmp_path, configuration=configuration(port)) as b:
            told = await b.switch.modules.load("mod_metrics")
            assert told is not None
            assert told.startswith(f"tcp 127.0.0.1:{port}: address already in use (another program")
            assert Metrics().address is None
