# ruff: noqa: E501 - a row of the table is a line
"""Hunting: every rule of the XML dialplan, one table row after the other."""

from __future__ import annotations

import random
import re
import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.dialplan.expansion import CommandCall
from softswitch.dialplan.hunt import (
    DeleteVariables,
    InlineAction,
    SetVariable,
    hunt,
    hunt_now,
    substitute,
)
from softswitch.dialplan.model import Action, Break, Condition, Context, Dialplan, Extension
from tests.dialplan.plans import SUNDAY, TUESDAY, World, actions, plan


def condition(expression: str, *queued: str, **attributes: str) -> str:
    """A condition on the number; ``a1`` is an action, ``!x1`` an anti-action."""
    written = "".join(f' {name.replace("_", "-")}="{v}"' for name, v in attributes.items())
    inner = "".join(
        f'<anti-action application="{name[1:]}"/>'
        if name.startswith("!")
        else name
        if name.startswith("<")
        else f'<action application="{name}"/>'
        for name in queued
    )
    field = ' field="destination_number"' if expression else ""
    expression = f' expression="{expression}"' if expression else ""
    return f"<condition{field}{expression}{written}>{inner}</condition>"


def extension(name: str, *conditions: str, keep: str = "") -> str:
    going = f' continue="{keep}"' if keep else ""
    return f'<extension name="{name}"{going}>{"".join(conditions)}</extension>'


NO_VARIABLES: dict[str, str] = {}
HIT, MISS = "^5551$", "^9$"
X = condition("", "x")
CATCH = extension("z", X)

