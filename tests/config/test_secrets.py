from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.secrets import FILE_NAME, NAMES, load_or_create, read
from tests.config.files import write_files


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = load_or_create(data)
    assert set(made) == set(NAMES)
    assert len(set(made.values())) == len(NAMES)
    pin = made["default_vm_pin"]
    assert len(pin) == 6 and pin.isdigit()
    others = [secret for name, secret in made.items() if name != "default_vm_pin"]
    assert all(len(secret) >= 20 and secret.isalnum() for secret in others)
    assert mode(data / FILE_NAME) == 0o600
    assert load_or_create(data) == made
    assert [path.name for path in data.iterdir()] == [FILE_NAME]


def test_reading_secrets_makes_none(tmp_path: Path) -> None:
    assert read(tmp_path / "data") == {}
    assert not (tmp_path / "data").exists()
    made = load_or_create(tmp_path / "data")
    assert read(tmp_path / "data") == made


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert load_or_create(tmp_path / "a") != load_or_create(tmp_path / "b")


def test_the_file_is_configuration_that_sets_the_secrets(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    root = f'<X-PRE-PROCESS cmd="include" data="{tmp_path}/{FILE_NAME}"/>\n<document/>'
    configuration = load(write_files(tmp_path / "conf", {"softswitch.xml": root}), {})
    assert configuration.globals == made
    assert not configuration.findings


def test_what_an_operator_changed_stays_and_what_is_missing_is_made(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(
        '<X-PRE-PROCESS  cmd="set"  data="default_password = my own"/>\n'
        '<X-PRE-PROCESS cmd="set" data="trunk_password=theirs"/>\n'
        '<X-PRE-PROCESS cmd="set" data="nonce_secret="/>\n'
    )
    path.chmod(0o644)
    found = load_or_create(tmp_path)
    assert found["default_password"] == "my own"
    assert found["trunk_password"] == "theirs"
    assert len(found["nonce_secret"]) >= 20
    assert mode(path) == 0o600
    assert load_or_create(tmp_path) == found


def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    load_or_create(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    load_or_create(tmp_path)
    assert mode(tmp_path / FILE_NAME) == 0o600


def test_a_failing_write_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: object, target: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        load_or_create(tmp_path)
    assert list(tmp_path.iterdir()) == []
