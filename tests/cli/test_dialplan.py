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
