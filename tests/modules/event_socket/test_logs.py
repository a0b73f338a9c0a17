from __future__ import annotations

import asyncio
import logging
import threading

import pytest

from softswitch.log import NOTICE
from softswitch.modules.event_socket.logs import (
    LogForwarder,
    level_number,
    level_of,
    log_frame,
    number_of,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 7),
        ("7", 7),
        ("warning", 4),
        ("ERR", 3),
        ("0", 0),
        ("console", 0),
        ("-1", 0),
        ("debug3", 10),
        ("99", 63),
        ("x", None),
        ("9" * 5000, None),
    ],
)
def test_level_texts(text: str, number: int | None) -> None:
    assert level_number(text) == number


def test_levels_of_python_are_numbered_as_an_operator_knows_them() -> None:
    levels = (logging.CRITICAL, logging.ERROR, logging.WARNING, NOTICE, logging.INFO, 10)
    assert [number_of(level) for level in levels] == [2, 3, 4, 5, 6, 7]
    assert [level_of(number) for number in range(2, 8)] == list(levels)
    assert level_of(9) == logging.DEBUG


def test_a_line_has_its_time_level_place_and_traceback() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("n", logging.ERROR, "/x/leg.py", 7, "it %s", ("fails",), info, "f")
    record.created = 0.25
    text = log_frame(record, 3).decode()
    assert "\nLog-File: leg.py\nLog-Func: f\nLog-Line: 7\nUser-Data: \n\n" in text
    assert ".250000 [ERR] leg.py:7 it fails\nTraceback" in text
    assert text.endswith("ValueError: broken\n")


async def test_records_of_other_threads_arrive_on_the_loop() -> None:
    loop = asyncio.get_running_loop()
    delivered: asyncio.Queue[tuple[int, threading.Thread]] = asyncio.Queue()
    forwarder = LogForwarder(
        loop, lambda number, data: delivered.put_nowait((number, threading.current_thread()))
    )
    record = logging.LogRecord("n", logging.INFO, "x.py", 1, "text", (), None)
    await loop.run_in_executor(None, forwarder.handle, record)
    assert await delivered.get() == (6, threading.current_thread())
