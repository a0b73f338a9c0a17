from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.cli import folders


def test_a_source_tree_has_its_own_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOFTSWITCH_CONF", raising=False)
    monkeypatch.delenv("SOFTSWITCH_DATA", raising=False)
    root = Path(__file__).resolve().parents[2]
    assert (folders.conf_folder(), folders.data_folder()) == (root / "conf", root / "data")


def test_variables_name_other_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTSWITCH_CONF", "/a")
    monkeypatch.setenv("SOFTSWITCH_DATA", "/b")
    assert (folders.conf_folder(), folders.data_folder()) == (Path("/a"), Path("/b"))


def test_an_installed_package_uses_the_folders_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SOFTSWITCH_CONF", raising=False)
    monkeypatch.setattr(folders, "_ROOT", tmp_path)
    assert folders.conf_folder() == Path("/etc/softswitch")
