from __future__ import annotations

import json
import logging
import re
import sys

from softswitch.modules.logfile.lines import FreeSwitchLine, JsonLine, formatter

UUID = "11111111-2222-3333-4444-555555555555"


def record(text: str, level: int = logging.WARNING, uuid: str = UUID) -> logging.LogRecord:
    made = logging.LogRecord("softswitch.x", level, "/a/sofia.py", 12, text, None, None)
    made.uuid = uuid
    return made


def raised() -> logging.LogRecord:
    made = record("failed", logging.ERROR)
    try:
        raise ValueError("gone wrong")
    except ValueError:
        made.exc_info = sys.exc_info()
    return made


def test_the_line_is_freeswitchs() -> None:
    line = FreeSwitchLine().format(record("hello"))
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"
    assert re.fullmatch(rf"{UUID} {stamp} \[WARNING\] sofia\.py:12 hello", line)
    assert FreeSwitchLine(uuid=False).format(record("hello")).startswith("20")
    assert FreeSwitchLine().format(record("hello", uuid="")).startswith("20")


def test_levels_have_freeswitchs_names() -> None:
    names = {logging.CRITICAL: "CRIT", logging.ERROR: "ERR", 25: "NOTICE", logging.DEBUG: "DEBUG"}
    for level, name in names.items():
        assert f"[{name}]" in FreeSwitchLine().format(record("x", level))
        assert json.loads(JsonLine().format(record("x", level)))["level"] == name


def test_text_of_several_lines_cannot_pass_for_lines_of_its_own() -> None:
    line = FreeSwitchLine().format(record(f"trace\n{UUID} 2026-01-01 00:00:00.0 [ERR] forged"))
    assert line.splitlines()[1].startswith("    ")
    assert FreeSwitchLine().format(raised()).splitlines()[-1] == "    ValueError: gone wrong"


def test_json_is_one_line_with_all_there_is() -> None:
    line = JsonLine().format(record('a "b"\nü'))
    assert "\n" not in line
    entry = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}[+-]\d{4}", entry.pop("time"))
    assert entry == {
        "level": "WARNING",
        "file": "sofia.py",
        "line": 12,
        "uuid": UUID,
        "message": 'a "b"\nü',
    }
    assert "uuid" not in json.loads(JsonLine().format(record("x", uuid="")))
    assert json.loads(JsonLine().format(raised()))["traceback"].endswith("gone wrong")


def test_the_setting_chooses() -> None:
    assert isinstance(formatter("json"), JsonLine)
    assert formatter("freeswitch", uuid=False).format(record("x")).startswith("20")
