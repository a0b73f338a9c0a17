from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import DummyCompleter
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from softswitch.console.line_editor import FUNCTION_KEYS, LineEditor


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe:
        yield pipe


def _editor(keys: PipeInput, history: Path | None = None) -> LineEditor:
    return LineEditor("host", DummyCompleter(), history, input=keys, output=DummyOutput())


async def test_lines_are_read_until_control_d(keys: PipeInput) -> None:
    editor = _editor(keys)
    keys.send_text(" status \r")
    assert await editor.read() == "status"
    keys.send_text("\x03")
    assert await editor.read() == ""
    keys.send_text("\x04")
    assert await editor.read() is None


async def test_function_keys_run_what_hands_expect(keys: PipeInput) -> None:
    editor = _editor(keys)
    keys.send_text("half a line\x1bOQ")
    assert await editor.read() == "status"
    keys.send_text("\x1b[24~")
    assert await editor.read() == "version"
    assert len(FUNCTION_KEYS) == 12


async def test_history_is_kept_in_a_file_of_its_owner(keys: PipeInput, tmp_path: Path) -> None:
    path = tmp_path / "data" / "history"
    editor = _editor(keys, path)
    keys.send_text("first\r")
    await editor.read()
    assert path.stat().st_mode & 0o777 == 0o600
    keys.send_text("\x1b[A\r")
    assert await _editor(keys, path).read() == "first"
