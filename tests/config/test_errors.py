from __future__ import annotations

import re
from pathlib import Path

import pytest

import softswitch
from softswitch.config.errors import CODES, ConfigurationErrors, Finding, Severity, errors

FINDING = Finding(
    "/etc/x.xml", 3, 9, "X103", "a bare '&' is taken as text", "write '&amp;'", '\t<a b="&"/>'
)


def test_a_finding_shows_its_place_the_line_a_caret_and_the_hint() -> None:
    assert str(FINDING).split("\n") == [
        "/etc/x.xml:3:9: X103 a bare '&' is taken as text",
        '    \t<a b="&"/>',
        "    \t       ^",
        "    hint: write '&amp;'",
    ]


def test_a_finding_about_a_whole_file_has_no_line() -> None:
    assert str(Finding("/etc/x", 0, 0, "C301", "nothing here")) == "/etc/x: C301 nothing here"


@pytest.mark.parametrize("name", ["vm-password", "odbc-dsn", "whitepages-apikey"])
def test_a_finding_hides_secrets_and_keeps_the_caret_under_its_column(name: str) -> None:
    line = f'<param name="{name}" value="hush"/> &'
    shown = str(Finding("f", 1, line.index("&") + 1, "X103", "m", "", line))
    assert "hush" not in shown
    assert shown.split("\n")[1] == f'    <param name="{name}" value="****"/> &'
    assert shown.split("\n")[2].index("^") == shown.split("\n")[1].index("&")


def test_a_finding_hides_a_secret_that_a_directive_sets() -> None:
    line = '<X-PRE-PROCESS cmd="set" data="default_password=hush"/>'
    assert "hush" not in str(Finding("f", 1, 1, "P203", "m", "", line))


@pytest.mark.parametrize(("column", "caret"), [(1, "<"), (5000, "x"), (9990, "x"), (0, "")])
def test_of_a_very_long_line_the_part_around_the_column_is_shown(column: int, caret: str) -> None:
    text = "<a " + "x" * 9_990 + "/>"
    lines = str(Finding("a.xml", 1, column, "X100", "m" * 5000, "h" * 5000, text)).splitlines()
    assert all(len(line) < 450 for line in lines)
    if caret:
        assert lines[1][lines[2].index("^")] == caret
    report = Finding("a.xml", 1, column, "X100", "m" * 5000, "h" * 5000, text).as_dict()
    assert len(report["message"]) < 450 > len(report["hint"])


def test_a_finding_for_a_json_report_has_no_text() -> None:
    told = FINDING.as_dict()
    assert told["severity"] == "error"
    assert told["line"] == 3
    assert "text" not in told


def test_only_errors_are_errors() -> None:
    warning = Finding("f", 1, 1, "X103", "m", severity=Severity.WARNING)
    note = Finding("f", 1, 1, "P205", "m", severity=Severity.NOTE)
    assert errors([warning, FINDING, note]) == [FINDING]
    refused = ConfigurationErrors([warning, FINDING])
    assert refused.findings == (warning, FINDING)
    assert str(refused) == str(FINDING)


def test_findings_sort_as_a_reader_meets_them() -> None:
    places = [("b", 1, 1), ("a", 10, 1), ("a", 2, 5), ("a", 2, 4)]
    found = [Finding(file, line, column, "X100", "m") for file, line, column in places]
    ordered = sorted(found, key=lambda finding: finding.order)
    assert [(f.file, f.line, f.column) for f in ordered] == [
        ("a", 2, 4), ("a", 2, 5), ("a", 10, 1), ("b", 1, 1)
    ]  # fmt: skip


def test_each_code_in_use_is_described_and_each_described_one_is_in_use() -> None:
    root = Path(softswitch.__file__).parent
    sources = [
        path.read_text()
        for folder in ("config", "directory", "switch")
        for path in (root / folder).glob("*.py")
        if path.name != "errors.py"
    ]
    used = {code for text in sources for code in re.findall(r'"([XPCSDA][1-6]\d\d)"', text)}
    own = re.findall(r'^    "(\w+)":', (root / "config" / "errors.py").read_text(), re.MULTILINE)
    assert used == set(own) <= CODES.keys()