CASES: dict[str, tuple[str, str]] = {
    "the first extension that matches wins": (
        extension("a", condition(HIT, "a1")) + extension("b", condition(HIT, "b1")), "a1"),
    "continue goes on behind a match": (
        extension("a", condition(HIT, "a1"), keep="true") + extension("b", condition(HIT, "b1")), "a1 b1"),
    "continue may be a number": (
        extension("a", condition(HIT, "a1"), keep="2") + extension("b", condition(HIT, "b1")), "a1 b1"),
    "continue=false stops": (
        extension("a", condition(HIT, "a1"), keep="no") + extension("b", condition(HIT, "b1")), "a1"),
    "nothing matches: no route": (extension("a", condition(MISS, "a1")), "no route"),
    "actions of an extension that fails later stay queued": (
        extension("a", condition(HIT, "a1"), condition(MISS, "a2")) + CATCH, "a1 x"),
    "such actions alone are a route": (extension("a", condition(HIT, "a1"), condition(MISS, "a2")), "a1"),
    "failing with anti-actions is a match": (
        extension("a", condition(MISS, "a1", "!x1")) + extension("b", condition(HIT, "b1")), "x1"),
    "anti-actions with continue go on": (
        extension("a", condition(MISS, "!x1"), keep="true") + extension("b", condition(HIT, "b1")), "x1 b1"),
    "break=never and a later condition passes": (
        extension("a", condition(MISS, "a1", **{"break": "never"}), condition(HIT, "a2")) + CATCH, "a2"),
    "break=never and failing last is no match": (
        extension("a", condition(HIT, "a1"), condition(MISS, "a2", **{"break": "never"})) + CATCH, "a1 x"),
    "break=never is read without case": (
        extension("a", condition(MISS, **{"break": "NEVER"}), condition(HIT, "a2")), "a2"),
    "break=on-true leaves after passing": (
        extension("a", condition(HIT, "a1", **{"break": "on-true"}), condition(HIT, "a2")) + CATCH, "a1"),
    "break=on-true goes on after failing": (
        extension("a", condition(MISS, "a1", **{"break": "on-true"}), condition(HIT, "a2")) + CATCH, "a2"),
    "break=always leaves after passing": (
        extension("a", condition(HIT, "a1", **{"break": "always"}), condition(HIT, "a2")) + CATCH, "a1"),
    "break=always leaves after failing": (
        extension("a", condition(MISS, "a1", **{"break": "always"}), condition(HIT, "a2")) + CATCH, "x"),
    "an unknown break is on-false": (
        extension("a", condition(MISS, "a1", **{"break": "sometimes"}), condition(HIT, "a2")) + CATCH, "x"),
    "conditions without field pass": (extension("a", condition("", "a1"), condition(HIT, "a2")), "a1 a2"),
    "an empty condition passes": (extension("a", "<condition/>", condition("", "a1")), "a1"),
    "an expression without field is ignored": (
        extension("a", '<condition expression="^9$"><action application="a1"/></condition>'), "a1"),
    "a field without expression passes": (
        extension("a", '<condition field="destination_number"><action application="a1"/></condition>'), "a1"),
    "an unknown field is empty": (
        extension("a", '<condition field="nosuch" expression="^$"><action application="a1"/></condition>'), "a1"),
    "fields are named without case": (
        extension("a", '<condition field="Destination_Number" expression="^5551$"><action application="a1"/></condition>'), "a1"),
    "an extension without conditions never matches": (extension("a") + CATCH, "x"),
    "passing without actions stops the hunt without a route": (extension("a", condition(HIT)) + CATCH, "no route"),
    "the expression may be an element": (
        extension("a", '<condition field="destination_number" expression="^9$"><expression><![CDATA[^5+1$]]></expression>'
                  '<action application="a1"/></condition>'), "a1"),
    "captures replace $n": (
        extension("a", condition("^(5)(5)(51)$", '<action application="set" data="x=$3-$1-$0"/>')), "set(x=51-5-5551)"),
    "without parentheses $n stays": (
        extension("a", condition("^5551$", '<action application="set" data="x=$1"/>')), "set(x=$1)"),
    "without field $n stays": (
        extension("a", condition("", '<action application="set" data="x=$1"/>')), "set(x=$1)"),
    "anti-actions have no captures": (
        extension("a", condition("^(9)$", '<anti-action application="set" data="x=$1"/>')), "set(x=$1)"),
    "loop repeats": (extension("a", condition("", '<action application="a1" loop="3"/>')), "a1 a1 a1"),
    "loop=0 runs never, but its extension is found": (
        extension("a", condition("", '<action application="a1" loop="0"/><action application="a2" loop="x"/>')), ""),
    "the text of an action is its data": (
        extension("a", condition("", '<action application="a1" data="d">text</action>')), "a1(text)"),
    "a bad expression fails": (extension("a", condition("^(5", "a1", "!x1")), "x1"),
    "an Asterisk pattern": (extension("a", condition("_NXX.", "a1")), "a1"),
    "a slashed pattern": (extension("a", condition("/^5551$/i", "a1")), "a1"),
    # nested conditions
    "nested conditions follow the outer actions": (
        extension("a", condition(HIT, "a1", condition(HIT, "n1"))), "a1 n1"),
    "a nested failure fails the extension": (
        extension("a", condition(HIT, "a1", condition(MISS, "n1")), condition(HIT, "a2")) + CATCH, "a1 x"),
    "require-nested=false forgives it": (
        extension("a", condition(HIT, "a1", condition(MISS, "n1"), require_nested="false"), condition(HIT, "a2")) + CATCH,
        "a1 a2"),
    "break=never forgives a nested failure for the next condition": (
        extension("a", condition(HIT, "a1", condition(MISS, "n1"), **{"break": "never"}), condition(HIT, "a2")) + CATCH,
        "a1 a2"),
    "break=on-true skips nested conditions": (
        extension("a", condition(HIT, "a1", condition(HIT, "n1"), **{"break": "on-true"})) + CATCH, "a1"),
    "nested conditions of a failed condition are skipped": (
        extension("a", condition(MISS, "a1", condition(HIT, "n1"))) + CATCH, "x"),
    "anti-actions with break=never reach nested conditions": (
        extension("a", condition(MISS, "!x1", condition(HIT, "n1"), **{"break": "never"})), "x1 n1"),
    "break inside leaves only the nested level": (
        extension("a", condition(HIT, "a1", condition(HIT, "n1", **{"break": "always"}), condition(HIT, "n2")),
                  condition(HIT, "a2")), "a1 n1 a2"),
    "captures of the outer condition do not reach inside": (
        extension("a", condition("^(5)", condition("", '<action application="set" data="$1"/>'))), "set($1)"),
    # regex children
    "any passes at the first": (
        extension("a", '<condition regex="any"><regex field="destination_number" expression="^5"/>'
                  '<regex field="destination_number" expression="^6"/><action application="a1"/></condition>'), "a1"),
    "any fails when all fail": (
        extension("a", '<condition regex="any"><regex field="destination_number" expression="^6"/>'
                  '<action application="a1"/><anti-action application="x1"/></condition>'), "x1"),
    "an unknown mode is any": (
        extension("a", '<condition regex="some"><regex field="destination_number" expression="^6"/>'
                  '<regex field="destination_number" expression="^5"/><action application="a1"/></condition>'), "a1"),
    "all wants all": (
        extension("a", '<condition regex="all"><regex field="destination_number" expression="^5"/>'
                  '<regex field="destination_number" expression="^6"/><action application="a1"/></condition>') + CATCH, "x"),
    "all without children passes": (extension("a", '<condition regex="all"><action application="a1"/></condition>'), "a1"),
    "xor refuses two": (
        extension("a", '<condition regex="xor"><regex field="destination_number" expression="^5"/>'
                  '<regex field="destination_number" expression="51$"/><action application="a1"/></condition>') + CATCH, "x"),
    "xor takes one, though the last child fails": (
        extension("a", '<condition regex="xor"><regex field="destination_number" expression="^5"/>'
                  '<regex field="destination_number" expression="^6"/><action application="a1"/></condition>') + CATCH, "a1"),
    "a child without field and times passes": (
        extension("a", '<condition regex="all"><regex/><action application="a1"/></condition>'), "a1"),
    "a child may check the time": (
        extension("a", '<condition regex="all"><regex hour="11"/><action application="a1"/></condition>') + CATCH, "x"),
    "a child's field decides, not its time": (
        extension("a", '<condition regex="all"><regex field="destination_number" expression="^5" hour="11"/>'
                  '<action application="a1"/></condition>') + CATCH, "a1"),
    "the last capturing child of all gives $1": (
        extension("a", '<condition regex="all"><regex field="destination_number" expression="^(5)"/>'
                  '<regex field="destination_number" expression="(51)$"/><regex field="destination_number" expression="^5"/>'
                  '<action application="set" data="$1"/></condition>'), "set(51)"),
    "the passing child of any gives $1": (
        extension("a", '<condition regex="any"><regex field="destination_number" expression="^(6)"/>'
                  '<regex field="destination_number" expression="(51)$"/><action application="set" data="$1"/></condition>'),
        "set(51)"),
    # times
    "times pass": (extension("a", '<condition wday="mon-fri" hour="9-17"><action application="a1"/></condition>'), "a1"),
    "times fail": (extension("a", '<condition wday="sat-sun"><action application="a1"/></condition>') + CATCH, "x"),
    "times fail with anti-actions": (
        extension("a", '<condition wday="sat"><action application="a1"/><anti-action application="x1"/></condition>'), "x1"),
    "time passes and field fails: actions, but no match": (
        extension("a", condition(MISS, "a1", wday="tue")) + CATCH, "a1 x"),
    "time fails and field passes: actions and a match": (extension("a", condition(HIT, "a1", wday="sun")) + CATCH, "a1"),
    "time passes, field fails, captures are empty": (
        extension("a", condition("^(9)$", '<action application="set" data="[$1]"/>', wday="tue")) + CATCH, "set([]) x"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", CASES)
def test_of_two_extensions(sentence: str) -> None:
    text, expected = CASES[sentence]
    assert actions(text) == expected


SHOP = """
<extension name="shop">
  <condition field="destination_number" expression="^(77\\d{2})$" require-nested="false">
    <action application="set" data="shop=$1"/>
    <condition wday="mon-fri" hour="9-17" break="on-true">
      <action application="bridge" data="user/${shop}"/>
    </condition>
    <condition>
      <action application="playback" data="closed.wav"/>
    </condition>
  </condition>
</extension>"""


def test_the_shop_is_open_on_tuesday_and_closed_on_sunday() -> None:
    assert actions(SHOP, "7712") == "set(shop=7712) bridge(user/${shop})"
    assert actions(SHOP, "7712", now=SUNDAY) == "set(shop=7712) playback(closed.wav)"
    leaving = SHOP.replace(' break="on-true"', "")
    assert actions(leaving, "7712", now=SUNDAY) == "set(shop=7712)"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("$0", "9123"), ("$1-$2", "1-23"), ("${1}0", "10"), ("$10", ""), ("$7", ""), ("$x", "$x"),
        ("${foo}", "${foo}"), ("x$$2", "x$23"), ("$257", ""), ("$", "$"), ("$1$2", "123"),
        ("${1", "${1"),
        ("${1:2}", "${1:2}"), ("plain", "plain"), ("$01", "1"), ("\\$1", "\\1"),
    ],
)  # fmt: skip
def test_captures_are_put_into_data(data: str, expected: str) -> None:
    found = re.match(r"^9(\d)(\d+)$", "9123")
    assert found
    assert substitute(data, [found[0], *found.groups()]) == expected


