from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from softswitch.switch.pulse import KEPT, idle_percent, uptime_text
from softswitch.switch.supervisor import Supervisor
from tests.support.switch import bench, extension


async def test_a_heartbeat_comes_every_twenty_seconds_with_freeswitchs_headers(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, extension("1", "sleep 60000")) as b:
        b.switch.pulse.start()
        b.call("1")
        await b.after(41)
        beats = [event.headers for event in b.events if event.name == "HEARTBEAT"]
        assert len(beats) == 2
        names = list(beats[0])
        assert names[names.index("Event-Info") :] == [
            "Event-Info",
            "Up-Time",
            "FreeSWITCH-Version",
            "Uptime-msec",
            "Session-Count",
            "Max-Sessions",
            "Session-Per-Sec",
            "Session-Per-Sec-Last",
            "Session-Per-Sec-Max",
            "Session-Per-Sec-FiveMin",
            "Session-Since-Startup",
            "Session-Peak-Max",
            "Session-Peak-FiveMin",
            "Idle-CPU",
        ]
        assert beats[0]["Event-Info"] == "System Ready"
        assert beats[0]["Session-Count"] == "1"
        assert beats[1]["Up-Time"].startswith("0 years, 0 days, 0 hours, 0 minutes, 4")


async def test_how_often_it_beats_is_a_setting(tmp_path: Path) -> None:
    configuration = (
        '<configuration name="switch.conf"><settings>'
        '<param name="event-heartbeat-interval" value="5"/></settings></configuration>'
    )
    async with bench(tmp_path, configuration=configuration) as b:
        b.switch.pulse.start()
        await b.after(16)
        assert b.names().count("HEARTBEAT") == 3


async def test_the_lag_is_how_late_timers_run(tmp_path: Path, monkeypatch: Any) -> None:
    async with bench(tmp_path) as b:
        pulse, loop = b.switch.pulse, b.switch.loop
        assert dict(pulse.lags()) == {"0.5": 0.0, "0.99": 0.0, "1": 0.0}
        pulse.start()
        await b.after(2)
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 0.25)
        pulse._beat()
        monkeypatch.undo()
        lags = dict(pulse.lags())
        assert lags["0.5"] == pytest.approx(0, abs=0.001)
        assert lags["1"] == pytest.approx(0.25, abs=0.11)
        assert "ms at most" in repr(pulse)
        pulse.stop()
        pulse.stop()


async def test_what_the_start_took_is_no_lag(tmp_path: Path, monkeypatch: Any) -> None:
    async with bench(tmp_path) as b:
        pulse, loop = b.switch.pulse, b.switch.loop
        pulse.forget()
        pulse.start()
        await b.after(1)
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 0.5)
        pulse._beat()
        monkeypatch.undo()
        assert dict(pulse.lags())["1"] > 0.3
        pulse.forget()
        await b.after(1)
        assert dict(pulse.lags())["1"] == pytest.approx(0, abs=0.001)


async def test_only_the_last_minute_counts(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.pulse.start()
        await b.after(120)
        assert len(b.switch.pulse._lags) == KEPT


async def test_who_supervises_is_told_of_start_life_and_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(Supervisor, "_tell", lambda _, message: told.append(message))
    async with bench(tmp_path) as b:
        b.switch.pulse._supervisor.watchdog_seconds = 5.0
        b.switch.pulse.start()
        await b.after(11)
        b.switch.pulse.stop()
    assert told[0] == "READY=1"
    assert told.count("WATCHDOG=1") == 3
    assert told[-1] == "STOPPING=1"


async def test_times_are_told_in_words(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await b.after(90061)
        assert uptime_text(b.switch).startswith("0 years, 1 day, 1 hour, 1 minute, 1 second, ")


def test_an_idle_share_is_a_percentage() -> None:
    assert 0 <= idle_percent() <= 100
