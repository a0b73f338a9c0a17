"""``event_socket.conf``: where the event socket listens and who may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator
from softswitch.modules.event_socket.listener import Overflow

WELL_KNOWN = frozenset({"cluecon", "1234", "password", "admin", "freeswitch", "softswitch"})
"""Passwords that everybody tries first; good for clients on this machine only."""


@dataclass(frozen=True, slots=True)
class EventSocketSettings:
    """The settings of the event socket."""

    listen_ip: str = param("listen-ip", "127.0.0.1", help="address to listen on")
    listen_port: int = param(
        "listen-port", 8021, minimum=0, maximum=65535, help="TCP port; 0 takes any free one"
    )
    password: str = param(
        "password", "", help="what clients log in with; the generated secret if empty"
    )
    access_lists: tuple[str, ...] = param(
        "apply-inbound-acl", (), help="a client must be in each; loopback.auto if none is given"
    )
    queue_bytes: int = param(
        "queue-bytes", 16 * 1024 * 1024, minimum=65536, help="events kept for a slow client"
    )
    overflow: str = param(
        "queue-overflow",
        "drop",
        choices=[policy.value for policy in Overflow],
        help="what happens when a client's queue is full",
    )
    max_clients: int = param("max-clients", 200, minimum=1, help="connections at one time")
    accepted: ClassVar[tuple[str, ...]] = ("debug", "nat-map", "stop-on-bind-error")


def read_settings(configuration: Configuration) -> tuple[EventSocketSettings, list[Finding]]:
    """The settings of a configuration and what is wrong with them."""
    element = configuration.configuration("event_socket.conf")
    settings = element.find("settings") if element else None
    return read_params(settings, EventSocketSettings)


register_validator("configuration", lambda configuration: read_settings(configuration)[1])
