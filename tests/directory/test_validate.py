from __future__ import annotations

from pathlib import Path

import pytest

import softswitch.switch.generation  # noqa: F401  (registers the check of the directory)
from softswitch.config.errors import Severity
from softswitch.config.validators import validate
from softswitch.directory.validate import validate_directory
from tests.config.files import load_files

CASES = [
    ('<domain name="a"/>\n<domain name="A"/>', "D501", 2, 15),
    ("<domain/>", "D502", 1, 1),
    ('<domain name="a"><users>\n<user/></users></domain>', "D502", 2, 1),
    ('<domain name="a"><groups>\n<group/></groups></domain>', "D502", 2, 1),
    ('<domain name="a"><users><user id="1"/>\n<user id="1"/></users></domain>', "D503", 2, 11),
    ('<domain name="a">\n<user id="1" type="pointer"/></domain>', "D504", 2, 11),
    ('<domain name="a">\n<user id="1" type="guest"/></domain>', "D505", 2, 20),
    ('<domain name="a">\n<user id="1" cidr="10.0.0.0/33"/></domain>', "D507", 2, 20),
    (
        '<domain name="a">\n<user id="1"><params><param name="a1-hash" value="x"/></params></user>'
        "</domain>",
        "D508",
        2,
        11,
    ),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), CASES)
def test_a_fault_of_the_directory_is_told_at_its_place(
    text: str, code: str, line: int, column: int, tmp_path: Path
) -> None:
    configuration = load_files(tmp_path, {"directory/d.xml": text})
    (finding,) = validate_directory(configuration)
    assert (finding.code, finding.line, finding.column) == (code, line, column)
    assert finding.severity is (Severity.ERROR if code == "D507" else Severity.WARNING)
    assert finding in validate(configuration, "directory")


@pytest.mark.parametrize("password", ["1234", "Password", "101"])
def test_passwords_everybody_tries_are_told_once_for_a_domain(
    password: str, tmp_path: Path
) -> None:
    users = "\n".join(
        f'<user id="{n}"><params><param name="password" value="{password}"/></params></user>'
        for n in (101, 101 if password == "101" else 102)
    )
    text = f'<domain name="a"><users>\n{users}\n</users></domain>'
    found = validate_directory(load_files(tmp_path, {"directory/d.xml": text}))
    weak = [finding for finding in found if finding.code == "D506"]
    assert len(weak) == 1
    assert weak[0].line == 2
    assert password not in str(weak[0]).replace("101@a", "").replace('id="101"', "")


def test_a_sound_directory_has_no_findings(tmp_path: Path) -> None:
    text = (
        '<domain name="a"><groups><group name="g"><users><user id="1" cidr="10.0.0.0/8"/>'
        '</users></group><group name="h"><users><user id="1" type="pointer"/></users></group>'
        "</groups></domain>"
    )
    assert validate_directory(load_files(tmp_path, {"directory/d.xml": text})) == []
