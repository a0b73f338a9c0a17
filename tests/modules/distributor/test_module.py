from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.support.switch import DOCUMENT, bench

pytestmark = pytest.mark.virtual_time
ONE = (
    '<configuration name="distributor.conf"><lists><list name="{0}"><node name="x" weight="1"/>'
    "</list></lists></configuration>"
)


async def test_new_lists_count_after_a_reload_of_theirs(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=ONE.format("a")) as b:
        run = b.switch.run_command
        assert await b.switch.modules.load("mod_distributor") is None

        async def write(configuration: str) -> None:
            text = DOCUMENT.format(
                configuration=configuration, dialplan="", directory="", languages=""
            )
            (tmp_path / "conf/freeswitch.xml").write_text(text)
            assert (await run("reloadxml")).startswith("+OK")

        await write(ONE.format("b"))
        assert await run("distributor a") == "x", "rounds go on across a reload of the rest"
        assert await run("distributor_ctl reload") == "+OK reloaded.\n"
        assert await run("distributor a") == "-err" and await run("distributor b") == "x"
        await write("")
        assert await run("distributor_ctl reload") == "-error\n"
        assert await run("distributor b") == "x", "the lists before stay"
        assert await b.switch.modules.unload("mod_distributor") is None
        assert "not loaded" in await run("distributor b")


async def test_it_starts_without_its_file(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path) as b:
        assert await b.switch.modules.load("mod_distributor") is None
        assert await b.switch.run_command("distributor a") == "-err"
