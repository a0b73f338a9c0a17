"""``python.conf``: where the operator's own applications are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator

FOLDER = "python"
"""The folder below that of the configuration, where no other is named."""


@dataclass(frozen=True, slots=True)
class PythonSettings:
    """``python.conf``: Python files with applications and commands of your own."""

    folder: str = param("folder", "", help="folder of the files; python below conf_dir if empty")


def read_settings(configuration: Configuration) -> tuple[PythonSettings, list[Finding]]:
    """The settings, and what is wrong with them."""
    element = configuration.configuration("python.conf")
    return read_params(element.find("settings") if element else None, PythonSettings)


def folder_of(configuration: Configuration) -> Path:
    """Where the files are."""
    settings, _ = read_settings(configuration)
    return configuration.root_file.parent / (settings.folder or FOLDER)


register_validator("configuration", lambda configuration: read_settings(configuration)[1])
