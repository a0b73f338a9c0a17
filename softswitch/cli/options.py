"""Options that several subcommands have."""

from __future__ import annotations

from pathlib import Path

import click

from softswitch.cli.folders import conf_folder, data_folder

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
