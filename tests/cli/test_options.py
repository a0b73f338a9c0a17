from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from softswitch.cli.options import conf_option, data_option, folder_argument


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


@click.command()
@folder_argument
def _read(folder: Path) -> None:
    click.echo(str(folder))


@pytest.mark.parametrize(
    ("given", "read"), [([], "/a"), (["/b"], "/b"), (["--conf", "/b"], "/b")], ids=str
)
def test_a_folder_is_written_with_an_option_or_without(
    monkeypatch: pytest.MonkeyPatch, given: list[str], read: str
) -> None:
    monkeypatch.setenv("SOFTSWITCH_CONF", "/a")
    assert CliRunner().invoke(_read, given).output == f"{read}\n"
