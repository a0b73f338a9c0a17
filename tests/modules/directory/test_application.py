from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import modules
from softswitch.switch.causes import HangupCause
from tests.modules.directory.support import ASKS_FIRST, ASKS_LAST, CHOOSE, DOMAIN, company
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "reached"),
    [
        (f"default {DOMAIN} default", "1002"),
        (f"default {DOMAIN} XML default", "1002"),
        (f"default {DOMAIN}", "by-domain"),
    ],
)
async def test_the_call_goes_to_the_context_that_is_named_or_to_that_of_the_domain(
    tmp_path: Path, data: str, reached: str
) -> None:
    async with company(tmp_path, data=data) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == reached


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("", "<profile_name> <domain_name>"),
        ("default", "<profile_name> <domain_name>"),
        (f"nosuch {DOMAIN}", "there is no profile 'nosuch', there are: default"),
        ("default nosuch.test", "there is no domain 'nosuch.test'"),
    ],
)
async def test_mistakes_are_told_and_the_dialplan_goes_on(
    tmp_path: Path, data: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with company(tmp_path, data=data) as c:
        caller = c.call()
        session = await c.bench.ended(caller.session)
        assert told in caplog.text
        assert session.get("after") == "yes"


async def test_without_the_module_it_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    modules.discover()
    async with bench(tmp_path, extension("1", "directory default x", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert "mod_directory is not loaded" in caplog.text
        assert session.channel.hangup_cause is HangupCause.DESTINATION_OUT_OF_ORDER


@pytest.mark.parametrize(
    ("order", "asked"),
    [
        ("first_name", ASKS_FIRST),
        ("FIRST_AND_LAST_NAME", ASKS_FIRST),
        ("last_name", ASKS_LAST),
        ("nonsense", ASKS_LAST),
    ],
)
async def test_a_call_may_have_an_order_of_its_own(tmp_path: Path, order: str, asked: str) -> None:
    async with company(tmp_path) as c:
        caller = c.call(directory_search_order=order)
        await caller.hears("directory/dir-enter_person", asked)
        assert caller.heard[1] == asked
        caller.hangs_up()
        await c.bench.ended(caller.session)


async def test_either_name_may_be_dialled(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call(directory_search_order="first_and_last_name")
        # Anna Smith by her last name, where the first one is asked for.
        await caller.answers(ASKS_FIRST, "76484#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1000"


@pytest.mark.parametrize(("group", "found"), [("sales", True), ("nosuch", False)])
async def test_a_search_may_be_about_one_group(tmp_path: Path, group: str, found: bool) -> None:
    async with company(tmp_path) as c:
        caller = c.call(directory_group_selection=group)
        await caller.answers(ASKS_LAST, "764#")
        await caller.hears("directory/dir-no_matching_results")
        await caller.answers(ASKS_LAST, "762#")
        if found:
            await caller.answers(CHOOSE, "1")
            assert await c.reached(caller) == "1001"
        else:
            await caller.hears("directory/dir-no_matching_results")
            caller.hangs_up()
            await c.bench.ended(caller.session)
