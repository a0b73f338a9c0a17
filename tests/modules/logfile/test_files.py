"""One log file: its lines, its rotation, and that it never waits."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from softswitch.config.settings import LogfileSettings
from softswitch.log import CallLogger
from softswitch.modules.logfile import background
from softswitch.modules.logfile.files import LogFile


def written(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_a_line_of_a_call_begins_with_its_id_and_hides_secrets(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "log" / "x.log", LogfileSettings(), {"info", "err"})
    CallLogger("softswitch.call", "1234-5678", "sofia/a").warning("password=hush")
    logging.getLogger("softswitch.x").error("broken %d", 7)
    logging.getLogger("softswitch.x").debug("not wanted")
    file.close()
    call, plain = written(tmp_path / "log" / "x.log")
    assert call.startswith("1234-5678 20")
    assert "hush" not in call
    assert re.search(r"\[ERR\] test_files\.py:\d+ broken 7$", plain)


def test_without_uuid_no_id_is_written(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", LogfileSettings(uuid=False), {"info"})
    CallLogger("softswitch.call", "1234-5678", "sofia/a").warning("hello")
    file.close()
    assert written(tmp_path / "x.log")[0].startswith("20")


def test_an_exception_is_written_with_its_traceback(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", LogfileSettings(), {"info"})
    try:
        raise ValueError("gone wrong")
    except ValueError:
        logging.getLogger("softswitch.x").exception("failed")
    file.close()
    assert written(tmp_path / "x.log")[-1] == "    ValueError: gone wrong"


def test_a_file_that_is_full_makes_room_and_the_oldest_goes(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", LogfileSettings(rollover=2000, maximum_rotate=2), {"info"})
    for number in range(100):
        logging.getLogger("softswitch.x").warning("line %d %s", number, "x" * 40)
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.log", "x.log.1", "x.log.2"]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())


def test_rotating_loses_no_line(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", LogfileSettings(), {"info"})
    logging.getLogger("softswitch.x").warning("before")
    file.rotate()
    logging.getLogger("softswitch.x").warning("after")
    file.close()
    assert "before" in written(tmp_path / "x.log.1")[0]
    assert "after" in written(tmp_path / "x.log")[0]


def test_lines_beyond_the_queue_are_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_LINES", 5)
    file = LogFile(tmp_path / "x.log", LogfileSettings(), {"info"})
    file._background.pause()
    for number in range(12):
        logging.getLogger("softswitch.x").warning("line %d", number)
    assert file.dropped == 7
    file.close()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        LogFile(tmp_path / "file" / "x.log", LogfileSettings(), {"info"})


def test_a_folder_that_was_moved_away_is_made_again(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    file = LogFile(folder / "x.log", LogfileSettings(), {"info"})
    folder.rename(tmp_path / "gone")
    file.rotate()
    logging.getLogger("softswitch.x").error("here")
    file.close()
    assert written(folder / "x.log")[0].endswith("here")


def test_after_a_rotation_that_failed_lines_are_written_as_soon_as_they_can(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "log"
    file = LogFile(folder / "x.log", LogfileSettings(), {"info"})
    folder.rename(tmp_path / "gone")
    folder.write_text("in the way")
    with pytest.raises(OSError):
        file.rotate()
    folder.unlink()
    logging.getLogger("softswitch.x").error("here")
    file.close()
    assert written(folder / "x.log")[0].endswith("here")


def test_a_full_disk_is_told_once_and_keeps_nobody_from_ending(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = LogFile(Path("/dev/full"), LogfileSettings(), {"info"})
    for number in range(3):
        logging.getLogger("softswitch.x").error("line %d", number)
    file.close()
    told = capsys.readouterr().err
    assert told.count("the log file /dev/full is not written: [Errno 28]") == 1
    assert "Traceback" not in told
