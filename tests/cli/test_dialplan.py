from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from softswitch.cli.dialplan import command

DIALPLAN = """<document><section name="dialplan"><context name="default">
<extension name="office"><condition hour="9-17"/>
<condition field="destination_number" expression="^(\\d)00$">
<action application="set" data="who=${name}$1"/><action application="bridge" data="user/$1"/>
</condition></extension>
</context></section></document>
"""


def _try(folder: Path, *options: str) -> Result:
    (folder / "softswitch.xml").write_text(DIALPLAN)
    common = ["test", "--conf", str(folder), "--data", str(folder)]
    return CliRunner().invoke(command, [*common, *options])


def test_a_route_is_told_with_its_applications(tmp_path: Path) -> None:
    options = ["--to", "100", "--time", "2026-11-23T10:00", "--var", "name=x"]
    result = _try(tmp_path, *options)
    assert result.exit_code == 0, result.output
    assert "Processing  <1000>->100 in context default" in result.output
    assert "bridge(user/1)" in result.output
    assert "who=x1" in result.output


def test_the_time_decides(tmp_path: Path) -> None:
    assert _try(tmp_path, "--to", "100", "--time", "2026-11-23T20:00").exit_code == 1


def test_a_trace_for_programs(tmp_path: Path) -> None:
    result = _try(tmp_path, "--to", "200", "--time", "2026-11-23T10:00", "--json")
    assert json.loads(result.output)["extensions"] == ["office"]


def test_a_broken_configuration_is_exit_status_two(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["test", "--to", "1", "--conf", str(tmp_path)])
    assert result.exit_code == 2
    assert "C301" in result.output


@pytest.mark.parametrize(
    "options", [["--time", "yesterday"], ["--var", "name"]], ids=["time", "variable"]
)
def test_what_cannot_be_read_is_a_mistake_of_usage(tmp_path: Path, options: list[str]) -> None:
    assert _try(tmp_path, "--to", "100", *options).exit_code == 2


def _tests(folder: Path, text: str, *options: str, name: str = "tests") -> Result:
    (folder / "softswitch.xml").write_text(DIALPLAN)
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "all.yaml").write_text(text)
    common = [name, "--conf", str(folder), "--data", str(folder)]
    return CliRunner().invoke(command, [*common, *options])


MET = "- {to: 100, time: 2026-11-23 10:00, actions: [set: who=1, bridge: user/1]}\n"
NOT_MET = "- {to: 100, time: 2026-11-23 20:00, extension: office}\n"


def test_expectations_that_are_met(tmp_path: Path) -> None:
    result = _tests(tmp_path, MET)
    assert result.exit_code == 0, result.output
    assert result.output.endswith("1 passed, 0 failed\n")


def test_expectations_that_are_not_met_are_shown_as_a_difference(tmp_path: Path) -> None:
    result = _tests(tmp_path, MET + NOT_MET)
    assert result.exit_code == 1
    assert "extensions (- expected, + found):\n      - office\n" in result.output
    assert result.output.endswith("1 passed, 1 failed\n")


def test_outcomes_for_programs(tmp_path: Path) -> None:
    outcomes = json.loads(_tests(tmp_path, MET + NOT_MET, "--json").output)
    assert [(outcome["line"], outcome["passed"]) for outcome in outcomes] == [(1, True), (2, False)]


def test_a_file_of_expectations_that_cannot_be_read_is_exit_status_two(tmp_path: Path) -> None:
    result = _tests(tmp_path, "- {to: 100}")
    assert result.exit_code == 2
    assert "all.yaml:1: a test needs one of" in result.output
    assert _tests(tmp_path, MET, str(tmp_path / "none.yaml")).exit_code == 2


def test_without_any_file_the_place_for_them_is_told(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text(DIALPLAN)
    common = ["--conf", str(tmp_path), "--data", str(tmp_path)]
    result = CliRunner().invoke(command, ["tests", *common])
    assert result.exit_code == 2
    assert str(tmp_path / "tests") in result.output


def test_coverage_names_the_extensions_that_nothing_reaches(tmp_path: Path) -> None:
    result = _tests(tmp_path, MET, name="coverage")
    assert (result.exit_code, result.output) == (0, "1 of 1 extensions are reached, 100 %\n")
    result = _tests(tmp_path, NOT_MET, "--fail-under", "50", name="coverage")
    assert result.exit_code == 1
    assert "not reached: default/office" in result.output
    assert result.output.endswith("0 of 1 extensions are reached, 0 %\n")


def test_the_trace_has_colours_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text(DIALPLAN)
    options = ["test", "--conf", str(tmp_path), "--data", str(tmp_path), "--to", "7"]
    coloured = CliRunner().invoke(command, options, color=True).output
    assert "\x1b[31m(FAIL)\x1b[0m" in coloured
    assert "\x1b[" not in CliRunner().invoke(command, options).output
