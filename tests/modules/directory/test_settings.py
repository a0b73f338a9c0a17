from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.modules.directory.settings import ProfileSettings, read_profiles
from tests.modules.directory.support import CONFIGURATION, param
from tests.support.switch import DOCUMENT


def read(folder: Path, configuration: str) -> tuple[dict[str, ProfileSettings], list[str]]:
    text = DOCUMENT.format(configuration=configuration, dialplan="", directory="", languages="")
    (folder / "softswitch.xml").write_text(text)
    profiles, findings = read_profiles(load(folder, {}))
    return profiles, [f"{finding.code} {finding.line}: {finding.message}" for finding in findings]


def test_a_profile_has_the_settings_of_freeswitch(tmp_path: Path) -> None:
    settings = "".join(
        param(name, value)
        for name, value in {
            "max-menu-attempts": "4",
            "min-search-digits": "2",
            "terminator-key": "*",
            "digit-timeout": "2500",
            "max-result": "0",
            "next-key": "7",
            "prev-key": "8",
            "switch-order-key": "#",
            "select-name-key": "2",
            "new-search-key": "9",
            "search-order": "first_name",
            "use-number-alias": "true",
        }.items()
    )
    profiles, findings = read(tmp_path, CONFIGURATION.format(settings=settings))
    assert findings == []
    assert profiles["default"] == ProfileSettings(
        "7", "8", "2", "9", "*", "#", "first_name", 2.5, 2, 4, 0, True
    )


def test_what_is_not_written_is_as_in_freeswitch(tmp_path: Path) -> None:
    profiles, findings = read(tmp_path, CONFIGURATION.format(settings=""))
    assert findings == []
    assert profiles["default"] == ProfileSettings(
        "6", "4", "1", "3", "#", "*", "last_name", 3.0, 3, 3, 5, False
    )


def test_a_database_is_not_needed(tmp_path: Path) -> None:
    block = f"<settings>{param('odbc-dsn', 'a:b:c')}</settings>"
    _, findings = read(tmp_path, f'<configuration name="directory.conf">{block}</configuration>')
    assert findings == []


@pytest.mark.parametrize(
    ("name", "value", "finding"),
    [
        ("next-key", "66", "S402"),
        ("next-key", "A", "S402"),
        ("next-key", "4", "V902 4: the key 4 means two things"),
        ("switch-order-key", "#", "V902 4: the key # means two things"),
        ("digit-timeout", "40000", "S403"),
        ("max-result", "-1", "S403"),
        ("search-order", "frist_name", "S402"),
        ("max-results", "1", "S401"),
    ],
)
def test_mistakes_are_told_with_their_place(
    tmp_path: Path, name: str, value: str, finding: str
) -> None:
    profiles, findings = read(tmp_path, CONFIGURATION.format(settings=param(name, value)))
    (found,) = findings
    assert found.startswith(finding)
    assert "default" in profiles
