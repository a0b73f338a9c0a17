from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from softswitch.cli.check import command

SHIPPED = Path(__file__).resolve().parents[2] / "conf"


def _check(folder: Path, *options: str) -> Result:
    data = folder.parent / "no-data"
    return CliRunner().invoke(command, [str(folder), "--data", str(data), *options])


def test_the_shipped_configuration_has_no_findings() -> None:
    result = _check(SHIPPED)
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith("0 errors, 0 warnings, 0 notes")


def test_a_mistake_has_its_place_its_line_and_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "softswitch.xml"
    path.write_text('<document>\n<section name="dialplan" x=1>\n</section>\n</document>\n')
    result = _check(tmp_path)
    assert result.exit_code == 2
    assert result.output.startswith(f"{path}:2:")
    assert '    <section name="dialplan" x=1>\n' in result.output
    assert "    hint: " in result.output


def test_findings_for_programs(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text("<document><section/></document>")
    result = _check(tmp_path, "--json")
    assert result.exit_code == 1
    [finding] = json.loads(result.output)
    assert (finding["code"], finding["line"], finding["severity"]) == ("C303", 1, "warning")


def test_a_folder_without_configuration_is_exit_status_two(tmp_path: Path) -> None:
    assert _check(tmp_path).exit_code == 2
