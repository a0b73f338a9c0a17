"""One generation of the configuration with all that is made of it; swapped as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.document import Configuration
from softswitch.config.settings import SwitchSettings, read_switch_settings
from softswitch.config.timezones import TimeZones, read_timezones
from softswitch.config.validators import register_validator
from softswitch.dialplan.model import Dialplan
from softswitch.dialplan.xml import read_dialplan
from softswitch.directory.lookup import Directory
from softswitch.directory.validate import validate_directory
from softswitch.switch.acl import AccessLists
from softswitch.switch.opus_settings import OpusSettings, read_opus_settings


@dataclass(frozen=True, slots=True)
class Generation:
    """What calls look things up in. A call that began keeps working across a swap, since it
    reads the running generation anew at each step and no step spans two."""

    configuration: Configuration
    dialplan: Dialplan
    directory: Directory
    acl: AccessLists
    settings: SwitchSettings
    zones: TimeZones
    opus: OpusSettings

    @property
    def number(self) -> int:
        return self.configuration.number


def build(configuration: Configuration) -> Generation:
    """Everything derived from a configuration; what is wrong with it the validators told."""
    directory = Directory.from_configuration(configuration)
    return Generation(
        configuration,
        read_dialplan(configuration)[0],
        directory,
        AccessLists.from_configuration(configuration, directory),
        read_switch_settings(configuration)[0],
        read_timezones(configuration)[0],
        read_opus_settings(configuration)[0],
    )


register_validator("dialplan", lambda configuration: read_dialplan(configuration)[1])
register_validator("directory", validate_directory)
