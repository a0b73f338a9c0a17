from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.running import FILE_NAME, Place, find, forget, leave


def test_what_a_switch_left_is_found_until_it_stops(tmp_path: Path) -> None:
    assert find(tmp_path) is None
    leave(tmp_path, Place("127.0.0.1", 9021, "first"))
    place = Place("::1", 9022, " a b: <c>")
    leave(tmp_path, place)
    assert find(tmp_path) == place
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
    forget(tmp_path)
    forget(tmp_path)
    assert find(tmp_path) is None


def test_only_its_owner_reads_it_also_where_one_was_readable_before(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("")
    (tmp_path / FILE_NAME).chmod(0o644)
    leave(tmp_path, Place("127.0.0.1", 1, "x"))
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "127.0.0.1", "127.0.0.1\nx\ny\n", "\n1\nx\n"])
def test_what_no_switch_wrote_is_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert find(tmp_path) is None
