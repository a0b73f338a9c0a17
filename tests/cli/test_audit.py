from __future__ import annotations

import json
import shutil
from pathlib import Path

from click.testing import CliRunner, Result

from softswitch.cli.audit import command
from softswitch.config.secrets import load_or_create

SHIPPED = Path(__file__).resolve().parents[2] / "conf"


def _audit(folder: Path, data: Path, *options: str) -> Result:
    return CliRunner().invoke(command, [str(folder), "--data", str(data), *options])


def test_the_shipped_configuration_has_no_weak_secret(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    result = _audit(SHIPPED, tmp_path, "--json")
    findings = json.loads(result.output)
    assert not [f for f in findings if f["severity"] == "warning"], findings


def test_a_readable_secret_is_told(tmp_path: Path) -> None:
    conf = tmp_path / "conf"
    shutil.copytree(SHIPPED, conf)
    data = tmp_path / "data"
    data.mkdir()
    load_or_create(data)
    (data / "secrets.xml").chmod(0o644)
    result = _audit(conf, data)
    assert result.exit_code == 1
    assert f"{data / 'secrets.xml'}: L905 others may read this file" in result.output
    assert "chmod 600" in result.output


def test_a_configuration_that_cannot_be_read_is_exit_status_two(tmp_path: Path) -> None:
    assert _audit(tmp_path, tmp_path).exit_code == 2
