from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from softswitch.modules.local_stream import station as stations
from softswitch.modules.local_stream.program import Block
from softswitch.modules.local_stream.settings import StationSettings
from softswitch.modules.local_stream.station import Station
from tests.support.audio import tone, write_wav
from tests.support.sounds import FakeLive


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "it does not come to that"
        time.sleep(0.01)


@pytest.fixture
def station(tmp_path: Path) -> Station:
    write_wav(tmp_path / "a.wav", tone(440, 60_000))
    return Station("moh", StationSettings(path=str(tmp_path)), FakeLive(8000), tmp_path)


def written(station: Station) -> float:
    live = station._live
    assert isinstance(live, FakeLive)
    return live.written / 8000


def test_nothing_is_decoded_before_anybody_listens(station: Station) -> None:
    assert written(station) == 0
    source = station.listen()
    assert source.milliseconds is None
    wait_for(lambda: written(station) >= 1.0)
    begun = time.monotonic()
    before = written(station)
    wait_for(lambda: written(station) >= before + 0.5)
    # It is written with the clock, not as fast as can be.
    assert time.monotonic() - begun > 0.25
    station.close()


def test_what_was_prepared_is_heard_and_costs_who_listens_nothing(station: Station) -> None:
    block = next(station._begin())
    station.prepare()
    # The first block is there before the file can be asked for it.
    (Path(station.settings.path) / "a.wav").unlink()
    assert station._next()[0] == block[0]
    station.prepare()
    station.restart()
    assert station._next()[0] != block[0], "a new beginning finds no file"


def test_who_begins_to_listen_does_not_wait_for_what_is_being_decoded(station: Station) -> None:
    entered, released = threading.Event(), threading.Event()

    def slow() -> Iterator[Block]:
        entered.set()
        released.wait(20)
        yield bytes(1600), 8000

    station._program = slow()
    preparing = threading.Thread(target=station.prepare)
    preparing.start()
    assert entered.wait(20)
    # Were the lock that decoding holds taken here, this would wait as long as that does.
    station.listen()
    station.restart()
    released.set()
    preparing.join(20)
    wait_for(lambda: written(station) >= 1.0)
    station.close()


def test_it_rests_while_nobody_listens_and_time_passes_all_the_same(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stations, "LINGER_SECONDS", 0.05)
    station.listen()
    wait_for(lambda: station._thread is None)
    rested = written(station)
    station._began -= 30.0
    station.listen()
    wait_for(lambda: written(station) > rested)
    assert station._written > 30.0
    assert written(station) < rested + 10.0, "what nobody heard was passed over"
    station.close()


def test_the_first_listener_after_a_night_does_not_wait_for_it_to_be_decoded(
    station: Station,
) -> None:
    station._began -= 12 * 3600.0
    station.listen()
    wait_for(lambda: written(station) >= 1.0)
    # It is counted, not timed: what is decoded is what passes.
    assert station._written < stations.MOST_SKIPPED + 60.0
    station.close()


def test_a_closed_station_says_nothing_more(station: Station) -> None:
    station.listen()
    station.restart()
    station.close()
    station.close()
    assert station.stopped and isinstance(station._live, FakeLive) and station._live.closed
    station.listen()
    assert station._thread is None or not station._thread.is_alive()
