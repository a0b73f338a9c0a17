"""``softswitch run``: the switch in the foreground."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from softswitch.cli.options import conf_option, data_option
from softswitch.log import LEVELS


@click.command("run")
@conf_option
@data_option
@click.option("--log-level", type=click.Choice(list(LEVELS)), help="How much to log.")
@click.option("--console", is_flag=True, help="Open a console here; shutdown stops the switch.")
def command(conf: Path, data: Path, log_level: str | None, console: bool) -> None:
    """Start the switch in the foreground; Ctrl-C stops it.

    With --console Ctrl-C only throws away what is typed.
    """
    from softswitch.main import run

    sys.exit(run(conf, data, log_level, console))
