from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import modules
from tests.support.switch import bench


@pytest.mark.virtual_time
async def test_it_is_loaded_and_unloaded(tmp_path: Path) -> None:
    modules.discover()
    async with bench(tmp_path) as b:
        assert await b.switch.modules.load("mod_esf") is None
        assert b.switch.modules.exists("mod_esf")
        assert await b.switch.modules.unload("mod_esf") is None
        assert not b.switch.modules.exists("mod_esf")