def test_unset_groups_are_empty() -> None:
    assert substitute("[$1][$2]", ["b", None, "b"]) == "[][b]"


def test_fields_with_a_dollar_are_expanded_and_so_are_expressions() -> None:
    text = extension(
        "a",
        '<condition field="${who}" expression="^${want}$"><action application="a1"/></condition>',
    )
    assert actions(text, variables={"who": "bob", "want": "b.b"}) == "a1"
    assert actions(text, variables={"who": "bob", "want": "x"}) == "no route"


def test_variables_are_not_caller_fields() -> None:
    text = extension(
        "a", '<condition field="who" expression="^bob$"><action application="a1"/></condition>'
    )
    assert actions(text, variables={"who": "bob"}) == "no route"


def test_commands_in_fields_and_expressions_are_asked_for() -> None:
    text = extension(
        "a",
        '<condition field="${up(ab)}" expression="^(${up(a)})"><action application="a1" data="$1"/>'
        "</condition>",
    )
    world = World()
    assert world.hunt(plan(text)).actions[0].data == "A"
    assert world.requests[:2] == [CommandCall("up", "ab"), CommandCall("up", "a")]


def test_captures_are_kept_in_dp_match() -> None:
    world = World()
    world.hunt(plan(extension("a", condition("^(5)(5)", "a1"))))
    assert world.variables["DP_MATCH"] == "ARRAY::55|:5|:5"
    world = World()
    result = world.hunt(plan(extension("a", condition("^(?:5)", "a1"))))
    assert world.variables == {"DP_MATCH": "5"} == result.variables


