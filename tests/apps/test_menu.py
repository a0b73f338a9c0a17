from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension

MENU = """<configuration name="ivr.conf"><menus><menu name="m" timeout="1000" max-timeouts="1"/>
</menus></configuration>"""


async def test_ivr_runs_a_menu_and_the_dialplan_goes_on(tmp_path: Path) -> None:
    actions = ("answer", "ivr m", "set after=yes")
    async with bench(tmp_path, extension("1", *actions), configuration=MENU) as b:
        session = await b.ended(b.call("1"))
        assert session.get("ivr_menu_status") == "timeout"
        assert session.get("after") == "yes"


async def test_a_menu_needs_a_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench(tmp_path, extension("1", "answer", "ivr", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "ivr: <menu_name> is missing" in caplog.text
