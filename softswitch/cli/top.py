"""``softswitch top``: watch a running switch."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from softswitch.cli.options import data_option, place_options
from softswitch.console.client import Client, Refused
from softswitch.console.place import place

MOST_CALLS = 20


@click.command("top")
@data_option
@place_options
@click.option("-d", "--delay", default=1.0, show_default=True, help="Seconds between two looks.")
@click.option("-n", "--count", default=0, help="End after so many looks; 0 is never.")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON; with -n one a look.")
def command(
    data: Path,
    host: str | None,
    port: int | None,
    password: str | None,
    delay: float,
    count: int,
    as_json: bool,
) -> None:
    """Show calls, rates, registrations, gateways, media and loop lag, again and again."""
    try:
        client = Client(*place(data, host, port, password))
        with closing(client), _line() if as_json else _screen() as show:
            looks = 0
            most = count or (1 if as_json else 0)
            while not most or looks < most:
                if looks:
                    time.sleep(delay)
                looks += 1
                figures = json.loads(client.command("metrics"))
                rows = json.loads(client.command("show channels as json")).get("rows", [])
                show(figures, sorted(rows, key=lambda row: row["created_epoch"])[-MOST_CALLS:])
    except Refused as refused:
        click.echo(f"softswitch top: {refused}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        pass


Show = Callable[[list[dict[str, Any]], list[Mapping[str, str]]], None]


@contextmanager
def _line() -> Iterator[Show]:
    yield lambda figures, calls: click.echo(json.dumps({"figures": figures, "calls": calls}))


@contextmanager
def _screen() -> Iterator[Show]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from softswitch.console.top import Top

    top = Top()
    with Live(Text("…"), console=Console(), auto_refresh=False) as live:
        yield lambda figures, calls: live.update(
            top.screen(figures, calls, time.monotonic()), refresh=True
        )
