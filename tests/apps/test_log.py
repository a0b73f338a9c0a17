from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "level", "text"),
    [
        ("INFO hello there", logging.INFO, "hello there"),
        ("warning ${caller_id_number} calls", logging.WARNING, "1000 calls"),
        ("CRIT it burns", logging.CRITICAL, "it burns"),
        ("hello", logging.DEBUG, "hello"),
        ("nolevel at all", logging.DEBUG, "at all"),
    ],
)
async def test_log_writes_a_line(
    tmp_path: Path, data: str, level: int, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with bench(tmp_path, extension("1", f"log {data}")) as b:
        await b.ended(b.call("1"))
        assert [r for r in caplog.records if r.levelno == level and r.message.endswith(f"] {text}")]


async def test_info_writes_everything_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with bench(tmp_path, extension("1", "set secret_of_mine=x", "info")) as b:
        await b.ended(b.call("1"))
        text = caplog.text
        assert "CHANNEL_DATA:\nChannel-State: [CS_EXECUTE]\n" in text
        assert "variable_secret_of_mine: [x]" in text


async def test_event_fires_an_event_of_the_call(tmp_path: Path) -> None:
    actions = ("event a=1,b=two words", "event event-name=CUSTOM,event-subclass=my::own,c=3")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        (own,) = [event for event in b.events if event.name == "CHANNEL_APPLICATION"]
        assert (own.headers["a"], own.headers["b"]) == ("1", "two words")
        assert own.headers["Unique-ID"] == session.uuid
        (custom,) = [event for event in b.events if event.subclass == "my::own"]
        assert custom.name == "CUSTOM" and custom.headers["c"] == "3"


async def test_eval_does_what_its_data_does(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "eval ${global_setvar(x=1)}", "stop")) as b:
        await b.ended(b.call("1"))
        assert b.switch.globals["x"] == "1"


async def test_session_loglevel_silences_and_opens_one_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(
        logging.getLogger("softswitch.call"), "isEnabledFor", lambda level: level >= 30
    )
    actions = ("log INFO one", "session_loglevel debug", "log INFO two", "session_loglevel alert")
    async with bench(tmp_path, extension("1", *actions, "log ERR three")) as b:
        await b.ended(b.call("1"))
        lines = [r.message.partition("] ")[2] for r in caplog.records]
        assert "two" in lines and "one" not in lines and "three" not in lines


async def test_an_unknown_level_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path, extension("1", "session_loglevel loud")) as b:
        await b.ended(b.call("1"))
        assert "session_loglevel: there is no level 'loud'" in caplog.text
