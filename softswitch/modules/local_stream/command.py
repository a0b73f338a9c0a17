"""Stations of ``mod_local_stream``: ``local_stream``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.modules.local_stream.module import LocalStreams
    from softswitch.modules.local_stream.station import Station

MODULE: Loadable[LocalStreams] = Loadable("mod_local_stream")
SYNTAX = "show|start|reload|stop|hup <local_stream_name>"


@command(
    "local_stream",
    syntax=SYNTAX,
    module=MODULE.name,
)
async def local_stream(call: CommandCall, arguments: str) -> str:
    """Show the stations of local_stream.conf, begin or end one, read its folder anew."""
    action, _, name = arguments.strip().partition(" ")
    name = name.strip()
    streams = MODULE.running(call.switch)
    match action.lower(), name:
        case "show", "":
            return "".join(
                f"{station.name},{station.settings.path}\n" for station in streams.stations.values()
            )
        case "show", _:
            station = streams.stations.get(name)
            return _describe(station) if station else f"-ERR Cannot locate local_stream {name}!\n"
        case (("start" | "reload"), str()) if name:
            begun = streams.begin(name)
            return f"+OK stream: {name}\n" if begun else f"-ERR there is no stream {name}\n"
        case "hup", str() if name:
            station = streams.stations.get(name)
            if station is None:
                return f"-ERR Cannot locate local_stream {name}!\n"
            station.restart()
            return f"+OK hup stream: {name}\n"
        case "stop", str() if name:
            ended = await streams.end(name)
            return "+OK\n" if ended else f"-ERR Cannot locate local_stream {name}!\n"
    return f"-USAGE: {SYNTAX}\n"


def _describe(station: Station) -> str:
    settings = station.settings
    rows = {
        "location:": settings.path,
        "channels:": "1",
        "rate:": str(settings.rate),
        "shuffle:": str(settings.shuffle).lower(),
        "listeners:": str(station.listeners),
        "stopped:": str(station.stopped).lower(),
    }
    lines = [f"  {name:<10}{value}\n" for name, value in rows.items()]
    return "".join([f"{station.name}\n", *lines])
