"""``softswitch top``: watch a running switch."""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from pathlib import Path

import click

from softswitch.cli.options import data_option

MOST_CALLS = 20


@click.command("top")
@data_option
@click.option("-H", "--host", default="127.0.0.1", show_default=True, help="Where the switch is.")
@click.option("-P", "--port", default=8021, show_default=True, help="Its event socket's port.")
@click.option("-p", "--password", help="The event socket's password; else the generated one.")
@click.option("-d", "--delay", default=1.0, show_default=True, help="Seconds between two looks.")
@click.option("-n", "--count", default=0, help="End after so many looks; 0 is never.")
def command(
    data: Path, host: str, port: int, password: str | None, delay: float, count: int
) -> None:
    """Show calls, rates, registrations, gateways, media and loop lag, again and again."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from softswitch.cli.console import stored_password
    from softswitch.console.client import Client, Refused
    from softswitch.console.top import Top

    console, top = Console(), Top()
    try:
        client = Client(host, port, password or stored_password(data))
        with closing(client), Live(Text("…"), console=console, auto_refresh=False) as live:
            looks = 0
            while not count or looks < count:
                if looks:
                    time.sleep(delay)
                looks += 1
                figures = json.loads(client.command("metrics"))
                rows = json.loads(client.command("show channels as json")).get("rows", [])
                newest = sorted(rows, key=lambda row: row["created_epoch"])[-MOST_CALLS:]
                live.update(top.screen(figures, newest, time.monotonic()), refresh=True)
    except Refused as refused:
        click.echo(f"softswitch top: {refused}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        pass
