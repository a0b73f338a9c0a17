from __future__ import annotations

from pathlib import Path

from softswitch.config.errors import Severity
from softswitch.lint.check import check
from softswitch.registry import application, command, endpoint, module

DOCUMENT = """<document type="freeswitch/xml">
<section name="configuration"><configuration name="event_socket.conf"><settings>
<param name="listen-port" value="{port}"/>
</settings></configuration></section>
</document>
"""


def _check(folder: Path, text: str) -> list[str]:
    (folder / "softswitch.xml").write_text(text)
    return [finding.code for finding in check(folder, {}).findings]


def test_a_good_configuration_is_ok(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text(DOCUMENT.format(port=8021))
    report = check(tmp_path, {})
    assert report.ok
    assert report.configuration is not None


def test_owners_of_sections_are_asked(tmp_path: Path) -> None:
    assert _check(tmp_path, DOCUMENT.format(port="none")) == ["S402"]


def test_what_cannot_be_read_has_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "softswitch.xml").write_text("<document>\n<section>\n</document>")
    report = check(tmp_path, {})
    assert report.configuration is None
    assert not report.ok
    assert report.count(Severity.ERROR) == len(report.findings) >= 1


def test_a_file_that_the_first_start_makes_may_be_missing(tmp_path: Path) -> None:
    secrets = tmp_path / "data" / "secrets.xml"
    include = f'<X-PRE-PROCESS cmd="include" data="{secrets}"/>\n'
    (tmp_path / "softswitch.xml").write_text(include + DOCUMENT.format(port=1))
    assert [finding.code for finding in check(tmp_path, {}).findings] == ["P204"]
    assert check(tmp_path, {}, secrets).ok


def test_everything_that_registers_itself_is_there(tmp_path: Path) -> None:
    _check(tmp_path, DOCUMENT.format(port=1))
    assert "answer" in application
    assert "status" in command
    assert "sofia" in endpoint
    assert "mod_event_socket" in module


def test_a_broken_file_hides_nothing_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_text('<section name="directory"><domain name="x">\n')
    (tmp_path / "freeswitch.xml").write_text(
        """<document type="freeswitch/xml">
<X-PRE-PROCESS cmd="include" data="bad.xml"/>
<X-PRE-PROCESS cmd="include" data="freeswitch.xml"/>
<section name="dialplan"><context name="default"><extension name="a">
<condition field="destination_number" expression="^(1)$">
<action application="brige" data="user/$3"/></condition></extension></context></section>
</document>"""
    )
    report = check(tmp_path, {})
    assert not report.usable
    places = {(Path(f.file).name, f.line, f.code) for f in report.findings}
    assert {("bad.xml", 1, "X101"), ("freeswitch.xml", 3, "P207")} <= places
    assert ("freeswitch.xml", 6, "R705") in places
    assert any(f.line == 6 and "brige" in f.message for f in report.findings)
