"""``logfile.conf`` in a running switch."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from softswitch.modules.logfile.module import LogFiles
from softswitch.switch import modules
from tests.support.switch import bench

CONFIGURATION = """<configuration name="logfile.conf"><settings>
<param name="rotate-on-hup" value="{hup}"/></settings><profiles><profile name="default">
<settings>{settings}</settings><mappings><map name="all" value="warning,err"/></mappings>
</profile></profiles></configuration>"""


@pytest.mark.virtual_time
@pytest.mark.parametrize(("hup", "rotated"), [("true", True), ("false", False)])
async def test_the_file_is_written_and_rotated_by_hup(
    tmp_path: Path, hup: str, rotated: bool
) -> None:
    modules.discover()
    text = CONFIGURATION.format(hup=hup, settings="")
    async with bench(tmp_path, configuration=text) as b:
        assert await b.switch.modules.load("mod_logfile") is None
        logging.getLogger("softswitch.x").warning("first")
        module = b.switch.modules.running["mod_logfile"]
        assert isinstance(module, LogFiles)
        await module.hup()
        logging.getLogger("softswitch.x").info("below the mapping")
        logging.getLogger("softswitch.x").warning("second")
        assert await b.switch.modules.unload("mod_logfile") is None
    lines = (tmp_path / "log" / "softswitch.log").read_text()
    assert ("first" in lines) is not rotated
    assert "second" in lines
    assert "below" not in lines
    assert (tmp_path / "log" / "softswitch.log.1").exists() is rotated


@pytest.mark.virtual_time
async def test_a_file_that_cannot_be_opened_is_told_and_calls_go_on(tmp_path: Path) -> None:
    modules.discover()
    wrong = '<param name="logfile" value="/proc/none/x.log"/>'
    async with bench(tmp_path, configuration=CONFIGURATION.format(hup="true", settings=wrong)) as b:
        refusal = await b.switch.modules.load("mod_logfile")
        assert refusal is not None
        assert "/proc/none" in refusal
        assert not b.switch.modules.exists("mod_logfile")
