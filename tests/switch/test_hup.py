from __future__ import annotations

from pathlib import Path

from softswitch.switch.hup import handle_hup
from softswitch.switch.switch import Switch
from tests.support.switch import bench


class _Files:
    """A module that writes files."""

    begun = 0

    async def start(self, switch: Switch) -> None: ...
    async def stop(self) -> None: ...

    async def hup(self) -> None:
        self.begun += 1


class _FullDisk(_Files):
    async def hup(self) -> None:
        raise OSError("no space is left")


async def test_files_are_begun_anew_where_the_disk_has_room(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        files, before = _Files(), b.switch.generation
        b.switch.modules.running |= {"mod_full": _FullDisk(), "mod_files": files}
        await handle_hup(b.switch)
        assert files.begun == 1
        assert b.switch.generation is not before
        (trap,) = [event for event in b.events if event.name == "TRAP"]
        assert trap.headers["Trapped-Signal"] == "HUP"
