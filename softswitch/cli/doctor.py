"""``softswitch doctor``: find out why something does not work on this machine."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softswitch.cli.options import data_option, folder_argument

if TYPE_CHECKING:
    from softswitch.config.document import Configuration


@click.group("doctor")
def command() -> None:
    """Find out why something does not work on this machine."""


@command.command("machine")
@folder_argument
@data_option
def machine(folder: Path, data: Path) -> None:
    """Tell whether this machine has what the configuration in FOLDER asks of it.

    Looks at open files, ports, disk, permissions, socket buffers, the clock and names, for
    whoever runs it: run it as the user of the switch. Exits with 0 where all is well, 1 where
    something is wrong, 2 where the configuration cannot be read.
    """
    import socket

    from softswitch.cli.variables import known_variables
    from softswitch.config.errors import ConfigurationErrors
    from softswitch.config.settings import read_switch_settings
    from softswitch.config.store import ConfigurationStore
    from softswitch.db.lock import FILE, InUse, hold
    from softswitch.lint.machine import Verdict, examine, port_is_free
    from softswitch.modules.event_socket.settings import read_settings

    try:
        store = ConfigurationStore(folder, known_variables(folder, data))
    except ConfigurationErrors as errors:
        for finding in errors.findings:
            click.echo(str(finding), err=True)
        sys.exit(2)
    settings, _ = read_switch_settings(store.current)
    logs = Path(store.globals.get("log_dir") or data / "log")
    verdicts = list(examine(settings, [data, logs], [socket.gethostname()]))
    console, _ = read_settings(store.current)
    try:
        if (data / FILE).exists():
            os.close(hold(data))
        verdicts.append(
            port_is_free("console", console.listen_ip, console.listen_port, socket.SOCK_STREAM)
        )
        verdicts += [
            port_is_free(f"SIP profile {name}", host, port, socket.SOCK_DGRAM)
            for name, host, port in _sip_ports(store.current)
        ]
    except InUse:
        verdicts.append(Verdict(True, "ports: the switch runs and has them"))
    except OSError as error:
        verdicts.append(Verdict(False, f"permissions: {error}"))
    for verdict in verdicts:
        click.echo(str(verdict))
    sys.exit(0 if all(verdict.well for verdict in verdicts) else 1)


@command.command("nat")
@folder_argument
@data_option
def nat(folder: Path, data: Path) -> None:
    """Tell which addresses each SIP profile in FOLDER writes into SIP and SDP, and why.

    Asks the name servers and STUN servers that the profiles name. Exits with 0 where all is
    well, 1 where somebody will hear nothing, 2 where the configuration cannot be read.
    """
    from softswitch.cli.variables import known_variables
    from softswitch.config.errors import ConfigurationErrors
    from softswitch.config.store import ConfigurationStore
    from softswitch.endpoints.sip.nat_report import report

    try:
        store = ConfigurationStore(folder, known_variables(folder, data))
    except ConfigurationErrors as errors:
        for finding in errors.findings:
            click.echo(str(finding), err=True)
        sys.exit(2)
    text, well = asyncio.run(report(store.current, store.globals))
    click.echo(text)
    sys.exit(0 if well else 1)


def _sip_ports(configuration: Configuration) -> Iterator[tuple[str, str, int]]:
    """Name, address and port of the profiles that name an address."""
    element = configuration.configuration("sofia.conf")
    profiles = element.find("profiles") if element else None
    for profile in profiles.findall("profile") if profiles else ():
        settings = profile.find("settings")
        params = {
            item.get("name", ""): item.get("value", "")
            for item in (settings.findall("param") if settings else ())
        }
        host, port = params.get("sip-ip", ""), params.get("sip-port", "")
        if port.isascii() and port.isdigit() and _is_address(host):
            yield profile.get("name", ""), host, int(port)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
