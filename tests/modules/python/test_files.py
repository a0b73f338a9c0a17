"""Reading the operator's files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.modules.python.files import (
    FileRefused,
    forget_helpers,
    load,
    python_files,
    registered_names,
)

MINE = """from softswitch.registry import application, command
@application("mine", "mine_too", syntax="<x>")
async def mine(session, data):
    '''Mine.'''
@command("my_command", module="mod_mine")
async def my_command(call, arguments):
    return ""
"""


def write(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_tells_what_it_registers_and_nothing_counts_yet(tmp_path: Path) -> None:
    entries = load(write(tmp_path, MINE))
    told = [(where.kind, entry.name, entry.module) for where, entry in entries]
    assert told == [
        ("application", "mine", "mod_python"),
        ("application", "mine_too", "mod_python"),
        ("command", "my_command", "mod_mine"),
    ]
    assert entries[0][1].help == "Mine."
    assert "mine" not in registry.application and "my_command" not in registry.command


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\nif x\n", ":2: expected ':'"),
        ("x = 1\n\nx = 1 / 0\n", ":3: ZeroDivisionError: division by zero"),
        ("import nowhere_to_be_found\n", ":1: ModuleNotFoundError: No module named"),
        ("def f():\n  raise KeyError('k')\n\nf()\n", ":2: KeyError: 'k'"),
        ("x = '\0'\n", "source code"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    path = write(tmp_path, text, "broken.py")
    with pytest.raises(FileRefused) as refused:
        load(path)
    assert str(refused.value).startswith(str(path)) and told in str(refused.value)
    assert "softswitch_operator.broken" not in sys.modules


def test_a_file_that_everybody_may_write_is_not_run(tmp_path: Path) -> None:
    path = write(tmp_path, "raise SystemExit")
    path.chmod(0o666)
    with pytest.raises(FileRefused, match="everybody may write it"):
        load(path)
    with pytest.raises(FileRefused, match="No such file"):
        load(tmp_path / "none.py")


def test_helpers_are_imported_and_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    write(tmp_path, "VALUE = 'one'\n", "_my_helper.py")
    path = write(tmp_path, "from _my_helper import VALUE\n")
    load(path)
    assert sys.modules["softswitch_operator.mine"].VALUE == "one"
    write(tmp_path, "VALUE = 'two, longer'\n", "_my_helper.py")
    forget_helpers(tmp_path)
    load(path)
    assert sys.modules["softswitch_operator.mine"].VALUE == "two, longer"
    assert [found.name for found in python_files(tmp_path)] == ["mine.py"]
    forget_helpers(tmp_path)


def test_names_are_read_without_running_anything(tmp_path: Path) -> None:
    write(tmp_path, MINE + "raise SystemExit\n")
    write(tmp_path, "(", "broken.py")
    write(tmp_path, MINE.replace("mine", "hidden"), "_helper.py")
    write(
        tmp_path,
        "import softswitch.registry as r\n@r.application('other')\ndef f(): ...\n"
        "@f\ndef g(): ...\n",
        "other.py",
    )
    assert list(registered_names(tmp_path)) == [
        ("application", "mine"),
        ("application", "mine_too"),
        ("command", "my_command"),
        ("application", "other"),
    ]
