"""``local_stream.conf``: the stations, one ``<directory>`` each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator

FILE = "local_stream.conf"


@dataclass(frozen=True, slots=True)
class StationSettings:
    """One station of ``local_stream.conf``."""

    rate: int = param("rate", 8000, minimum=8000, maximum=48000, help="samples a second")
    shuffle: bool = param("shuffle", False, help="play the files in any order")
    chime_list: tuple[str, ...] = param(
        "chime-list", (), separator=",", help="files that interrupt the music"
    )
    chime_freq: int = param("chime-freq", 30, minimum=0, help="seconds between them")
    chime_max: int = param("chime-max", 0, minimum=0, help="seconds of one at most; 0 all of it")
    path: str = ""
    """The folder with its music."""

    accepted: ClassVar[tuple[str, ...]] = tuple(
        "channels interval timer-name prebuf volume blank-img logo-position logo-opacity".split()
    )


def read_stations(
    configuration: Configuration,
) -> tuple[dict[str, StationSettings], list[Finding]]:
    """The stations by name, and what is wrong with them."""
    element = configuration.configuration(FILE)
    stations: dict[str, StationSettings] = {}
    findings: list[Finding] = []
    for directory in element.findall("directory") if element else ():
        name, path = directory.get("name", ""), directory.get("path", "")
        if not name or not path:
            findings.append(directory.finding("E620", "a station needs a name and a path"))
            continue
        settings, wrong = read_params(directory, StationSettings)
        stations[name] = replace(settings, path=path)
        findings.extend(wrong)
    return stations, findings


register_validator("configuration", lambda configuration: read_stations(configuration)[1])
