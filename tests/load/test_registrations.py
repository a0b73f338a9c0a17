"""The long run of registrations, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.registrations import run


async def test_a_short_run_leaves_one_registration_of_each_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(600, tmp_path) == 0
    # The last round was one of those that do not leave again.
    assert "600 registrations in " in capsys.readouterr().out
