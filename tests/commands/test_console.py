from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from softswitch.log import CONSOLE
from tests.support.switch import bench


@pytest.fixture
def terminal() -> Iterator[logging.Handler]:
    """The handler of a terminal that shows what is told from INFO on."""
    logger, root = logging.getLogger("softswitch"), logging.getLogger()
    before, handler = logger.level, logging.NullHandler(logging.INFO)
    handler.setLevel(logging.INFO)
    handler.set_name(CONSOLE)
    root.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.parametrize(
    ("level", "name", "number"),
    [
        ("debug", "DEBUG", logging.DEBUG),
        ("7", "DEBUG", logging.DEBUG),
        ("Warning", "WARNING", logging.WARNING),
        ("0", "CRIT", logging.CRITICAL),
        ("err", "ERR", logging.ERROR),
    ],
)
async def test_the_terminal_is_told_more_or_less(
    tmp_path: Path, terminal: logging.Handler, level: str, name: str, number: int
) -> None:
    async with bench(tmp_path) as b:
        answer = await b.switch.run_command(f"console loglevel {level}")
        assert answer == f"+OK console log level set to {name}\n"
        assert terminal.level == number
        assert await b.switch.run_command("console loglevel") == answer


async def test_what_the_terminal_shows_is_logged_and_what_others_read_stays(
    tmp_path: Path, terminal: logging.Handler
) -> None:
    logger = logging.getLogger("softswitch")
    async with bench(tmp_path) as b:
        await b.switch.run_command("console loglevel debug")
        assert logger.isEnabledFor(logging.DEBUG)
        await b.switch.run_command("console loglevel err")
        assert logger.isEnabledFor(logging.DEBUG) and terminal.level == logging.ERROR


async def test_what_is_no_level_changes_nothing(tmp_path: Path, terminal: logging.Handler) -> None:
    async with bench(tmp_path) as b:
        for words in ("loud", "8", "-1", "99999999999999999999"):
            answer = await b.switch.run_command(f"console loglevel {words}")
            assert answer == "-ERR syntax error, console log level not set!\n"
        for words in ("", " help", " colorize on", " loglevel debug now"):
            assert (await b.switch.run_command(f"console{words}")).startswith("-USAGE: loglevel")
        assert terminal.level == logging.INFO
