# ruff: noqa: E501 - a row of the table is a line
"""Reading the dialplan: what becomes of elements, and what is told of mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.errors import CODES, Severity
from softswitch.dialplan.model import Action, Break, RegexMode
from softswitch.dialplan.xml import read_dialplan
from tests.config.files import load_files
from tests.dialplan.plans import plan_and_findings

C = '<condition field="destination_number" expression="{}">{}</condition>'


def ext(inside: str, attributes: str = 'name="a"') -> str:
    return f"<extension {attributes}>{inside}</extension>"


def test_every_attribute_reaches_the_model() -> None:
    text = ext(
        '<condition field="source" expression="x" break="never" require-nested="false" wday="2" '
        'hour="9-17"><action application="set" data="a=1" inline="true" loop="2"/>'
        '<anti-action application="log">text</anti-action><condition regex="XOR">'
        '<regex field="ani" expression="1" mon="5"/></condition></condition>',
        'name="a" continue="true"',
    )
    dialplan, _ = plan_and_findings(text)
    extension = dialplan.contexts[0].extensions[0]
    assert (extension.name, extension.continues, extension.file) == ("a", True, "test.xml")
    condition = extension.conditions[0]
    assert (condition.field, condition.expression) == ("source", "x")
    assert condition.break_when is Break.NEVER
    assert not condition.require_nested
    assert condition.times == (("wday", "2"), ("hour", "9-17"))
    assert condition.actions == (Action("set", "a=1", True, 2, "test.xml", 1),)
    assert condition.anti_actions == (Action("log", "text", file="test.xml", line=1),)
    nested = condition.conditions[0]
    assert nested.regex is RegexMode.XOR
    assert (nested.tests[0].field, nested.tests[0].times) == ("ani", (("mon", "5"),))


A = '<action application="a"/>'
MISTAKES: list[tuple[str, str, str, str]] = [
    ("R701", ext(C.format("^(12", A)), "missing closing parenthesis at character 5", "fails for every call"),
    ("R701", ext(C.format("(*THEN)x", A)), "cannot be expressed", "fails for every call"),
    ("R701", ext(C.format("/abc", A)), "closing /", ""),
    ("R701", ext('<condition regex="all"><regex field="ani" expression="[z-a]"/></condition>'), "out of order", ""),
    ("R701", ext('<condition field="ani"><expression>(</expression></condition>'), "missing closing", ""),
    ("R702", ext('<condition break="on_false"/>'), "on-false counts", "did you mean on-false?"),
    ("R702", ext('<condition break="sometimes"/>'), "on-false counts", "write one of"),
    ("R703", ext("<condition/>", 'name="a" contine="true"'), "no attribute 'contine'", "did you mean continue?"),
    ("R703", ext('<condition feild="ani"/>'), "no attribute 'feild'", "did you mean field?"),
    ("R703", ext('<condition regexp="all"/>'), "no attribute 'regexp'", "did you mean regex?"),
    ("R703", ext('<condition><action aplication="x" application="y"/></condition>'), "aplication", "application?"),
    ("R703", ext("<condition/>", 'name="a" colour="red"'), "no attribute 'colour'", "it is ignored"),
    ("R703", ext("<condition/>", 'name="a" order="1"') + ext('<condition field="ani"/>', 'name="b" order="2"'), "'order' (and at 1 other places)", "it is ignored"),
    ("R704", ext("<conditon/><condition/>"), "<conditon> is not known in <extension>", "did you mean <condition>?"),
    ("R704", ext("<condition><acton/></condition>"), "<acton>", "did you mean <action>?"),
    ("R704", ext("<condition><regex/></condition>"), "counts only", 'regex="all"'),
    ("R704", "<condition/>", "<condition> is not known in <context>", "it is ignored"),
    ("R705", ext(C.format("^(1)(2)$", '<action application="a" data="$3"/>')), "$3: there are 2 groups", "lower"),
    ("R705", ext(C.format("^(1)$", '<action application="a" data="${2}x"/>')), "$2: there is only group 1", ""),
    ("R705", ext(C.format("^(?:1)$", '<action application="a" data="$1"/>')), "capture nothing", ""),
    ("R706", ext("<action application='x'/><condition/>"), "outside a condition", "put it into"),
    ("R706", ext("<anti-action application='x'/><condition/>"), "outside a condition", "put it into"),
    ("R707", ext(""), "no condition, so it never matches", "<condition/>"),
    ("R708", ext("<condition/>") + ext(C.format("^1$", A), 'name="b"'), "'b' is never reached: 'a' (test.xml:1)", "in front"),
    ("R708", ext(C.format("^(.*)$", A)) + ext("<condition/>", 'name="b"'), "'b' is never reached", "in front"),
    ("R708", ext(C.format("^1$", A)) + ext(C.format("^1$", A), 'name="b"'), "'b' is never reached", "in front"),
    ("R709", ext(C.format("^1$", A)) + ext(C.format("^2$", A)), "another extension is named 'a', test.xml:1", "auto_hunt"),
    ("R710", ext('<condition hour="25"/>'), "no value from 0 to 23", "fails at every time"),
    ("R710", ext('<condition wday="Someday"/>'), "no day", "fails at every time"),
    ("R710", ext('<condition date-time="2026-01-01"/>'), "no range", "fails at every time"),
    ("R710", ext('<condition dst="false"/>'), "only when true", "fails at every time"),
    ("R723", ext('<condition><action application="a" data="${b} ${c"/></condition>'), "a ${ has no }", "variable's name"),
    ("R720", ext('<condition hour="9-17;20"/>'), "';20' is not read", "the rest of it counts"),
    ("R720", ext('<condition wday="mon,  sat"/>'), "'sat' is not read", "the rest of it counts"),
    ("R720", ext('<condition tz-offset="CET"/>'), "'CET' is not read", "at every offset"),
    ("R721", ext("<condition>" * 102 + "</condition>" * 102), "more than 100 deep", "never pass"),
    ("R722", ext('<condition regex="all"/>'), "without any <regex> always", "put <regex"),
    ("R722", ext('<condition regex="xor"/>'), "without any <regex> never", "put <regex"),
    ("R711", ext("<condition/>", ""), "extension has no name", "readable"),
    ("R711", "<context><extension name='a'><condition/></extension></context>", "context has no name", "name="),
    ("R713", ext('<condition regex="and"><regex/></condition>'), "any counts", "write one of all, any, xor"),
    ("R714", ext(C.format("^1$", '<action application="a" data="$1"/>')), "nothing is captured", "parentheses"),
    ("R714", ext('<condition><action application="a" data="$1"/></condition>'), "nothing is captured", ""),
    ("R714", ext(C.format("^(1)$", '<anti-action application="a" data="$1"/>')), "anti-actions", ""),
    ("R715", ext('<condition field="ani" expression="1" wday="2"/>'), "either is enough", "of their own"),
    ("R716", ext('<condition><action application="a" loop="many"/></condition>'), "loop='many'", "number"),
    ("R717", ext('<condition expression="^1$"/>'), "always passes", "destination_number"),
    ("R718", ext('<condition><action data="x"/></condition>'), "no application", ""),
    ("R719", ext('<condition field="destination_numer" expression="1"/>'), "no field", "did you mean destination_number?"),
    ("R719", ext('<condition field="my_var" expression="1"/>'), "always empty", "${my_var}"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text", "message", "hint"), MISTAKES)
def test_a_mistake_is_told(code: str, text: str, message: str, hint: str) -> None:
    _, findings = plan_and_findings(text)
    told = [finding for finding in findings if finding.code == code]
    assert told, findings
    assert message in told[0].message
    assert hint in told[0].hint
    assert told[0].file == "test.xml" and told[0].line == 1 and told[0].column > 0
    assert told[0].severity is not Severity.ERROR


def test_every_code_has_a_meaning_and_a_mistake() -> None:
    codes = {code for code in CODES if code.startswith("R7")}
    assert codes == {code for code, *_ in MISTAKES} | {"R712"}


FINE = [
    ext(C.format("^(1)(2)$", '<action application="a" data="$2 $1 $0 ${x}"/>')),
    ext('<condition field="${x}" expression="^${y}(1)$"><action application="a" data="$1"/></condition>'),
    ext("<condition/>", 'name="a" continue="true"') + ext("<condition/>", 'name="b"'),
    ext('<condition regex="all"><regex field="ani" expression="(1)"/><action application="a" data="$1"/></condition>'),
    ext('<condition wday="mon-fri" hour="9-17" time-of-day="22:00-06:00"/>'),
    ext('<condition field="" expression="" break=""/>'),
    ext("<condition><condition hour='3'/></condition>") + ext("<condition/>", 'name="b"'),
]  # fmt: skip


@pytest.mark.parametrize("text", FINE)
def test_what_is_right_is_not_complained_of(text: str) -> None:
    assert plan_and_findings(text)[1] == []


def test_a_finding_points_at_the_value() -> None:
    text = '<context name="c">\n  <extension name="a">\n    <condition field="ani" expression="(1"/>\n  </extension>\n</context>'
    _, findings = plan_and_findings(text)
    assert (findings[0].line, findings[0].column) == (3, 40)


def test_contexts_are_read_from_files_and_the_second_of_one_name_is_told(tmp_path: Path) -> None:
    context = '<context name="c"><extension name="{}"><condition/></extension></context>'
    configuration = load_files(
        tmp_path, {"dialplan/1.xml": context.format("one"), "dialplan/2.xml": context.format("two")}
    )
    dialplan, findings = read_dialplan(configuration)
    assert [extension.name for extension in dialplan.contexts[0].extensions] == ["one"]
    assert dialplan.contexts[0].extensions[0].file.endswith("dialplan/1.xml")
    assert [finding.code for finding in findings] == ["R712"]


def test_a_configuration_without_dialplan_has_no_contexts(tmp_path: Path) -> None:
    configuration = load_files(tmp_path, {"softswitch.xml": '<document type="freeswitch/xml"/>'})
    assert read_dialplan(configuration)[0].contexts == ()


def test_a_section_that_is_read_again_is_not_parsed_again(tmp_path: Path) -> None:
    context = '<context name="c"><extension name="a"><condition break="x"/></extension></context>'
    configuration = load_files(tmp_path, {"dialplan/1.xml": context})
    first, told = read_dialplan(configuration)
    told.clear()
    again, findings = read_dialplan(configuration)
    assert again is first
    assert [finding.code for finding in findings] == ["R702"]
