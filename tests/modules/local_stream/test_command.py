from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.modules.local_stream.test_module import CONF
from tests.support.switch import bench


@pytest.mark.virtual_time
async def test_stations_are_shown_and_steered(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=CONF.format(tmp_path)) as b:
        run = b.switch.run_command
        assert "not loaded" in await run("local_stream show")
        assert await b.switch.modules.load("mod_local_stream") is None
        assert await run("local_stream show") == (
            f"moh/16000,{tmp_path}\nmoh,{tmp_path}\ndefault,{tmp_path}\n"
        )
        shown = await run("local_stream show moh/16000")
        assert shown.startswith("moh/16000\n") and "  rate:     16000\n" in shown
        assert await run("local_stream hup moh") == "+OK hup stream: moh\n"
        assert await run("local_stream stop moh") == "+OK\n"
        assert await run("local_stream start moh") == "+OK stream: moh\n"
        assert await run("local_stream reload moh") == "+OK stream: moh\n"
        for action in ("show", "hup", "stop"):
            assert (await run(f"local_stream {action} no")).startswith("-ERR Cannot locate")
        assert (await run("local_stream start no")).startswith("-ERR there is no stream")
        assert (await run("local_stream")).startswith("-USAGE: show|start")
