from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from softswitch.db.lock import FILE, InUse, hold


def test_a_folder_is_held_until_its_holder_is_gone(tmp_path: Path) -> None:
    first = hold(tmp_path)
    with pytest.raises(InUse, match=f"runs on {tmp_path} already"):
        hold(tmp_path)
    os.close(first)
    os.close(hold(tmp_path))
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
