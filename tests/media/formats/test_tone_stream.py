"""``tone_stream://``"""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.media.source import SourceError, Tone
from tests.media.formats.requests import ask


def test_the_script_is_what_follows_the_scheme() -> None:
    assert ask("tone_stream://%(100,0,440);loops=2") == Tone("%(100,0,440);loops=2")


def test_a_parameter_may_tell_the_loops() -> None:
    assert ask("{loops=-1}tone_stream://5") == Tone("{loops=-1}5")


def test_a_script_may_be_read_from_the_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "busy.ttml").write_text("v=-10\n%(500,500,480,620)\n")
    assert ask("tone_stream://path=busy.ttml;loops=3", tmp_path) == Tone(
        "v=-10;%(500,500,480,620);loops=3"
    )


def test_a_script_file_that_is_missing_or_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(SourceError, match="not text"):
        ask("tone_stream://path=noise", tmp_path)
    with pytest.raises(OSError):
        ask("tone_stream://path=none", tmp_path)
