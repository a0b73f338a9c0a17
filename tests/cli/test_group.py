from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from softswitch import __version__
from softswitch.cli.group import COMMANDS, softswitch


def test_help_lists_every_subcommand() -> None:
    result = CliRunner().invoke(softswitch, ["--help"])
    assert result.exit_code == 0
    for name, text in COMMANDS.items():
        assert f"  {name}" in result.output
        assert text in result.output


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "console"])
def test_every_subcommand_has_help(name: str) -> None:
    assert CliRunner().invoke(softswitch, [name, "--help"]).exit_code == 0


def test_the_version_is_told() -> None:
    assert __version__ in CliRunner().invoke(softswitch, ["--version"]).output


def test_an_unknown_subcommand_is_a_mistake_of_usage() -> None:
    assert CliRunner().invoke(softswitch, ["nonsense"]).exit_code == 2


def test_listing_imports_no_subcommand() -> None:
    script = (
        "import sys; sys.argv = ['softswitch', '--help']\n"
        "from softswitch.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith(('softswitch.switch', 'lxml'))])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert ran.stdout.endswith("[]\n")
