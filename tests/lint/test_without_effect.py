from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import Severity
from softswitch.lint.check import check
from tests.lint.support import DIRECTORY, action, document, findings, told


@pytest.mark.parametrize(
    ("application", "data", "message", "hint"),
    [
        ("set", "rtp_timer_name=soft", "the variable 'rtp_timer_name' has nothing to do here",
         "the engine has one clock"),
        ("export", "nolocal:TIMER_NAME=soft", "the variable 'timer_name' has nothing to do here",
         "the engine has one clock"),
        ("bridge", "[media_webrtc=true]user/1000",
         "the variable 'media_webrtc' of FreeSWITCH has no effect here",
         "there is no ICE and no DTLS"),
        ("multiset", "a=b execute_on_fax_success=hangup",
         "the variable 'execute_on_fax_success' of FreeSWITCH has no effect here",
         "there is no fax"),
    ],
)  # fmt: skip
def test_a_variable_without_effect_is_a_note_with_its_reason(
    tmp_path: Path, application: str, data: str, message: str, hint: str
) -> None:
    found = findings(tmp_path, document(action(application, data)))
    [finding] = [finding for finding in found if finding.code == "L832"]
    assert (finding.message, finding.hint) == (message, hint)
    assert finding.severity is Severity.NOTE
    assert finding.line


def test_it_is_told_once_wherever_it_is_set(tmp_path: Path) -> None:
    given = '<variables><variable name="rtp_timer_name" value="soft"/></variables>'
    directory = DIRECTORY.replace('<user id="1001"/>', f'<user id="1001">{given}</user>')
    text = document(action("set", "rtp_timer_name=none"), directory=directory)
    [line] = told(tmp_path, text)
    assert "(and at 1 other places)" in line


@pytest.mark.parametrize(
    "data", ["record_rate=8000", "mine=rtp_timer_name", "rtp_timer_names=1", "nat_type_x=1"]
)
def test_what_has_an_effect_or_is_nobodys_is_not_told(tmp_path: Path, data: str) -> None:
    assert told(tmp_path, document(action("set", data))) == []


def test_the_shipped_configuration_sets_nothing_in_vain() -> None:
    conf = Path(__file__).resolve().parents[2] / "conf"
    assert [f for f in check(conf, {"domain": "d.test"}).findings if f.code == "L832"] == []
