"""What plays and records: which number it has, and who is told of its end."""

from __future__ import annotations

import asyncio

import pytest

from softswitch.media.events import MediaTimeout, PlaybackFinished, RecordingFinished
from softswitch.media.interface import NativeSource
from softswitch.media.playlist import Playlist
from softswitch.media.running import Running
from tests.support.sounds import FakeSource

pytestmark = pytest.mark.virtual_time
PARTS = (FakeSource("a", 100), FakeSource("b", 50))


class Player:
    """Plays parts under the numbers 8, 9, …, after a first one that was 7."""

    def __init__(self) -> None:
        self.played: list[NativeSource] = []

    def play(self, part: NativeSource) -> int:
        self.played.append(part)
        return 7 + len(self.played)


@pytest.fixture
def player() -> Player:
    return Player()


@pytest.fixture
def running(player: Player) -> Running:
    running = Running()
    running.add(Playlist(7, PARTS, 1, player.play))
    return running


def test_a_playlist_goes_on_untold_and_ends_by_its_first_number(
    running: Running, player: Player
) -> None:
    assert running.take(PlaybackFinished(7, 800, "done")) is None
    assert player.played == [PARTS[1]]
    assert running.take(PlaybackFinished(8, 400, "done")) == PlaybackFinished(7, 1200, "done")
    assert running.find(7) == (7, None)


def test_a_playlist_is_found_by_its_first_number(running: Running) -> None:
    running.take(PlaybackFinished(7, 800, "done"))
    current, playlist = running.find(7)
    assert current == 8
    assert playlist is not None and playlist.number == 7
    assert running.find(3) == (3, None), "a source of one part, or nothing"


def test_a_playlist_that_was_replaced_does_not_go_on(running: Running, player: Player) -> None:
    running.replace_playlists()
    assert running.take(PlaybackFinished(7, 800, "done")) == PlaybackFinished(7, 800, "stopped")
    assert player.played == []


def test_all_else_is_told_as_it_is(running: Running) -> None:
    for event in (MediaTimeout(30000), PlaybackFinished(3, 80, "done")):
        assert running.take(event) is event


async def test_who_waits_for_a_playlist_waits_for_its_last_part(running: Running) -> None:
    end = running.finished(7)
    running.take(PlaybackFinished(7, 800, "done"))
    assert not end.done()
    running.take(PlaybackFinished(8, 400, "failed"))
    assert await end == PlaybackFinished(7, 1200, "failed")


async def test_who_stopped_waiting_is_not_told(running: Running) -> None:
    running.finished(3).cancel()
    ended = PlaybackFinished(3, 80, "done")
    assert running.take(ended) is ended
    assert not running.finished(3).done(), "that is another one"


async def test_a_close_ends_playbacks_at_once_and_recordings_when_they_are_on_disk(
    running: Running, player: Player
) -> None:
    running.recordings.add(5)
    playlist, playback, recording = (running.finished(number) for number in (7, 3, 5))
    running.close()
    assert await playlist == PlaybackFinished(7, 0, "stopped")
    assert await playback == PlaybackFinished(3, 0, "stopped")
    await asyncio.sleep(0)
    assert not recording.done()
    ended = RecordingFinished(5, 1600, "closed")
    assert running.take(ended) is ended
    assert await recording == ended
    assert running.recordings == set()
    assert running.take(PlaybackFinished(7, 80, "done")) == PlaybackFinished(7, 80, "done")
    assert player.played == []
