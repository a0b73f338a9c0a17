"""All settings that configuration files may hold, from the classes that read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from softswitch import registry
from softswitch.config.params import Parameter, parameters
from softswitch.config.settings import ConsoleSettings, LogfileSettings, SwitchSettings
from softswitch.endpoints.sip.settings import (
    GatewaySettings,
    GlobalSettings,
    ProfileSettings,
    SubscriptionSettings,
)
from softswitch.switch.opus_settings import OpusSettings


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of ``<settings>`` or the like."""

    title: str
    place: str
    """Where its ``<param>`` elements stand."""
    settings: type[Any]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What may be set, in the order of the class."""
        return parameters(self.settings)

    @property
    def files(self) -> tuple[str, ...]:
        """The configurations that it stands in, such as ``sofia.conf``."""
        return tuple(re.findall(r"\b\w+\.conf\b", self.place))

    @property
    def accepted(self) -> tuple[str, ...]:
        """FreeSWITCH's parameters that are known here and have no effect."""
        return tuple(sorted(getattr(self.settings, "accepted", ()), key=str.lower))

    def why_absent(self, name: str) -> str:
        """Why one of ``accepted`` has no effect; empty where that is not said."""
        accepted = getattr(self.settings, "accepted", ())
        if not isinstance(accepted, Mapping):
            return ""
        return next((why for known, why in accepted.items() if known.lower() == name.lower()), "")


CORE = (
    Block("Core", "switch.conf, <settings>", SwitchSettings),
    Block("Console", "console.conf, <settings>", ConsoleSettings),
    Block("Log file", "logfile.conf, <settings> of a <profile>", LogfileSettings),
    Block("Opus", "opus.conf, <settings>", OpusSettings),
    Block("SIP", "sofia.conf, <global_settings>", GlobalSettings),
    Block("SIP profile", "sofia.conf, <settings> of a <profile>", ProfileSettings),
    Block("Gateway", "sofia.conf, <gateway> of a <profile>", GatewaySettings),
    Block("Subscription", "sofia.conf, <subscription> of a <gateway>", SubscriptionSettings),
)
"""Blocks that are always there; modules bring theirs with their registration."""


def blocks() -> tuple[Block, ...]:
    """Every block, those of registered modules behind ``CORE``.

    A settings class says where it stands as ``place``, and what classes belong to it as ``also``.
    """
    brought = (
        Block(
            entry.name,
            f"{entry.name.removeprefix('mod_')}.conf, {getattr(settings, 'place', '<settings>')}",
            settings,
        )
        for entry in registry.module
        if entry.settings is not None
        for settings in (entry.settings, *getattr(entry.settings, "also", ()))
    )
    return (*CORE, *brought)


def find(name: str) -> Iterator[tuple[Block, Parameter | None]]:
    """The blocks that have a parameter of that name; None where it has no effect."""
    wanted = name.lower()
    for block in blocks():
        for parameter in block.parameters:
            if wanted in (n.lower() for n in (parameter.name, *parameter.aliases)):
                yield block, parameter
        if wanted in (accepted.lower() for accepted in block.accepted):
            yield block, None


def default_text(value: object) -> str:
    """A parameter's default as it would be written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(str(item) for item in value)
    return "" if value is None else str(getattr(value, "value", value))


def written_default(parameter: Parameter) -> str:
    """The default in the unit the parameter is written in."""
    if parameter.unit is not None and isinstance(parameter.default, float):
        return f"{parameter.default / parameter.unit.value:g}"
    return default_text(parameter.default)