def test_dp_match_is_that_of_the_last_capturing_condition() -> None:
    text = extension("a", condition("^(5)", "a1"), condition("(1)$", "a2"), condition("^5", "a3"))
    assert World().hunt(plan(text)).variables == {"DP_MATCH": "ARRAY::1|:1"}


def test_a_later_condition_reads_dp_match() -> None:
    text = extension(
        "a",
        condition("^(5)(55)"),
        '<condition field="${DP_MATCH[2]}" expression="^55$"><action application="a1"/></condition>',
    )
    assert actions(text) == "a1"


REGEXES = """
<condition regex="{mode}"><regex field="destination_number" expression="^(5)"/>
<regex field="destination_number" expression="^(6)"/>
<regex field="destination_number" expression="(1)$"/><action application="a1"/></condition>"""


def test_all_stores_the_matches_of_its_children_and_any_none() -> None:
    both = REGEXES.format(mode="all").replace("^(6)", "(5)")
    world = World({"DP_REGEX_MATCH_9": "old"})
    world.hunt(plan(extension("a", both)))
    assert world.variables == {
        "DP_MATCH": "ARRAY::1|:1",
        "DP_REGEX_MATCH_1": "ARRAY::5|:5",
        "DP_REGEX_MATCH_2": "ARRAY::5|:5",
        "DP_REGEX_MATCH_3": "ARRAY::1|:1",
    }
    assert world.requests[0] == DeleteVariables("DP_REGEX_MATCH")
    world = World()
    world.hunt(plan(extension("a", REGEXES.format(mode="any"))))
    assert world.variables == {"DP_MATCH": "ARRAY::5|:5"}


def test_inline_actions_are_asked_for_with_captures_and_seen_by_later_conditions() -> None:
    text = extension(
        "a",
        condition("^(5)", '<action application="set" data="x=$1" inline="true"/>'),
        '<condition field="${x}" expression="^5$"><action application="a1"/></condition>',
    )
    world = World()
    assert [a.application for a in world.hunt(plan(text)).actions] == ["a1"]
    asked = world.requests[1]
    assert isinstance(asked, InlineAction)
    assert (asked.application, asked.data, asked.line) == ("set", "x=5", 1)


