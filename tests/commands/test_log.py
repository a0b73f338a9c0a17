from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.support.switch import bench


async def test_a_line_is_logged_at_its_level(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("log WARNING look at this") == "+OK\n"
        (record,) = [r for r in caplog.records if r.message == "look at this"]
        assert record.levelno == logging.WARNING


@pytest.mark.parametrize(("line", "text"), [("log hello", "hello"), ("log loud hello", "hello")])
async def test_without_a_level_it_is_debug(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, line: str, text: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == "+OK\n"
        assert text in [r.message for r in caplog.records if r.levelno == logging.DEBUG]
