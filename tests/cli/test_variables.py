from __future__ import annotations

from pathlib import Path

from softswitch.cli.variables import known_variables
from softswitch.config.secrets import NAMES, load_or_create


def test_secrets_that_are_still_to_come_have_a_placeholder(tmp_path: Path) -> None:
    variables = known_variables(tmp_path, tmp_path / "data")
    assert {variables[name] for name in NAMES} == {"made-at-the-first-start"}
    assert not (tmp_path / "data").exists()


def test_secrets_that_were_made_are_used(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    variables = known_variables(tmp_path, tmp_path)
    assert variables["default_password"] == made["default_password"]
    assert variables["conf_dir"] == str(tmp_path)
