"""The module ``mod_logfile``: the files that ``logfile.conf`` names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import softswitch.modules.logfile.graylog2  # (registers mod_graylog2)
import softswitch.modules.logfile.syslog  # noqa: F401  (registers mod_syslog)
from softswitch.config.settings import LogfileSettings, read_logfile_settings
from softswitch.log import LEVELS
from softswitch.modules.logfile.files import LogFile
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.config.document import Configuration
    from softswitch.switch.switch import Switch

FILE_NAME = "softswitch.log"


@module("mod_logfile", settings=LogfileSettings)
class LogFiles:
    """Writes what is logged to files that rotate by size and by SIGHUP."""

    def __init__(self) -> None:
        self.files: list[LogFile] = []
        self._switch: Switch | None = None

    async def start(self, switch: Switch) -> None:
        """Open the files. Raises OSError where one cannot be written."""
        self._switch = switch
        configuration = switch.generation.configuration
        profiles, _ = read_logfile_settings(configuration)
        folder = Path(switch.globals.get("log_dir") or switch.folders.data / "log")
        try:
            for name, settings in profiles.items():
                path = Path(settings.logfile or FILE_NAME)
                levels = mapped_levels(configuration, name)
                self.files.append(
                    await switch.loop.run_in_executor(
                        None, LogFile, folder / path, settings, levels
                    )
                )
        except OSError:
            await self.stop()
            raise

    async def hup(self) -> None:
        """SIGHUP: begin new files, unless ``rotate-on-hup`` is false."""
        if self._switch is None or not rotates(self._switch.generation.configuration):
            return
        for file in self.files:
            await self._switch.loop.run_in_executor(None, file.rotate)

    async def stop(self) -> None:
        """Write what waits and close the files."""
        files, self.files = self.files, []
        for file in files:
            if self._switch is not None:
                await self._switch.loop.run_in_executor(None, file.close)


def mapped_levels(configuration: Configuration, profile: str) -> set[str]:
    """The levels a profile's ``<mappings>`` ask for; every level where there are none."""
    element = configuration.configuration("logfile.conf")
    profiles = element.find("profiles") if element else None
    found = profiles.find("profile", name=profile) if profiles else None
    mappings = found.find("mappings") if found else None
    named = {
        word.strip().lower()
        for item in (mappings.findall("map") if mappings else ())
        for word in item.get("value", "").split(",")
    }
    return {name for name in named if name in LEVELS}


def rotates(configuration: Configuration) -> bool:
    """Whether a SIGHUP begins new files; it does unless told otherwise."""
    element = configuration.configuration("logfile.conf")
    settings = element.find("settings") if element else None
    wish = settings.find("param", name="rotate-on-hup") if settings else None
    return wish is None or wish.get("value", "").lower() not in ("false", "no", "off", "0")
