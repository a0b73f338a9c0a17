# ruff: noqa: E501 - a line of XML or of a log is a line
"""The trace of a hunt."""

from __future__ import annotations

from tests.dialplan.plans import SUNDAY, World, plan

TEXT = """
<extension name="a" continue="true">
  <condition field="destination_number" expression="^9$" break="never"/>
  <condition field="destination_number" expression="^(5)">
    <action application="set" data="x=$1" inline="true"/>
    <condition wday="mon-fri"><action application="answer"/></condition>
  </condition>
</extension>
<extension name="b">
  <condition regex="all"><regex field="destination_number" expression="(6"/><anti-action application="log" data="no"/></condition>
</extension>
<extension name="empty"/>"""


def test_each_step_reads_like_the_originals_debug_log() -> None:
    lines = [step.text() for step in World().hunt(plan(TEXT), trace=True).trace]
    assert lines == [
        "parsing [c->a] continue=true",
        "Regex (FAIL) [a] destination_number(5551) =~ /^9$/ break=never",
        "Regex (PASS) [a] destination_number(5551) =~ /^(5)/ break=on-false",
        "Action set(x=5) INLINE",
        "|--- Date/Time Match (PASS) [a] break=on-false",
        "|--- Action answer()",
        "parsing [c->b] continue=false",
        "Regex (FAIL) [b] destination_number(5551) =~ /(6/ match=all "
        "(missing closing parenthesis (at offset 2))",
        "ANTI-Action log(no)",
    ]


def test_a_failing_time_tells_which_attribute_and_an_absolute_condition_itself() -> None:
    text = '<extension name="a"><condition wday="mon-fri"/></extension><extension name="b"><condition/></extension>'
    steps = World().hunt(plan(text), SUNDAY, trace=True).trace
    assert steps[1].text() == (
        "|Date"[1:] + '/TimeMatch (FAIL) [a] break=on-false (wday="mon-fri" does not hold)'
    )
    assert steps[1].value == "Sun 2026-11-22 10:15:30"
    assert steps[3].log_line("sofia/x") == "Dialplan: sofia/x Absolute Condition [b]"


def test_a_record_holds_place_captures_and_what_is_filled() -> None:
    steps = World().hunt(plan(TEXT), trace=True).trace
    assert steps[2].record() == {
        "kind": "regex", "context": "c", "extension": "a", "file": "test.xml", "line": 4,
        "passed": True,
        "field": "destination_number", "value": "5551", "expression": "^(5)",
        "captures": ["5", "5"],
        "break_when": "break=on-false",
    }  # fmt: skip
    assert steps[1].record()["passed"] is False


def test_a_refused_inline_application_is_noted() -> None:
    text = '<extension name="a"><condition><action application="answer" inline="true"/></condition></extension>'
    step = World().hunt(plan(text), trace=True).trace[-1]
    assert step.text() == "Action answer() INLINE (cannot be executed inline)"


def test_without_tracing_there_is_no_trace() -> None:
    assert World().hunt(plan(TEXT)).trace == ()
