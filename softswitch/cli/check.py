"""``softswitch check``: find mistakes in a configuration before it is used."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from softswitch.cli.options import data_option, folder_argument


@click.command("check")
@folder_argument
@click.option("--json", "as_json", is_flag=True, help="Print findings for programs.")
@data_option
def command(folder: Path, as_json: bool, data: Path) -> None:
    """Read the configuration in FOLDER and tell all that is wrong with it.

    Exits with 0 where nothing but notes is found, 1 with warnings, 2 where no switch could
    start with it: it has errors, or FOLDER holds no configuration.
    """
    from softswitch.cli.progress import Progress
    from softswitch.cli.variables import known_variables
    from softswitch.config.errors import Severity
    from softswitch.config.secrets import FILE_NAME
    from softswitch.lint.check import check

    with Progress("checking", sys.stderr) as progress:
        secrets = (data / FILE_NAME).absolute()
        report = check(folder, known_variables(folder, data), secrets, progress.tell)
    if as_json:
        click.echo(json.dumps([finding.as_dict() for finding in report.findings], indent=2))
    else:
        for finding in report.findings:
            click.echo(str(finding))
        counts = [f"{report.count(kind)} {kind}s" for kind in reversed(Severity)]
        files = len(report.configuration.files) if report.configuration else 0
        click.echo(f"{folder}: {files} files, {', '.join(counts)}")
    sys.exit(2 if not report.usable else 0 if report.ok else 1)
