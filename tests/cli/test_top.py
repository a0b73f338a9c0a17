from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from softswitch.cli.top import command
from softswitch.config.running import Place, leave
from tests.console.support import answering

FIGURES = '[{"name": "sessions", "help": "", "value": 3, "labels": {}, "counter": false}]'


def test_it_looks_as_often_as_it_is_told() -> None:
    answers = {"metrics": FIGURES, "show channels as json": '{"row_count": 0}'}
    with answering(answers) as server:
        arguments = ["-P", str(server.port), "-p", "secret", "-n", "2", "-d", "0"]
        result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert "3 sessions" in result.output


@pytest.mark.parametrize(("arguments", "looks"), [([], 1), (["-n", "3", "-d", "0"], 3)])
def test_programs_get_a_line_of_json_a_look(arguments: list[str], looks: int) -> None:
    rows = [{"uuid": str(number), "created_epoch": f"{number:03}"} for number in range(30, 0, -1)]
    channels = json.dumps({"row_count": 30, "rows": rows})
    with answering({"metrics": FIGURES, "show channels as json": channels}) as server:
        result = CliRunner().invoke(
            command, ["-P", str(server.port), "-p", "secret", "--json", *arguments]
        )
    assert result.exit_code == 0, result.output
    told = [json.loads(line) for line in result.output.splitlines()]
    assert len(told) == looks
    assert told[0]["figures"] == json.loads(FIGURES)
    assert [row["uuid"] for row in told[0]["calls"]] == [str(number) for number in range(11, 31)]


def test_the_running_switch_is_found_by_its_data_folder(tmp_path: Path) -> None:
    answers = {"metrics": FIGURES, "show channels as json": '{"row_count": 0}'}
    with answering(answers, "configured") as server:
        leave(tmp_path, Place("127.0.0.1", server.port, "configured"))
        result = CliRunner().invoke(command, ["--data", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output


def test_no_switch_is_exit_status_one() -> None:
    result = CliRunner().invoke(command, ["-P", "1", "-p", "x"])
    assert result.exit_code == 1
    assert "there is no switch" in result.output
