"""``softswitch doctor`` from the command line."""

from __future__ import annotations

import os
from pathlib import Path

from click.testing import CliRunner

from softswitch.cli import main
from softswitch.cli.doctor import command
from softswitch.db.lock import hold
from tests.support.process import ROOT

__all__ = ["main"]


def test_the_shipped_configuration_is_explained(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["nat", str(ROOT / "conf"), "--data", str(tmp_path)])
    assert "profile internal" in result.output
    assert "in SDP:" in result.output
    assert "media ports" in result.output
    assert result.exit_code in (0, 1)


def test_a_folder_without_configuration_is_no_patient(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["nat", str(tmp_path), "--data", str(tmp_path)])
    assert result.exit_code == 2


def test_a_machine_is_examined_for_a_configuration(tmp_path: Path) -> None:
    arguments = ["machine", str(ROOT / "conf"), "--data", str(tmp_path)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code in (0, 1)
    assert "open files" in result.output and "port 8021" in result.output
    lock = hold(tmp_path)
    result = CliRunner().invoke(command, arguments)
    os.close(lock)
    assert "the switch runs" in result.output


def test_a_machine_without_configuration_is_no_patient(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["machine", str(tmp_path), "--data", str(tmp_path)])
    assert result.exit_code == 2
