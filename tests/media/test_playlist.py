"""Sources of several parts: which part follows, and what is told at the end."""

from __future__ import annotations

import pytest

from softswitch.media.events import PlaybackFinished
from softswitch.media.interface import NativeSource
from softswitch.media.playlist import Playlist, find_offset
from tests.support.sounds import FakeSource

PARTS = (FakeSource("a", 100), FakeSource("b", 50), FakeSource("c", None))


def done(samples: int = 80, reason: str = "done") -> PlaybackFinished:
    return PlaybackFinished(99, samples, reason)


def playlist_of(*, loops: int) -> Playlist:
    def play(part: NativeSource) -> int:
        raise AssertionError(f"{part!r} is played by whoever asks what follows")

    return Playlist(7, PARTS[:2], loops, play)


def test_parts_follow_one_another_and_the_end_sums_them_up() -> None:
    playlist = playlist_of(loops=1)
    assert playlist.after(done()) is PARTS[1]
    assert playlist.after(done(40)) == PlaybackFinished(7, 120, "done")


def test_a_loop_begins_again_with_the_first_part() -> None:
    playlist = playlist_of(loops=2)
    assert [playlist.after(done()) for _ in range(3)] == [PARTS[1], PARTS[0], PARTS[1]]
    assert isinstance(playlist.after(done()), PlaybackFinished)


def test_a_round_in_which_nothing_could_be_played_is_the_last() -> None:
    playlist = playlist_of(loops=-1)
    assert playlist.after(done(0, "failed")) is PARTS[1]
    assert playlist.after(done(0, "failed")) == PlaybackFinished(7, 0, "failed")


def test_what_was_stopped_does_not_go_on() -> None:
    playlist = playlist_of(loops=1)
    playlist.ended = True
    assert playlist.after(done()) == PlaybackFinished(7, 80, "stopped")
    playlist = playlist_of(loops=1)
    assert playlist.after(done(30, "stopped")) == PlaybackFinished(7, 30, "stopped")


@pytest.mark.parametrize(
    ("offset", "found"),
    [(0, (0, 0)), (99, (0, 99)), (100, (1, 0)), (149, (1, 49)), (5000, (2, 4850))],
)
def test_an_offset_falls_into_a_part(offset: int, found: tuple[int, int]) -> None:
    assert find_offset(PARTS, offset) == found
