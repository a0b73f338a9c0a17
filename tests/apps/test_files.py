from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


async def test_mkdir_makes_folders(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", f"mkdir {tmp_path}/a/b", f"mkdir {tmp_path}/a/b")
    ) as b:
        await b.ended(b.call("1"))
        assert (tmp_path / "a/b").is_dir()


async def test_rename_moves_a_file_over_another(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("new")
    (tmp_path / "there").write_text("before")
    async with bench(tmp_path, extension("1", f"rename {tmp_path}/old {tmp_path}/there")) as b:
        await b.ended(b.call("1"))
        assert (tmp_path / "there").read_text() == "new"
        assert not (tmp_path / "old").exists()


@pytest.mark.parametrize(
    "action", ["mkdir", "mkdir /dev/null/a", "rename", "rename a", "rename /nosuch/a /nosuch/b"]
)
async def test_what_cannot_be_done_is_logged(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{action.partition(' ')[0]}: " in caplog.text
