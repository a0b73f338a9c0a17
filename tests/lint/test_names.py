from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.lint.names import all_references
from tests.lint.support import action, document, findings, told


@pytest.mark.parametrize(
    ("application", "data", "expected"),
    [
        ("anser", "", "L801 there is no application 'anser' / did you mean answer?"),
        ("qqqqq", "", "L801 there is no application 'qqqqq' / a call that comes here is hung up"),
        ("rxfax", "x.tif", "L802 the application 'rxfax' of FreeSWITCH is not here"),
        (
            "log",
            "INFO ${tooupper(x)}",
            "L803 there is no command 'tooupper' / did you mean toupper?",
        ),
        ("log", "INFO ${lua(h)}", "L804 the command 'lua' of FreeSWITCH is not here / "),
        ("log", "INFO ${toupper(${stunn x})}", "L803 there is no command 'stunn' / "),
    ],
)
def test_a_name_that_is_not_registered_is_told(
    tmp_path: Path, application: str, data: str, expected: str
) -> None:
    [message] = told(tmp_path, document(action(application, data)))
    assert message.startswith(expected)


@pytest.mark.parametrize(
    "data", ["INFO ${toupper(x)}", "INFO ${cond(1 == 1 ? a : b)}", "INFO $${x}"]
)
def test_a_registered_command_is_none(tmp_path: Path, data: str) -> None:
    assert told(tmp_path, document(action("log", data)), x="y") == []


def test_an_application_is_told_once_where_it_stands_first(tmp_path: Path) -> None:
    text = document(action("anser") + "\n" + action("anser").replace("5551", "5552"))
    [finding] = [f for f in findings(tmp_path, text) if f.code == "L801"]
    assert finding.message.endswith("(and at 1 other places)")
    assert finding.text[finding.column - 1 :].startswith("anser")


def test_an_application_named_by_a_variable_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, document(action("${uuid}"))) == []


def test_an_application_that_cannot_run_inline_is_told(tmp_path: Path) -> None:
    [message] = told(tmp_path, document(action("answer", "", 'inline="true"')))
    assert message.startswith("L805 answer cannot run while the dialplan is read")
    assert told(tmp_path, document(action("set", "a=b", 'inline="true"'))) == []


def _configuration(name: str, inside: str = "") -> str:
    return f'<configuration name="{name}">{inside}</configuration>'


def test_modules_that_are_not_here_are_told_once(tmp_path: Path) -> None:
    modules = ["mod_sofia", "mod_curl", "mod_rayo", "mod_rayo", "mod_sofa", "mod_spandsp"]
    loads = "".join(f'<load module="{name}"/>' for name in modules)
    text = document(configurations=_configuration("modules.conf", f"<modules>{loads}</modules>"))
    assert told(tmp_path, text) == [
        "L806 the module 'mod_rayo' is not part of softswitch and is left out / "
        "programs drive calls by mod_event_socket and mod_httapi",
        "L806 the module 'mod_sofa' is not part of softswitch and is left out / "
        "did you mean mod_sofia?",
        "L806 of the module 'mod_spandsp' only a part is here, built in / "
        "GSM, G.722, G.726, digits and fax tones are there; fax, modems, T.38 and tone "
        "descriptors are not",
    ]


def test_configurations_nobody_reads_are_one_note_and_a_slip_is_a_warning(tmp_path: Path) -> None:
    names = [
        "lua.conf",
        "osp.conf",
        "amd.conf",
        "mine.conf",
        "swich.conf",
        "switch.conf",
    ]
    text = document(configurations="".join(map(_configuration, names)))
    assert told(tmp_path, text) == [
        "L807 no part of softswitch reads lua.conf, osp.conf, amd.conf, mine.conf / ",
        "L807 no part of softswitch reads swich.conf / did you mean switch.conf?",
    ]


def test_references_inside_of_arguments_and_names_are_found() -> None:
    names, calls = all_references("${a} ${up(${b} ${down(${c})})} ${x${d}}")
    assert sorted(names) == ["a", "b", "c", "d"]
    assert sorted(call.name for call in calls) == ["down", "up"]
