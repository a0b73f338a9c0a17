from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config import validators
from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.validators import register_validator, validate
from tests.config.files import load_files


def found(code: str) -> Finding:
    return Finding("f", 1, 1, code, "m")


def test_validators_are_asked_by_section_and_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validators, "_validators", {})

    def of_dialplan(configuration: Configuration) -> list[Finding]:
        return [found("R100")]

    def of_directory(configuration: Configuration) -> list[Finding]:
        return [found("D500")]

    assert register_validator("dialplan", of_dialplan) is of_dialplan
    register_validator("dialplan", of_dialplan)
    register_validator("directory", of_directory)
    configuration = load_files(tmp_path, {})
    assert validate(configuration) == [found("R100"), found("D500")]
    assert validate(configuration, "directory") == [found("D500")]
    assert validate(configuration, "languages") == []
