"""Files that are read again when the configuration was."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.after_reload import AfterReload
from tests.support.switch import bench


async def test_a_file_is_read_after_each_reload_until_that_is_cancelled(tmp_path: Path) -> None:
    read: list[int] = []
    async with bench(tmp_path) as b:

        async def load() -> None:
            read.append(b.switch.generation.number)

        reload = AfterReload(b.switch, "a.conf", load)
        assert (read, repr(reload)) == ([], "<AfterReload a.conf>")
        for count in (1, 2):
            await b.switch.reload()
            await b.after(0.1)
            assert len(read) == count
        assert read[0] < read[1], "it finds the new configuration"
        reload.cancel()
        reload.cancel()
        await b.switch.reload()
        await b.after(0.1)
        assert len(read) == 2


async def test_a_file_that_cannot_be_read_is_told_by_its_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path) as b:

        async def load() -> None:
            raise OSError("gone")

        AfterReload(b.switch, "a.conf", load)
        await b.switch.reload()
        await b.after(0.1)
        assert "reload a.conf failed" in caplog.text
        assert b.switch.tasks == 0
