from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import Severity
from tests.lint.support import action, document, findings, told


@pytest.mark.parametrize(
    "data",
    ["${dialed_usr}", "x${dialed_usr:1:2}", "${dialed_usr[0]}", "${toupper(${dialed_usr})}"],
)
def test_a_variable_that_nobody_sets_is_a_note(tmp_path: Path, data: str) -> None:
    [finding] = findings(tmp_path, document(action("log", f"INFO {data}")))
    assert (finding.code, finding.severity) == ("L831", Severity.NOTE)
    assert finding.message == "nothing sets the variable 'dialed_usr', so it is empty"
    assert finding.hint == "did you mean dialed_user?"


@pytest.mark.parametrize(
    "name",
    ["uuid", "caller_id_number", "aleg_destination_number", "sip_h_X-Account", "hangup_cause",
     "domain", "user_context", "DP_MATCH", "Destination_Number"],
)  # fmt: skip
def test_what_the_switch_or_the_directory_sets_is_known(tmp_path: Path, name: str) -> None:
    assert told(tmp_path, document(action("log", f"INFO ${{{name}}}"))) == []


@pytest.mark.parametrize(
    ("application", "data"),
    [
        ("set", "mine=1"), ("export", "nolocal:mine=1"), ("multiset", "^^;a=1;mine=2"),
        ("push", "mine=1"), ("set_global", "mine=1"), ("set", "mine[2]=x"),
        ("capture", "mine|x|(y)"), ("strftime", "mine=%Y"),
        ("read", "1 4 silence mine 5000 #"),
        ("play_and_get_digits", "1 4 3 5000 # silence silence mine \\d+"),
        ("bridge", "{a=b,mine=1}user/1000"), ("answer", "%[mine=1]x"),
    ],
)  # fmt: skip
def test_what_an_application_sets_is_known(tmp_path: Path, application: str, data: str) -> None:
    reading = action("log", "INFO ${mine}").replace("5551", "5552")
    found = told(tmp_path, document(action(application, data) + reading))
    assert [message for message in found if "L831" in message] == []
