"""A simulation as text and as JSON."""

from __future__ import annotations

import json

from softswitch.dialplan.simulate import simulate
from softswitch.dialplan.simulation_report import trace_json, trace_text
from tests.dialplan.plans import TUESDAY, plan

TEXT = """<extension name="a"><condition field="destination_number" expression="^(\\d)1$">
<action application="set" data="x=$1"/><action application="log" data="${x} ${up(y)}"/>
</condition></extension><extension name="e"/>"""
FIELDS = {"destination_number": "51", "context": "c", "caller_id_number": "1000"}


def test_the_text_shows_trace_actions_ending_and_what_was_not_answered() -> None:
    text = trace_text(simulate(plan(TEXT), FIELDS, {}, TUESDAY))
    assert text == (
        "Processing  <1000>->51 in context c\n"
        "  parsing [c->a] continue=false\n"
        "  Regex (PASS) [a] destination_number(51) =~ /^(\\d)1$/ break=on-false [$1=5]\n"
        "  Action set(x=5)\n"
        "  Action log(${x} ${up(y)})\n"
        "\n"
        "Applications:\n"
        "  set(x=5)  [test.xml:2]\n"
        "  log(5 )  [test.xml:2]\n"
        "Ends with NORMAL_CLEARING.\n"
        "Taken to be empty: ${up(y)}\n"
    )


def test_a_number_without_route_is_told() -> None:
    text = trace_text(simulate(plan(TEXT), {**FIELDS, "destination_number": "9"}, {}, TUESDAY))
    assert "no extension matches" in text
    assert "[c->e] continue=false (it has no condition, so it never matches)" in text
    missing = trace_text(simulate(plan(TEXT), {**FIELDS, "context": "x"}, {}, TUESDAY))
    assert "Context x not found" in missing


def test_json_holds_the_same() -> None:
    record = json.loads(trace_json(simulate(plan(TEXT), FIELDS, {}, TUESDAY)))
    assert record["extensions"] == ["a"]
    assert record["ending"] == "NORMAL_CLEARING"
    assert [action["data"] for action in record["actions"]] == ["x=5", "5 "]
    assert record["variables"]["x"] == "5"
    assert record["events"][0]["trace"][1]["captures"] == ["51", "5"]
    assert record["unanswered"] == [{"name": "up", "arguments": "y"}]
