"""Options that several subcommands have."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from softswitch.cli.folders import conf_folder, data_folder

P = ParamSpec("P")
FOLDER = click.Path(file_okay=False, path_type=Path)

conf_option = click.option(
    "--conf",
    type=FOLDER,
    default=conf_folder,
    show_default="the shipped conf/",
    help="Folder with the configuration.",
)
data_option = click.option(
    "--data",
    type=FOLDER,
    default=data_folder,
    show_default="data/",
    help="Folder for secrets, recordings and databases.",
)


def place_options(command: Callable[P, None]) -> Callable[P, None]:
    """Where the switch to talk to is; by default the one that runs on the data folder."""
    for option in (
        click.option("-p", "--password", help="Its password; else what the switch itself left."),
        click.option("-P", "--port", type=int, help="Its event socket's port."),
        click.option("-H", "--host", help="Where the switch is; else the one that runs."),
    ):
        command = option(command)
    return command


def folder_argument(command: Callable[Concatenate[Path, P], None]) -> Callable[..., None]:
    """The configuration as FOLDER, or as ``--conf`` as the other subcommands have it."""

    @click.argument("folder", type=FOLDER, required=False)
    @conf_option
    @functools.wraps(command)
    def both(folder: Path | None, conf: Path, *args: P.args, **kwargs: P.kwargs) -> None:
        command(folder or conf, *args, **kwargs)

    return both
