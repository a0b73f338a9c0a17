from __future__ import annotations

from pathlib import Path

from softswitch.switch.folders import Folders


def test_recordings_lie_among_the_data(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "conf", tmp_path / "data", tmp_path / "sounds")
    assert folders.recordings == tmp_path / "data" / "recordings"
