"""``softswitch trace`` from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from softswitch.cli.trace import command
from softswitch.config.running import Place, leave


class Switch:
    """Takes the place of the connection to a switch."""

    asked: tuple[str, ...] = ()
    answer = ""

    at: tuple[Any, ...] = ()

    def __init__(self, *at: Any) -> None:
        Switch.at = at

    def command(self, line: str) -> str:
        Switch.asked += (line,)
        return Switch.answer

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softswitch.cli.trace.Client", Switch)
    Switch.asked = ()


def trace(answer: str, *arguments: str) -> Result:
    Switch.answer = answer
    return CliRunner().invoke(command, [*arguments, "--password", "x"])


def test_a_ladder_is_printed() -> None:
    result = trace("rungs\n", "some-uuid")
    assert (result.exit_code, result.output) == (0, "rungs\n")
    assert Switch.asked == ("sofia trace some-uuid",)


def test_the_running_switch_is_asked(tmp_path: Path) -> None:
    leave(tmp_path, Place("127.0.0.9", 9021, "configured"))
    Switch.answer = "rungs\n"
    assert CliRunner().invoke(command, ["some-uuid", "--data", str(tmp_path)]).exit_code == 0
    assert Switch.at[:3] == ("127.0.0.9", 9021, "configured")


def test_a_capture_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "call.pcap"
    result = trace("aGVsbG8=\n", "all", "--pcap", str(path))
    assert result.exit_code == 0
    assert path.read_bytes() == b"hello"
    assert Switch.asked == ("sofia trace all pcap",)


@pytest.mark.parametrize("answer", ["-ERR nothing is known of that call\n", "a"])
def test_what_is_no_file_is_not_written(tmp_path: Path, answer: str) -> None:
    path = tmp_path / "call.pcap"
    result = trace(answer, "x", "--pcap", str(path))
    assert result.exit_code == 1
    assert not path.exists()