def test_a_hunt_of_inline_actions_alone_is_a_route_without_applications() -> None:
    text = extension(
        "a", condition(HIT, '<action application="set" data="x=1" inline="true"/>'), condition(MISS)
    )
    result = World().hunt(plan(text))
    assert result.found and result.actions == () and result.extension == "a"


def test_the_time_is_the_callers_and_read_anew_after_an_inline_set() -> None:
    text = extension(
        "a",
        '<condition hour="10" break="never"><action application="a1"/></condition>',
        '<condition><action application="set" data="tod_tz_offset=5" inline="true"/></condition>',
        '<condition hour="15"><action application="a2"/></condition>',
    )
    assert actions(text) == "a1 a2"
    assert actions(text, variables={"timezone": "Europe/Berlin"}) == "a2"


def test_auto_hunt_starts_at_the_extension_named_like_the_number() -> None:
    text = extension("a", condition("", "a1")) + extension("5551", condition("", "b1"))
    assert actions(text) == "a1"
    assert actions(text, variables={"auto_hunt": "true"}) == "b1"
    assert actions(text, "777", variables={"auto_hunt": "true"}) == "a1"


def test_the_context_is_found_without_case_then_global_then_not() -> None:
    text = (
        '<context name="Sales"><extension name="s"><condition><action application="s1"/></condition>'
        '</extension></context><context name="global"><extension name="g"><condition>'
        '<action application="g1"/></condition></extension></context>'
    )
    for context, application in (("sales", "s1"), ("SALES", "s1"), ("other", "g1")):
        result = World(fields={"context": context}).hunt(plan(text))
        assert [a.application for a in result.actions] == [application]
    missing = World(fields={"context": "other"}).hunt(plan('<context name="x"/>'))
    assert not missing.found and missing.problem == "Context other not found"


def test_a_caller_without_context_is_in_default() -> None:
    text = '<context name="default"><extension name="d"><condition><action application="d1"/></condition></extension></context>'
    assert World(fields={"context": ""}).hunt(plan(text)).found


def test_the_first_of_two_contexts_of_one_name_counts() -> None:
    def of(name: str) -> Context:
        return Context("c", (Extension(name, (Condition(actions=(Action(name),)),)),))

    result = World().hunt(Dialplan((of("one"), of("two"))))
    assert result.extension == "one"


def test_the_result_is_named_after_the_extension_of_the_first_action() -> None:
    late = extension("a", condition(HIT), condition(MISS)) + extension("b", condition("", "b1"))
    assert World().hunt(plan(late)).extension == "b"
    nested = extension("a", condition(HIT, condition(HIT, condition(HIT, "n1"))))
    assert World().hunt(plan(nested)).extension == "a_recur_2"
    assert (
        World()
        .hunt(plan("<extension><condition><action application='a'/></condition></extension>"))
        .extension
        == "UNKNOWN"
    )


def test_actions_know_their_place() -> None:
    text = '<extension name="a">\n<condition>\n<action application="a1" data="d"/>\n</condition></extension>'
    action = World().hunt(plan(text)).actions[0]
    assert (action.file, action.line, action.extension) == ("test.xml", 3, "a")


def test_conditions_nested_too_deeply_do_not_match() -> None:
    inner = Condition(actions=(Action("deep"),))
    for _ in range(105):
        inner = Condition(conditions=(inner,))
    dialplan = Dialplan((Context("c", (Extension("a", (inner,)),)),))
    assert not World().hunt(dialplan).found
    assert any("too deeply" in step.note for step in World().hunt(dialplan, trace=True).trace)


def test_a_pattern_that_takes_too_long_fails_the_condition() -> None:
    number = "a" * 60 + "!"
    text = extension("a", condition("^(?:(a|aa)+|b)+$", "a1", "!x1"))
    result = World(fields={"destination_number": number}).hunt(plan(text), trace=True)
    assert [a.application for a in result.actions] == ["x1"]
    assert "took longer" in result.trace[1].note


def test_a_number_changed_by_an_inline_action_is_looked_up_anew() -> None:
    fillers = "".join(extension(f"f{n}", condition(f"^70{n:02}$", "f")) for n in range(20))
    text = (
        extension(
            "a",
            condition(
                HIT,
                '<action application="set_profile_var" data="destination_number=7777" inline="true"/>',
            ),
            keep="true",
        )
        + fillers
        + extension("b", condition("^7777$", "b1"))
        + extension("c", condition(HIT, "c1"))
    )
    assert actions(text) == "b1"


