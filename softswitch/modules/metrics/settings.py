"""``metrics.conf``: where figures are shown."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """The settings of the figures' web server."""

    listen_ip: str = param("listen-ip", "127.0.0.1", help="address to listen on")
    listen_port: int = param(
        "listen-port", 9282, minimum=0, maximum=65535, help="TCP port; 0 takes any free one"
    )
    most_lag: float = param(
        "most-lag", 1.0, unit=Unit.SECONDS, help="a loop that was this late is not well"
    )


def read_settings(configuration: Configuration) -> tuple[MetricsSettings, list[Finding]]:
    """The settings of a configuration and what is wrong with them."""
    element = configuration.configuration("metrics.conf")
    return read_params(element.find("settings") if element else None, MetricsSettings)


register_validator("configuration", lambda configuration: read_settings(configuration)[1])
