from __future__ import annotations

import re
from pathlib import Path

import pytest

from softswitch import __version__
from softswitch.switch.pulse import idle_percent
from tests.support.switch import bench, extension

STATUS = re.compile(
    r"UP 0 years, 0 days, 1 hour, 0 minutes, 2 seconds, \d+ milliseconds?, \d+ microseconds?\n"
    r"softswitch \(Version \S+ \d\dbit\) is (?P<ready>ready|not ready)\n"
    r"(?P<total>\d+) session\(s\) since startup\n"
    r"(?P<now>\d+) session\(s\) - peak (?P<peak>\d+), last 5min (?P<five>\d+) \n"
    r"\d+ session\(s\) per Sec out of max 30, peak \d+, last 5min \d+ \n"
    r"1000 session\(s\) max\n"
    r"min idle cpu 0\.00/\d+\.\d\d\n"
    r"Current Stack Size/Max \S+/\S+\n\Z"
)


async def test_status_has_freeswitchs_shape(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        await b.ended(b.call("2"))
        await b.after(3600)
        session = b.call("1")
        await b.after(2)
        found = STATUS.match(await b.switch.run_command("status"))
        assert found is not None
        assert (found["total"], found["now"], found["peak"]) == ("2", "1", "1")
        assert found["ready"] == "ready"
        await b.switch.run_command("fsctl pause")
        assert "is not ready" in await b.switch.run_command("status")
        session.hangup()
        await b.ended(session)


UNITS = "[us|ms|s|m|h|d|microseconds|milliseconds|seconds|minutes|hours|days]"


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("version short", f"{__version__}\n"),
        ("banner", f"softswitch {__version__}\n"),
        ("uptime", "90\n"),
        ("uptime s", "90\n"),
        ("uptime ms", "90000\n"),
        ("uptime us", "90000000\n"),
        ("uptime minutes", "1\n"),
        ("uptime d", "0\n"),
        ("uptime fortnights", f"-USAGE: {UNITS}\n"),
    ],
)
async def test_what_the_switch_says_of_itself(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        await b.after(90)
        assert await b.switch.run_command(line) == answer


async def test_the_switch_has_a_name(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("hostname") == b.switch.hostname
        assert await b.switch.run_command("switchname") == b.switch.hostname
        assert __version__ in await b.switch.run_command("version")
    named = (
        '<configuration name="switch.conf"><settings><param name="switchname" value="east"/>'
        "</settings></configuration>"
    )
    async with bench(tmp_path / "named", configuration=named) as b:
        assert await b.switch.run_command("switchname") == "east"


def test_idle_is_a_share() -> None:
    assert 0 <= idle_percent() <= 100
