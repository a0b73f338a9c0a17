from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.switch import bench


async def test_times_are_told_in_formats_and_zones(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("strftime %Y") == "2023"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", await run("strftime"))
        assert await run("strftime 86400| %Y") == datetime.fromtimestamp(86400).strftime("%Y")
        assert await run("strftime_tz UTC 1|%Y-%m-%d %H") == "1970-01-01 00"
        assert await run("strftime_tz Europe/Berlin 1|%H") == "01"
        assert (await run("strftime_tz UTC")).startswith("2023-11-14 ")
        assert await run("strftime_tz Nowhere/Land %H") == "-ERR Invalid timezone/format\n"


async def test_dates_become_epochs(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        moment = str(int(datetime(2026, 3, 4, 15, 5, 7).timestamp()))
        assert await run("strepoch 2026-03-04 15:05:07") == moment
        assert await run("strepoch 20260304150507") == moment
        day = str(int(datetime(2026, 3, 4).timestamp()))
        assert await run("strepoch 2026-03-04") == day
        assert await run("strmicroepoch 2026-03-04") == day + "000000"
        assert await run("strepoch") == str(b.switch.now_us() // 1_000_000)
        assert await run("strmicroepoch") == str(b.switch.now_us())
        for text in ("tomorrow", "2026-13-01", "x:y"):
            assert await run(f"strepoch {text}") == "0"


@pytest.mark.parametrize(("text", "seconds"), [("1500", 1.5), ("x", 0), ("", 0), ("-5", 0)])
async def test_msleep_waits(tmp_path: Path, text: str, seconds: float) -> None:
    async with bench(tmp_path) as b:
        begun = b.switch.loop.time()
        assert await b.switch.run_command(f"msleep {text}") == "+OK"
        assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.01)


async def test_time_test_measures_sleeps(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command("time_test 1000 3")
        assert re.fullmatch(r"(test \d sleep 1000 \d+\n){3}avg \d+\n", answer)
        assert len((await b.switch.run_command("time_test 1")).splitlines()) == 11
        assert await b.switch.run_command("time_test") == "parameter missing\n"
