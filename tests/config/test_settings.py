from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import Severity
from softswitch.config.settings import (
    ConsoleSettings,
    LogfileSettings,
    SwitchSettings,
    read_console_settings,
    read_logfile_settings,
    read_switch_settings,
)
from softswitch.config.validators import validate
from tests.config.files import load_files


def switch_conf(*params: str) -> dict[str, str]:
    lines = "\n".join(f"<param {param}/>" for param in params)
    return {
        "autoload_configs/switch.conf.xml": '<configuration name="switch.conf">\n<settings>\n'
        f"{lines}\n</settings>\n</configuration>"
    }


def test_the_core_has_freeswitchs_defaults_without_configuration(tmp_path: Path) -> None:
    settings, findings = read_switch_settings(load_files(tmp_path, {}))
    assert settings == SwitchSettings()
    assert (settings.max_sessions, settings.sessions_per_second) == (1000, 30)
    assert (settings.rtp_start_port, settings.rtp_end_port) == (16384, 32768)
    assert not findings


def test_the_core_reads_its_settings(tmp_path: Path) -> None:
    files = switch_conf('name="max-sessions" value="5"', 'name="loglevel" value="WARNING"')
    settings, findings = read_switch_settings(load_files(tmp_path, files))
    assert (settings.max_sessions, settings.loglevel) == (5, "warning")
    assert not findings


@pytest.mark.parametrize(
    ("params", "code", "severity", "line"),
    [
        (['name="max-sessions" value="0"'], "S403", Severity.WARNING, 3),
        (['name="loglevel" value="verbose"'], "S402", Severity.ERROR, 3),
        (['name="loglevel" value=""'], "S404", Severity.WARNING, 3),
        (['name="event-channel-hierarchy-deliver-once" value="1"'], "S405", Severity.NOTE, 3),
        (['name="max-sesions" value="1"'], "S401", Severity.WARNING, 3),
        (['name="max-db-handles" value="50"'], "S405", Severity.NOTE, 3),
        (
            ['name="rtp-start-port" value="20000"', 'name="rtp-end-port" value="10000"'],
            "S403",
            Severity.ERROR,
            4,
        ),
        (['name="rtp-start-port" value="40000"'], "S403", Severity.ERROR, 3),
        (['name="max-dtmf-duration" value="1000"'], "S403", Severity.WARNING, 3),
    ],
)
def test_what_is_wrong_with_the_core_is_told_by_the_validators(
    params: list[str], code: str, severity: Severity, line: int, tmp_path: Path
) -> None:
    findings = validate(load_files(tmp_path, switch_conf(*params)), "configuration")
    assert [(f.code, f.severity, f.line) for f in findings] == [(code, severity, line)]


def test_the_console_reads_its_settings(tmp_path: Path) -> None:
    text = (
        '<configuration name="console.conf"><settings>'
        '<param name="colorize" value="false"/><param name="loglevel" value="7"/>'
        "</settings></configuration>"
    )
    settings, findings = read_console_settings(
        load_files(tmp_path, {"autoload_configs/c.xml": text})
    )
    assert settings == ConsoleSettings(colorize=False, loglevel="7")
    assert not findings


def test_each_log_file_has_its_settings(tmp_path: Path) -> None:
    text = (
        '<configuration name="logfile.conf"><profiles>'
        '<profile name="a"><settings><param name="logfile" value="/x"/></settings></profile>'
        '<profile name="b"><settings><param name="rollover" value="-1"/></settings></profile>'
        "</profiles></configuration>"
    )
    profiles, findings = read_logfile_settings(
        load_files(tmp_path, {"autoload_configs/l.xml": text})
    )
    assert profiles == {"a": LogfileSettings(logfile="/x"), "b": LogfileSettings()}
    assert [finding.code for finding in findings] == ["S403"]
