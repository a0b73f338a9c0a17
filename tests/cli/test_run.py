from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from softswitch.cli.run import command


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    def run(*arguments: Any) -> int:
        calls.append(arguments)
        return 1

    monkeypatch.setattr("softswitch.main.run", run)
    return calls


def test_options_reach_the_switch_and_its_status_is_ours(asked: list[Any]) -> None:
    arguments = ["--conf", "/a", "--data", "/b", "--log-level", "debug", "--console"]
    assert CliRunner().invoke(command, arguments).exit_code == 1
    assert asked == [(Path("/a"), Path("/b"), "debug", True)]


def test_an_unknown_level_is_a_mistake_of_usage(asked: list[Any]) -> None:
    assert CliRunner().invoke(command, ["--log-level", "loud"]).exit_code == 2
    assert asked == []
