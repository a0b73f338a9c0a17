from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize("line", ["fsctl shutdown", "fsctl shutdown now", "shutdown"])
async def test_shutdown_stops_at_once(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == "+OK\n"
        assert b.switch.stop_requested.is_set()


@pytest.mark.parametrize(("how", "paused"), [("elegant", False), ("asap", True)])
async def test_a_graceful_shutdown_waits_for_the_calls(
    tmp_path: Path, how: str, paused: bool
) -> None:
    async with bench(tmp_path, extension("1", "sleep 10000")) as b:
        session = b.call("1")
        await b.after(1)
        assert await b.switch.run_command(f"fsctl shutdown {how}") == "+OK\n"
        assert b.switch.admission.paused_inbound is paused
        (told,) = [event for event in b.events if event.name == "SHUTDOWN_REQUESTED"]
        assert told.headers["Event-Info"].lower() == how
        await b.after(5)
        assert not b.switch.stop_requested.is_set()
        await b.ended(session)
        await b.after(1.1)
        assert b.switch.stop_requested.is_set()


async def test_a_graceful_shutdown_can_be_cancelled(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "sleep 10000")) as b:
        run = b.switch.run_command
        session = b.call("1")
        await b.after(1)
        await run("fsctl shutdown asap")
        assert await run("fsctl shutdown cancel") == "+OK\n"
        assert await run("fsctl shutdown cancel") == "+OK\n"
        assert not b.switch.admission.paused_inbound
        await b.ended(session)
        await b.after(5)
        assert not b.switch.stop_requested.is_set()
        assert (await run("fsctl shutdown later")).startswith("-ERR shutdown does not know later\n")


async def test_a_shutdown_that_waits_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        run = b.switch.run_command
        b.call("1")
        await b.after(1)
        assert await run("fsctl shutdown_check") == "false"
        assert await run("fsctl ready_check") == "true"
        await run("fsctl pause")
        assert await run("fsctl ready_check") == "false"
        await run("fsctl resume")
        await run("fsctl shutdown elegant")
        assert await run("fsctl shutdown_check") == "true"
        await run("fsctl shutdown now")
        assert await run("fsctl ready_check") == "false"


async def test_a_restart_is_a_stop_after_which_it_begins_anew(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        run = b.switch.run_command
        session = b.call("1")
        await b.after(1)
        assert await run("fsctl shutdown asap restart") == "+OK\n"
        assert b.switch.restart and b.switch.admission.paused
        assert await run("fsctl shutdown cancel") == "+OK\n"
        assert not b.switch.restart
        assert await run("fsctl shutdown restart elegant") == "+OK\n"
        assert b.switch.restart and not b.switch.admission.paused
        session.hangup()
        await b.ended(session)
        await b.after(1.1)
        assert b.switch.stop_requested.is_set()
        assert await run("fsctl shutdown") == "+OK\n"
        assert not b.switch.restart


async def test_a_crash_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    died: list[bool] = []
    monkeypatch.setattr(os, "abort", lambda: died.append(True))
    async with bench(tmp_path) as b:
        with caplog.at_level(logging.CRITICAL):
            await b.switch.run_command("fsctl crash")
    assert died and "fsctl crash" in caplog.text
