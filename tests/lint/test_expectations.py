from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from softswitch.config.document import load
from softswitch.lint.check import load_owners
from softswitch.lint.expectations import ExpectationError, assert_met, meet, read, read_file
from softswitch.lint.trial import Trial
from tests.lint.support import action, document

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("UTC"))
SHIPPED = Path(__file__).resolve().parents[2] / "conf"


def _trial(folder: Path, dialplan: str) -> Trial:
    load_owners()
    (folder / "softswitch.xml").write_text(document(dialplan))
    return Trial(load(folder, {"domain": "d.test"}))


def _differences(folder: Path, test: str, dialplan: str = "") -> list[str]:
    dialplan = dialplan or action("bridge", "user/1000@$${domain}")
    [expectation] = read(f"- {{to: 5551, {test}}}", "t.yaml", NOW)
    return list(meet(expectation, _trial(folder, dialplan)).differences)


@pytest.mark.parametrize(
    "test",
    [
        "extension: x",
        "extension: [x]",
        "actions: [bridge]",
        "actions: [bridge: user/1000@d.test]",
        "actions: ['bridge': 'user/1000@$${domain}']",
        "ending: NORMAL_CLEARING",
        "extension: x, actions: [bridge], ending: NORMAL_CLEARING",
        "context: nowhere, extension: [], ending: NO_ROUTE_DESTINATION",
    ],
)
def test_what_is_expected_and_comes_is_met(tmp_path: Path, test: str) -> None:
    assert _differences(tmp_path, test) == []


def test_a_command_that_is_answered_may_name_global_variables(tmp_path: Path) -> None:
    asking = action("set", "x=${fifo(count sales@$${domain})}")
    commands = """commands: {"fifo(count sales@$${domain})": "one"}"""
    assert _differences(tmp_path, f"actions: [set: x=one], {commands}", asking) == []


def test_what_differs_is_told_line_by_line(tmp_path: Path) -> None:
    assert _differences(tmp_path, "extension: y, actions: [answer, bridge: user/1]") == [
        "extensions (- expected, + found):",
        "  - y",
        "  + x",
        "actions (- expected, + found):",
        "  + bridge: user/1000@d.test",
        "  - answer",
        "  - bridge: user/1",
    ]
    assert _differences(tmp_path, "ending: USER_BUSY")[1:] == [
        "  - USER_BUSY",
        "  + NORMAL_CLEARING",
    ]


def test_a_call_has_caller_time_variables_and_answers() -> None:
    text = """
defaults: {from: 1000, time: 2026-11-23 10:00}
tests:
  - name: night
    to: 0049
    time: 2026-11-23 22:30
    caller_name: Eve
    context: public
    vars: {a: 1}
    commands: {"up(x)": y}
    ending: X
  - {to: 1, from: 0007, ending: X}
"""
    night, other = read(text, "t.yaml", NOW)
    assert (night.name, night.call.number, night.call.caller) == ("night", "0049", "1000")
    assert (night.call.moment.hour, night.call.moment.minute) == (22, 30)
    assert (night.call.name, night.call.context) == ("Eve", "public")
    assert (night.call.variables, night.call.commands) == ({"a": "1"}, {"up(x)": "y"})
    assert (night.file, night.line) == ("t.yaml", 4)
    assert (other.name, other.call.moment.hour) == ("0007 calls 1", 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.yaml: there are no tests in it"),
        ("defaults: {from: 1}", "t.yaml: there are no tests in it"),
        ("- {to: 1", "t.yaml:1: this is not YAML: "),
        ("- to: 1\n\t- x", "t.yaml:2: this is not YAML: "),
        ("\x00", "t.yaml: this is not YAML: "),
        ("just text", "t.yaml:1: a list is wanted here"),
        ("- just text", "t.yaml:1: 'name: value' is wanted here"),
        ("tests:\n- {ending: x}", "t.yaml:2: a test needs 'to'"),
        ("- {to: 1}", "t.yaml:1: a test needs one of extension, actions, ending"),
        ("- to: 1\n  extention: x", "t.yaml:2: 'extention' is not known here: did you mean"),
        ("- to: 1\n  zzz: x", "t.yaml:2: 'zzz' is not known here: known are "),
        ("- {to: [1], ending: x}", "t.yaml:1: a single text is wanted here"),
        ("- {to: 1, actions: answer}", "t.yaml:1: a list is wanted here"),
        ("- {to: 1, actions: [{a: b, c: d}]}", "t.yaml:1: an action is written"),
        ("- {to: 1, ending: x, time: noon}", "t.yaml:1: a time is written 2026-11-23 10:00"),
        ("test: []", "t.yaml:1: 'test' is not known here: did you mean tests?"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_where_and_why(text: str, message: str) -> None:
    with pytest.raises(ExpectationError) as refused:
        read(text, "t.yaml", NOW)
    assert str(refused.value).startswith(message)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExpectationError, match="No such file"):
        read_file(tmp_path / "none.yaml", NOW)


def test_the_shipped_expectations_are_met() -> None:
    assert_met(SHIPPED / "tests" / "shipped.yaml", SHIPPED)


def test_pytest_is_told_all_that_differs(tmp_path: Path) -> None:
    _trial(tmp_path, action("answer"))
    file = tmp_path / "t.yaml"
    file.write_text("- {to: 5551, actions: [echo]}\n- {to: 5551, actions: [answer]}\n")
    with pytest.raises(AssertionError) as failed:
        assert_met(file, tmp_path, {"domain": "d.test"})
    assert str(failed.value).splitlines()[:3] == [
        f"FAIL 1000 calls 5551  [{file}:1]",
        "    actions (- expected, + found):",
        "      - echo",
    ]
    assert "t.yaml:2" not in str(failed.value)
