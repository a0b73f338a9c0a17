from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("actions", "value"),
    [
        (["hash insert/r/k/v"], "v"),
        (["hash insert/r/k/a/b"], "a/b"),
        (["hash insert/r/k/v", "hash insert_ifempty/r/k/w"], "v"),
        (["hash insert_ifempty/r/k/w"], "w"),
        (["hash insert/r/k/v", "hash delete/r/k"], None),
        (["hash insert/r/k/v", "hash delete_ifmatch/r/k/w"], "v"),
        (["hash insert/r/k/v", "hash delete_ifmatch/r/k/v"], None),
    ],
)
async def test_hash_changes_the_shared_table(
    tmp_path: Path, actions: list[str], value: str | None
) -> None:
    async with bench(tmp_path, extension("1", *actions, "set seen=${hash(select/r/k)}")) as b:
        session = await b.ended(b.call("1"))
        assert b.switch.stores.hash.select("r", "k") == value
        assert session.get("seen") == value


async def test_db_and_group_change_what_all_calls_share(tmp_path: Path) -> None:
    actions = (
        "db insert/r/k/v",
        "db insert/r/gone/v",
        "db delete/r/gone",
        "group insert:g:user/1000",
        "group insert:g:user/1001",
        "group delete:g:user/1000",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        await b.ended(b.call("1"))
        assert b.switch.stores.database.items() == [("r", "k", "v")]
        assert b.switch.stores.groups.members("g") == ["user/1001"]


@pytest.mark.parametrize(
    "action",
    [
        "hash",
        "hash select/r/k",
        "hash insert/r",
        "hash insert/r/k",
        "hash insert_ifempty/r/k/",
        "db",
        "db insert/r/k",
        "group",
        "group x:y:z",
    ],
)
async def test_bad_data_is_logged(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{action.partition(' ')[0]}: " in caplog.text
