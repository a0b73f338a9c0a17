from __future__ import annotations

import io

import pytest

from softswitch.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_terminal_sees_a_bar_that_is_gone_afterwards() -> None:
    terminal, clock = Terminal(), Clock()
    with Progress("checking", terminal, clock) as progress:
        clock.now = 2
        progress.tell(0.5)
        assert terminal.getvalue() == f"\rchecking [{'#' * 15}{' ' * 15}]  50%"
    assert terminal.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize(("stream", "seconds"), [(Terminal(), 0.9), (io.StringIO(), 60.0)])
def test_what_is_short_or_goes_to_a_file_shows_nothing(stream: io.StringIO, seconds: float) -> None:
    clock = Clock()
    with Progress("checking", stream, clock) as progress:
        clock.now = seconds
        progress.tell(0.5)
    assert stream.getvalue() == ""
