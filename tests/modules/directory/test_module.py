from __future__ import annotations

from pathlib import Path

from tests.modules.directory.support import ASKS_LAST, CHOOSE, company


async def test_a_name_changed_by_reloadxml_is_found_by_the_next_caller(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"
        file = tmp_path / "conf/freeswitch.xml"
        file.write_text(file.read_text().replace("Carl Jones", "Carl Weaver"))
        assert (await c.bench.switch.run_command("reloadxml")).startswith("+OK")
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.hears("directory/dir-no_matching_results")
        await caller.answers(ASKS_LAST, "932#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"


async def test_who_searches_while_the_module_goes_may_end_his_search(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.hears(ASKS_LAST)
        assert await c.bench.switch.modules.unload("mod_directory") is None
        caller.presses("566#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"
