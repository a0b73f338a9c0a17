"""``softswitch audit``: what an attacker would find."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from softswitch.cli.options import data_option, folder_argument


@click.command("audit")
@folder_argument
@click.option("--json", "as_json", is_flag=True, help="Print findings for programs.")
@data_option
def command(folder: Path, as_json: bool, data: Path) -> None:
    """Look for weak secrets, open doors and readable files in FOLDER and the data folder.

    Exits with 0 where nothing is found, 1 otherwise, 2 where the configuration cannot be read.
    """
    from softswitch.cli.variables import known_variables
    from softswitch.config.secrets import FILE_NAME
    from softswitch.lint.audit import audit

    secrets = (data / FILE_NAME).absolute()
    report = audit(folder, data, known_variables(folder, data), secrets)
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in report.findings], indent=2))
    else:
        for finding in report.findings:
            click.echo(str(finding))
        found = len(report.findings)
        click.echo(f"{folder}: {found} thing{'' if found == 1 else 's'} to mend")
    sys.exit(2 if not report.usable else 1 if report.findings else 0)
