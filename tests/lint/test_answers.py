from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from softswitch.config.document import load
from softswitch.lint.answers import ANSWERED, Answers
from softswitch.lint.check import load_owners
from softswitch.registry import command
from tests.lint.support import document

MODULES = """<configuration name="modules.conf"><modules><load module="mod_event_socket"/>
<load module="mod_lua"/></modules></configuration>"""


def _answers(folder: Path) -> Answers:
    load_owners()
    (folder / "softswitch.xml").write_text(document(configurations=MODULES))
    answers = Answers(load(folder, {"domain": "d.test"}))
    answers.at(datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("UTC")))
    return answers


@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("toupper", "abc", "ABC"),
        ("COND", "1 == 1 ? yes : no", "yes"),
        ("expr", "2+3", "5"),
        ("regex", "abc|b", "true"),
        ("strftime", "%Y-%m-%d", "2026-11-24"),
        ("strepoch", "", "1795514400"),
        ("user_exists", "id 1000 d.test", "true"),
        ("user_exists", "id 1009 d.test", "false"),
        ("user_data", "1000@d.test var user_context", "default"),
        ("domain_exists", "d.test", "true"),
        ("in_group", "1001@d.test,sales", "true"),
        ("module_exists", "mod_sofia", "true"),
        ("module_exists", "mod_event_socket", "true"),
        ("module_exists", "mod_lua", "false"),
        ("sofia_contact", "1000@d.test", "error/user_not_registered"),
        ("status", "", None),
        ("nosuch", "", None),
    ],
)
def test_what_needs_no_switch_is_answered(
    tmp_path: Path, name: str, arguments: str, answer: str | None
) -> None:
    told = _answers(tmp_path).answer(name, arguments)
    assert (told.strip() if told is not None else None) == answer


def test_a_group_is_a_dial_string_of_its_members(tmp_path: Path) -> None:
    told = _answers(tmp_path).answer("group_call", "sales@d.test")
    assert told is not None
    assert "user/1000@d.test" in told


VANILLA = (
    "{^^:sip_invite_domain=${dialed_domain}}${sofia_contact(*/${dialed_user}@${dialed_domain})}"
)
DIRECTORY = f"""<section name="directory"><domain name="d.test">
<params><param name="dial-string" value="{VANILLA}"/></params>
<groups><group name="sales"><users><user id="1000"/><user id="1001"/></users></group></groups>
</domain></section>"""


def test_dial_strings_that_ask_for_contacts_are_expanded(tmp_path: Path) -> None:
    load_owners()
    text = f'<document type="freeswitch/xml">{DIRECTORY}</document>'
    (tmp_path / "freeswitch.xml").write_text(text)
    told = Answers(load(tmp_path, {"domain": "d.test"})).answer("group_call", "sales@d.test")
    assert told is not None
    assert told.count("error/user_not_registered") == 2
    assert told.count("sip_invite_domain=d.test") == 2


ODD = (
    "",
    " ",
    "x",
    "|",
    "a b c d e",
    "sales@d.test+E",
    "1000@d.test",
    "${x}",
    "a|b|c|d",
    "=",
    "1,2",
)


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_odd_arguments_are_answered_too(tmp_path: Path, name: str) -> None:
    answers = _answers(tmp_path)
    for arguments in ODD:
        assert isinstance(answers.answer(name, arguments), str), arguments


def test_each_answered_command_is_registered() -> None:
    load_owners()
    assert [name for name in ANSWERED if name not in command] == []