def _pool() -> list[Extension]:
    """Three hundred extensions of one or two conditions each."""
    seeded = random.Random(7)
    fields = ["destination_number"] * 6 + ["caller_id_number", None, "${x}"]
    expressions = """^12$ ^1 ^(1|2)3$ 12 ^1\\d$ ^1[23]$ ^$ ^13|^2 ^(12)?3 /^12$/ _1X ^12?3 ^1|2 ^(1(2|3))$
        ^x ^12 ^\\d2$ ^(?:1)2$ ^${x} ^1(2|3\\d)4?""".split()

    def condition() -> Condition:
        return Condition(
            seeded.choice(fields),
            seeded.choice(expressions),
            seeded.choice([Break.ON_FALSE, Break.ON_FALSE, *Break]),
            actions=seeded.choice([(), (Action("a"),), (Action("b", "$0"),)]),
            anti_actions=seeded.choice([(), (), (), (Action("x"),)]),
        )

    return [
        Extension(
            seeded.choice(["12", "13", "e"]),
            tuple(condition() for _ in range(seeded.choice([1, 1, 2]))),
            seeded.random() < 0.5,
        )
        for _ in range(300)
    ]


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(_pool()), min_size=9, max_size=20).map(tuple),
    st.sampled_from(["12", "13", "1", "23", "123", "", "x", "12\n", "134", "3"]),
    st.booleans(),
)
def test_the_index_changes_no_result(
    extensions: tuple[Extension, ...], number: str, auto: bool
) -> None:
    dialplan = Dialplan((Context("c", extensions),))
    results = []
    for trace in (False, True):
        world = World(
            {"x": "12", **({"auto_hunt": "1"} if auto else {})}, {"destination_number": number}
        )
        result = world.hunt(dialplan, trace=trace)
        results.append((result.found, result.extension, result.actions, world.variables))
    assert results[0] == results[1]


def _literal_context(count: int) -> Dialplan:
    extensions = (
        Extension(
            f"e{n}",
            (Condition("destination_number", f"^{10000 + n}$", actions=(Action("answer"),)),),
        )
        for n in range(count)
    )
    return Dialplan((Context("c", tuple(extensions)),))


def _seconds(dialplan: Dialplan, number: str) -> float:
    """The best time of one hunt, after the index was built."""
    fields = {"destination_number": number, "context": "c"}
    best = 1.0
    for _ in range(200):
        start = time.perf_counter()
        hunt_now(hunt(dialplan, fields.get, NO_VARIABLES.get, TUESDAY))
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.load
def test_twenty_thousand_extensions_cost_at_most_five_times_fifty() -> None:
    times = {
        count: _seconds(_literal_context(count), str(10000 + count - 1))
        for count in (50, 1000, 20_000)
    }
    print({count: f"{best * 1e6:.1f} µs" for count, best in times.items()})
    assert times[20_000] <= 5 * times[50]


@pytest.mark.load
def test_the_first_hunt_of_each_number_costs_no_more_in_a_large_context() -> None:
    times = {}
    for count in (50, 20_000):
        dialplan = _literal_context(count)
        fields = {"destination_number": "", "context": "c"}
        hunt_now(hunt(dialplan, fields.get, NO_VARIABLES.get, TUESDAY))
        start = time.perf_counter()
        for number in range(2000):
            fields["destination_number"] = str(10000 + number * 7919 % count)
            assert hunt_now(hunt(dialplan, fields.get, NO_VARIABLES.get, TUESDAY)).found
        times[count] = (time.perf_counter() - start) / 2000
    print({count: f"{each * 1e6:.1f} µs" for count, each in times.items()})
    assert times[20_000] <= 5 * times[50]


def test_a_hunt_yields_what_it_needs_and_returns_its_result() -> None:
    dialplan = plan(extension("a", condition("^(5)", "a1")))
    hunting = hunt(
        dialplan,
        {"destination_number": "5", "context": "c"}.get,
        NO_VARIABLES.get,
        datetime.now().astimezone(),
    )
    request = next(hunting)
    assert request == SetVariable("DP_MATCH", "ARRAY::5|:5")
    with pytest.raises(StopIteration) as finished:
        hunting.send("")
    assert repr(finished.value.value) == "<HuntResult 5 in c: a: a1>"
