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


def folder_argument(command: Callable[Concatenate[Path, P], None]) -> Callable[..., None]:
    """The configuration as FOLDER, or as ``--conf`` as the other subcommands have it."""

    @click.argument("folder", type=FOLDER, required=False)
    @conf_option
    @functools.wraps(command)
    def both(folder: Path | None, conf: Path, *args: P.args, **kwargs: P.kwargs) -> None:
        command(folder or conf, *args, **kwargs)

    return both
