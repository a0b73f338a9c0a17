"""``softswitch logs``: the lines of one call out of the log files, old ones too."""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import click

from softswitch.cli.options import conf_option, data_option

SHORTEST = 8
"""So much of a uuid names a call."""
_HEAD = re.compile(r"(?:(?P<uuid>[0-9a-f]{8}-[0-9a-f-]{27}) )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.")
_NUMBER = re.compile(r"\.(\d+)(?:\.gz)?$")


@click.command("logs")
@click.argument("uuid")
@click.argument("files", nargs=-1, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--mentions", is_flag=True, help="Also lines of others that name the call.")
@conf_option
@data_option
def command(uuid: str, files: tuple[Path, ...], mentions: bool, conf: Path, data: Path) -> None:
    """Show the log lines of the call UUID; its first eight characters are enough.

    They are looked for in FILES, or in those of logfile.conf and the old ones beside them, the
    oldest first. Exits with 1 where there is none.
    """
    if len(uuid) < SHORTEST:
        raise click.BadParameter(f"give at least the first {SHORTEST} characters")
    found = 0
    for path in files or _configured(conf, data):
        try:
            with _opened(path) as file:
                for entry in matching(file, uuid.lower(), mentions=mentions):
                    click.echo(entry, nl=False)
                    found += 1
        except OSError as error:
            click.echo(f"softswitch logs: {path}: {error.strerror or error}", err=True)
    if not found:
        click.echo(f"no line of {uuid} is in the log files", err=True)
        sys.exit(1)


def matching(lines: Iterable[str], uuid: str, *, mentions: bool = False) -> Iterator[str]:
    """The entries of a call, each with the lines that belong to it."""
    wanted = False
    for line in lines:
        if line.startswith("{"):
            wanted = _of_json(line).startswith(uuid) or (mentions and uuid in line)
        elif head := _HEAD.match(line):
            wanted = (head["uuid"] or "").startswith(uuid) or (mentions and uuid in line)
        if wanted:
            yield line


def with_old(path: Path) -> list[Path]:
    """A log file and the old ones that rotation left beside it, the oldest first."""
    old = [
        (int(number[1]), one)
        for one in path.parent.glob(f"{path.name}.*")
        if (number := _NUMBER.search(one.name))
    ]
    return [*(one for _, one in sorted(old, reverse=True)), path]


def _of_json(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return ""
    return str(entry.get("uuid", "")) if isinstance(entry, dict) else ""


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="backslashreplace")
    return path.open(encoding="utf-8", errors="backslashreplace")


def _configured(conf: Path, data: Path) -> list[Path]:
    from softswitch.cli.variables import known_variables
    from softswitch.config.errors import ConfigurationErrors
    from softswitch.config.settings import read_logfile_settings
    from softswitch.config.store import ConfigurationStore
    from softswitch.modules.logfile.module import FILE_NAME

    try:
        store = ConfigurationStore(conf, known_variables(conf, data))
    except ConfigurationErrors as errors:
        for finding in errors.findings:
            click.echo(str(finding), err=True)
        sys.exit(2)
    folder = Path(store.globals.get("log_dir") or data / "log")
    profiles, _ = read_logfile_settings(store.current)
    paths = {folder / (settings.logfile or FILE_NAME): None for settings in profiles.values()}
    return [each for path in paths for each in with_old(path)]
