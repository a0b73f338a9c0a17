from __future__ import annotations

from click.testing import CliRunner

from softswitch.cli.top import command
from tests.console.support import answering

FIGURES = '[{"name": "sessions", "help": "", "value": 3, "labels": {}, "counter": false}]'


def test_it_looks_as_often_as_it_is_told() -> None:
    answers = {"metrics": FIGURES, "show channels as json": '{"row_count": 0}'}
    with answering(answers) as server:
        arguments = ["-P", str(server.port), "-p", "secret", "-n", "2", "-d", "0"]
        result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert "3 sessions" in result.output


def test_no_switch_is_exit_status_one() -> None:
    result = CliRunner().invoke(command, ["-P", "1", "-p", "x"])
    assert result.exit_code == 1
    assert "there is no switch" in result.output
