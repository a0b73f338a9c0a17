from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.errors import Severity
from softswitch.config.validators import validate
from softswitch.modules.translate.settings import Profiles, read_profiles


def read(folder: Path, inside: str) -> tuple[Profiles, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="translate.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    profiles, findings = read_profiles(configuration.configuration("translate.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    assert all(finding.severity is Severity.WARNING for finding in findings)
    return profiles, [finding.message for finding in findings]


def test_profiles_and_their_rules_are_read_in_order(tmp_path: Path) -> None:
    profiles, findings = read(
        tmp_path,
        r'<profiles><profile name="DE"><rule regex="^00(\d+)$" replace="$1"/>'
        r'<rule regex="^0(\d+)$" replace="49$1"/></profile><profile name="GB"/></profiles>',
    )
    assert findings == []
    assert [rule.replace for rule in profiles["DE"]] == ["$1", "49$1"]
    assert profiles["GB"] == ()


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("", "there are no <profiles>"),
        ("<profiles><profile/></profiles>", "this <profile> has no name"),
        (
            '<profiles><profile name="a"/><profile name="a"/></profiles>',
            "the profile 'a' stands twice; the last one counts",
        ),
        (
            '<profiles><profile name="a"><rule regex="x"/></profile></profiles>',
            "this <rule> has no replace",
        ),
        (
            '<profiles><profile name="a"><rule regex="(" replace="x"/></profile></profiles>',
            "regex='('",
        ),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    (told,) = read(tmp_path, inside)[1]
    assert told.startswith(message)
