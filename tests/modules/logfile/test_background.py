from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from softswitch.modules.logfile import background
from softswitch.modules.logfile.background import Background


class Slow(logging.Handler):
    """Takes nothing until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []
        self.may = threading.Event()
        self.closed = False

    def emit(self, record: logging.LogRecord) -> None:
        self.may.wait(30)
        self.taken.append(record.getMessage())

    def close(self) -> None:
        self.closed = True
        super().close()


@pytest.fixture
def slow() -> Iterator[Slow]:
    handler = Slow()
    yield handler
    handler.may.set()


def test_nobody_waits_for_a_slow_handler_and_what_finds_no_room_is_counted(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_LINES", 10)
    made = Background(slow, logging.INFO)
    for number in range(50):
        logging.getLogger("softswitch.x").warning("password=%d", number)
    assert made.dropped in (39, 40)
    assert f"{made.dropped} lines dropped" in repr(made)
    slow.may.set()
    made.close()
    made.close()
    assert slow.closed
    assert len(slow.taken) == 50 - made.dropped
    assert set(slow.taken) == {"password=***"}


def test_what_comes_in_a_pause_is_handed_on_after_it(slow: Slow) -> None:
    slow.may.set()
    made = Background(slow, logging.INFO)
    logging.getLogger("softswitch.x").warning("1")
    made.pause()
    logging.getLogger("softswitch.x").warning("2")
    assert slow.taken == ["1"]
    made.go_on()
    made.close()
    assert slow.taken == ["1", "2"]
