"""The module ``mod_local_stream``: the stations that ``local_stream.conf`` names."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from softswitch.media.interface import NativeSource
from softswitch.media.source import FileRequest, SourceError
from softswitch.modules.local_stream import command
from softswitch.modules.local_stream.settings import StationSettings, read_stations
from softswitch.modules.local_stream.station import Station
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

SCHEME = "local_stream"
DEFAULT = "default"


@module(command.MODULE.name, settings=StationSettings)
class LocalStreams:
    """Music that all who listen to it hear at the same moment."""

    def __init__(self) -> None:
        self.stations: dict[str, Station] = {}
        self._switch: Switch | None = None

    async def start(self, switch: Switch) -> None:
        """Begin all stations."""
        self._switch = switch
        for name in read_stations(switch.generation.configuration)[0]:
            self.begin(name)
        switch.engine.openers[SCHEME] = self.open

    async def stop(self) -> None:
        """End all stations."""
        if self._switch is None:
            return
        self._switch.engine.openers.pop(SCHEME, None)
        for name in list(self.stations):
            await self.end(name)

    def begin(self, name: str) -> bool:
        """Begin a station of the configuration, or begin it anew; False where there is none."""
        switch = self._switch
        assert switch is not None, "modules are started before anything is asked of them"
        settings = read_stations(switch.generation.configuration)[0].get(name)
        if settings is None:
            return False
        old = self.stations.get(name)
        live = switch.engine.open_live(settings.rate)
        sounds = Path(switch.globals.get("sounds_dir") or switch.folders.sounds)
        station = self.stations[name] = Station(name, settings, live, sounds)
        Thread(target=station.prepare, name=f"prepare {name}", daemon=True).start()
        if old is not None:
            switch.loop.run_in_executor(None, old.close)
        return True

    async def end(self, name: str) -> bool:
        """End a station; False where it does not run."""
        station = self.stations.pop(name, None)
        if station is None or self._switch is None:
            return False
        await self._switch.loop.run_in_executor(None, station.close)
        return True

    async def open(self, request: FileRequest) -> NativeSource:
        """What plays ``local_stream://<name>``: the station of the listener's rate, else any."""
        name = request.specification.body.strip()
        names = [f"{name}/{request.rate}", name]
        if DEFAULT not in name:
            names += [f"{DEFAULT}/{request.rate}", DEFAULT]
        for known in names:
            station = self.stations.get(known)
            if station is not None:
                return station.listen()
        raise SourceError(request.specification, "there is no such station.")
