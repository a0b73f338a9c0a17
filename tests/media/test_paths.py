"""Which file a path means."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.media.paths import find_file
from softswitch.media.source import SourceError


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_the_folder_of_the_listeners_rate_comes_first(tmp_path: Path) -> None:
    put(tmp_path, "8000/a.wav", "16000/a.wav", "48000/a.wav", "a.wav")
    assert find_file(tmp_path / "a.wav", 16000) == tmp_path / "16000/a.wav"
    assert find_file(tmp_path / "a.wav", 8000) == tmp_path / "8000/a.wav"


def test_without_it_the_best_recording_is_taken_and_then_the_plain_file(tmp_path: Path) -> None:
    put(tmp_path, "8000/a.wav", "32000/a.wav", "a.wav", "b.wav")
    assert find_file(tmp_path / "a.wav", 16000) == tmp_path / "32000/a.wav"
    assert find_file(tmp_path / "b.wav", 16000) == tmp_path / "b.wav"


def test_a_missing_extension_is_wav_or_that_of_a_codec(tmp_path: Path) -> None:
    put(tmp_path, "x/8000/a.wav", "x/b.PCMA")
    assert find_file(tmp_path / "x/a", 8000) == tmp_path / "x/8000/a.wav"
    assert find_file(tmp_path / "x/b", 8000) == tmp_path / "x/b.PCMA"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.wav", "no such file"), ("none", "no such file"), ("folder", "it is a folder")],
)
def test_what_is_no_file_is_an_error_with_its_reason(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(SourceError, match=reason):
        find_file(tmp_path / name, 8000)


def test_a_path_that_cannot_be_one_is_an_error() -> None:
    with pytest.raises(SourceError, match="no such file"):
        find_file(Path("/tmp/\0.wav"), 8000)
    with pytest.raises(SourceError, match="too long"):
        find_file(Path("/tmp/" + "x" * 5000 + ".wav"), 8000)


def test_extensions_that_are_asked_for_go_before_the_usual_ones(tmp_path: Path) -> None:
    put(tmp_path, "a.wav", "a.PCMU", "b.wav", "b.gsm", "c.wav")
    wished = (".PCMU", ".gsm")
    found = [find_file(tmp_path / name, 8000, wished).name for name in ("a", "b", "c", "a.wav")]
    assert found == ["a.PCMU", "b.gsm", "c.wav", "a.wav"]
