from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from softswitch.cli.options import conf_option, data_option


@click.command()
@conf_option
@data_option
def _show(conf: Path, data: Path) -> None:
    click.echo(f"{conf} {data}")


def test_folders_come_from_options_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOFTSWITCH_CONF", "/a")
    monkeypatch.setenv("SOFTSWITCH_DATA", "/b")
    assert CliRunner().invoke(_show, ["--data", "/c"]).output == "/a /c\n"


def test_a_file_is_no_folder() -> None:
    assert CliRunner().invoke(_show, ["--conf", __file__]).exit_code == 2
