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
    for scheme in ("path=", "Path="):
        assert ask(f"tone_stream://{scheme}busy.ttml;loops=3", tmp_path) == Tone(
            "v=-10;%(500,500,480,620);loops=3"
        )


def test_a_script_file_that_is_missing_or_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(SourceError, match="not text"):
        ask("tone_stream://path=noise", tmp_path)
    with pytest.raises(OSError):
        ask("tone_stream://path=none", tmp_path)


def test_what_is_passed_over_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        ask("tone_stream://%(100,0,441);q=1;x")
    [message] = [record.getMessage() for record in caplog.records]
    assert message == (
        "tone_stream://%(100,0,441);q=1;x: passed over: there is no setting 'q=' at character 14; "
        "'x' is neither a tone nor a key at character 18"
    )


def test_a_right_script_and_one_that_cannot_be_played_are_not_told_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ask("tone_stream://%(100,0,442);loops=2")
    ask("tone_stream://nothing of it")
    assert not caplog.records
