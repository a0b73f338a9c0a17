from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.dialplan.pcre import Expression
from tests.lint.support import DIRECTORY, GATEWAY, PROFILE, action, document, told


@pytest.mark.parametrize(
    ("application", "data", "expected"),
    [
        ("transfer", "5551 XML defalt", "L811 there is no context 'defalt' / did you mean defau"),
        ("transfer", "-bleg 5551 XML nowhere", "L811 there is no context 'nowhere' / contexts ar"),
        ("execute_extension", "x XML nowhere", "L811 there is no context 'nowhere'"),
        ("sched_transfer", "+5 1 XML nowhere", "L811 there is no context 'nowhere'"),
        ("limit", "hash r i 5 over XML nowhere", "L811 there is no context 'nowhere'"),
        ("transfer", "5551 XLM default", "L812 there is no dialplan 'XLM' / write XML"),
        ("transfer", "1 lua default", "L812 there is no dialplan 'lua' / FreeSWITCH has it"),
        ("transfer", "5559", "L813 no extension of context 'default' takes '5559'"),
        ("transfer", "", None),
        ("transfer", "5551", None),
        ("transfer", "$1 XML default", None),
        ("transfer", "5551 XML ${dialed_user}", None),
        ("transfer", "answer,echo inline", None),
        ("limit", "hash r i 5 !USER_BUSY", None),
    ],
)  # fmt: skip
def test_where_an_action_sends_a_call(
    tmp_path: Path, application: str, data: str, expected: str | None
) -> None:
    found = [t for t in told(tmp_path, document(action(application, data))) if t[:2] == "L8"]
    assert len(found) == (expected is not None)
    assert all(text.startswith(expected or "") for text in found)


def test_a_context_global_stands_for_each_that_is_missing(tmp_path: Path) -> None:
    dialplan = f'<context name="default">{action("transfer", "1 XML x")}</context>'
    text = (
        f'{dialplan}<context name="global"><extension name="g"><condition/></extension></context>'
    )
    assert [t for t in told(tmp_path, document(text)) if "L811" in t] == []


def test_contexts_of_users_profiles_and_gateways_are_looked_for(tmp_path: Path) -> None:
    gateway = GATEWAY.replace("</gateway>", '<param name="context" value="gw"/></gateway>')
    text = document(
        action("answer"),
        directory=DIRECTORY.replace('"default"', '"user"'),
        profiles=PROFILE.format(gateways=gateway).replace('"default"', '"profile"'),
    )
    found = [message.partition(" /")[0] for message in told(tmp_path, text)]
    assert sorted(found) == [
        "L811 there is no context 'gw'",
        "L811 there is no context 'profile'",
        "L811 there is no context 'user'",
    ]


def _extensions(*expressions: str, more: str = "") -> str:
    return "".join(
        f'<extension name="e{n}" {more}><condition field="destination_number" expression="{text}">'
        '<action application="answer"/></condition></extension>'
        for n, text in enumerate(expressions)
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("^10\\d\\d$", "^(1005|2005)$", "1 of its 2 numbers 1005, which 'e0'"),
        ("^10\\d\\d$", "^100[0-4]$", "all its numbers such as 1000, which 'e0'"),
        ("^9$", "^9\\d?$", "1 of its 11 numbers 9, which 'e0'"),
        ("^10\\d\\d$", "^1001$", "its number 1001, which 'e0'"),
        ("^10\\d\\d$", "^2001$", ""),
        ("^1001$", "^10\\d\\d$", "1 of its 100 numbers 1001"),
        ("^10\\d\\d$", "^\\d{9}$", ""),
    ],
)
def test_numbers_that_an_extension_before_takes_are_told(
    tmp_path: Path, first: str, second: str, expected: str
) -> None:
    found = [t for t in told(tmp_path, document(_extensions(first, second))) if "L814" in t]
    assert len(found) == bool(expected)
    assert all(expected in text for text in found)


def test_an_extension_that_continues_takes_nothing_away(tmp_path: Path) -> None:
    text = document(_extensions("^10\\d\\d$", "^1001$", more='continue="true"'))
    assert told(tmp_path, text) == []


def test_a_large_dialplan_is_judged_in_a_time_that_grows_with_it(tmp_path: Path) -> None:
    tried = 0
    match = Expression.match

    def counted(self: Expression, subject: str, limit: float = 1.0) -> list[str | None] | None:
        nonlocal tried
        tried += 1
        return match(self, subject, limit)

    extensions = "".join(
        f'<extension name="e{n}"><condition field="destination_number" expression="^{n}$">'
        f'<action application="transfer" data="{n} XML default"/></condition></extension>'
        for n in range(1000, 2000)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Expression, "match", counted)
        assert told(tmp_path, document(extensions)) == []
    assert tried < 10 * 1000
