"""``softswitch doctor``: find out why something does not work on this machine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from softswitch.cli.folders import conf_folder
from softswitch.cli.options import FOLDER, data_option


@click.group("doctor")
def command() -> None:
    """Find out why something does not work on this machine."""


@command.command("nat")
@click.argument("folder", type=FOLDER, default=conf_folder)
@data_option
def nat(folder: Path, data: Path) -> None:
    """Tell which addresses each SIP profile in FOLDER writes into SIP and SDP, and why.

    Asks the name servers and STUN servers that the profiles name. Exits with 0 where all is
    well, 1 where somebody will hear nothing, 2 where the configuration cannot be read.
    """
    from softswitch.cli.variables import known_variables
    from softswitch.config.errors import ConfigurationErrors
    from softswitch.config.store import ConfigurationStore
    from softswitch.endpoints.sip.nat_report import report

    try:
        store = ConfigurationStore(folder, known_variables(folder, data))
    except ConfigurationErrors as errors:
        for finding in errors.findings:
            click.echo(str(finding), err=True)
        sys.exit(2)
    text, well = asyncio.run(report(store.current, store.globals))
    click.echo(text)
    sys.exit(0 if well else 1)
