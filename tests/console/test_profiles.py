from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.console.profiles import files, keys, read

FS_CLI = """\
[default]
; Put me in /etc/fs_cli.conf or ~/.fs_cli_conf
#host     => 10.0.0.1
port      => 8021
password = ClueCon
debug     => 7
key_F1    => help
key_f3    => show channels like = x

[far away]
host => 10.0.0.2
"""


def test_fs_clis_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(FS_CLI)
    assert read([tmp_path / "missing", tmp_path / "a"]) == {
        "default": {
            "port": "8021",
            "password": "ClueCon",
            "debug": "7",
            "key_f1": "help",
            "key_f3": "show channels like = x",
        },
        "far away": {"host": "10.0.0.2"},
    }


def test_what_the_later_file_says_holds(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("[x]\na => 1\nb => 1\n")
    (tmp_path / "b").write_text("[x]\nb => 2\n")
    assert read([tmp_path / "a", tmp_path / "b"]) == {"x": {"a": "1", "b": "2"}}


@pytest.mark.parametrize(("text", "line"), [("a => 1", 1), ("[x]\n\nnonsense", 3)])
def test_a_mistake_has_its_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "a").write_text(text)
    with pytest.raises(ValueError, match=f"a:{line}: this is neither"):
        read([tmp_path / "a"])


def test_keys_that_a_profile_does_not_name_do_the_usual() -> None:
    assert keys({"key_f2": "x"}, ("a", "b", "c")) == ("a", "x", "c")


def test_the_files_are_those_of_fs_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/bob")
    assert files() == (Path("/etc/fs_cli.conf"), Path("/home/bob/.fs_cli_conf"))
