# ruff: noqa: E501 - a line of XML is a line
"""Simulated calls: variables, transfers, sub-routines, endings."""

from __future__ import annotations

import pytest

from softswitch.dialplan.expansion import CommandCall
from softswitch.dialplan.simulate import MOST_TRANSFERS, Simulation, simulate
from tests.dialplan.plans import TUESDAY, plan

PLAN = """
<context name="c">
  <extension name="vars"><condition field="destination_number" expression="^1(\\d)$">
    <action application="set" data="x=$1"/>
    <action application="set" data="y=${x}0"/>
    <action application="multiset" data="m=1 n=2"/>
    <action application="push" data="l=a"/>
    <action application="push" data="l=b"/>
    <action application="unshift" data="l=0"/>
    <action application="export" data="nolocal:z=9"/>
    <action application="set" data="l[4]=e"/>
    <action application="unset" data="m"/>
    <action application="set_global" data="g=7"/>
    <action application="set_profile_var" data="caller_id_name=Bob"/>
    <action application="bridge" data="${y} ${l} ${m} ${n} ${g} ${caller_id_name} ${z} ${export_vars}"/>
  </condition></extension>
  <extension name="away"><condition field="destination_number" expression="^20$">
    <action application="set" data="a=1"/>
    <action application="transfer" data="30 XML d"/>
    <action application="never"/>
  </condition></extension>
  <extension name="sub"><condition field="destination_number" expression="^40$">
    <action application="execute_extension" data="31 XML d"/>
    <action application="after" data="${destination_number}"/>
  </condition></extension>
  <extension name="loop"><condition field="destination_number" expression="^50$">
    <action application="transfer" data="50"/>
  </condition></extension>
  <extension name="end"><condition field="destination_number" expression="^60$">
    <action application="hangup" data="USER_BUSY"/><action application="never"/>
  </condition></extension>
  <extension name="inline"><condition field="destination_number" expression="^70$">
    <action application="set" data="open=yes" inline="true"/>
    <action application="answer" inline="true"/>
  </condition><condition field="${open}" expression="yes"><action application="echo"/></condition></extension>
  <extension name="items"><condition field="destination_number" expression="^80$">
    <action application="transfer" data="'set:q=1,playback:${q}.wav' inline"/>
  </condition></extension>
  <extension name="scope"><condition field="destination_number" expression="^90$">
    <action application="set" data="%[s=1]t=\\${s}"/>
    <action application="log" data="[${s}][${t}][${hash(select/a/b)}]"/>
  </condition></extension>
  <extension name="other"><condition field="destination_number" expression="^21$">
    <action application="transfer" data="-bleg 30 XML d"/><action application="transfer" data="-both 30 XML d"/>
  </condition></extension>
</context>
<context name="d">
  <extension name="target"><condition field="destination_number" expression="^3(\\d)$">
    <action application="log" data="$1 ${rdnis} ${a}"/>
  </condition></extension>
</context>"""


def run(number: str, **options: object) -> Simulation:
    fields = {"destination_number": number, "context": "c", "caller_id_name": "Ann"}
    return simulate(plan(PLAN), fields, {}, TUESDAY, **options)  # type: ignore[arg-type]


def told(simulation: Simulation) -> list[str]:
    return [f"{a.application}({a.data})" for a in simulation.actions]


def test_variables_that_applications_set_are_seen_by_later_ones() -> None:
    simulation = run("15")
    assert told(simulation)[-1] == "bridge(50 ARRAY::0|:a|:b|:|:e  2 7 Bob  nolocal:z)"
    assert simulation.variables["x"] == "5"
    assert simulation.actions[0].note == "x=5"
    assert simulation.ending == "NORMAL_CLEARING"


def test_a_transfer_goes_to_the_other_context_and_abandons_the_rest() -> None:
    simulation = run("20")
    assert told(simulation) == ["set(a=1)", "transfer(30 XML d)", "log(0 20 1)"]
    assert simulation.extensions == ("away", "target")


def test_a_transfer_of_the_other_leg_goes_nowhere_and_one_of_both_does() -> None:
    assert told(run("21")) == ["transfer(-bleg 30 XML d)", "transfer(-both 30 XML d)", "log(0 21 )"]


def test_a_sub_routine_comes_back_with_the_old_number() -> None:
    simulation = run("40")
    assert told(simulation) == ["execute_extension(31 XML d)", "log(1  )", "after(40)"]
    assert [action.depth for action in simulation.actions] == [0, 1, 0]


def test_a_loop_of_transfers_ends() -> None:
    simulation = run("50")
    assert simulation.ending == "EXCHANGE_ROUTING_ERROR"
    assert len(simulation.actions) == MOST_TRANSFERS


def test_hanging_up_ends_the_list_with_its_cause() -> None:
    simulation = run("60")
    assert told(simulation) == ["hangup(USER_BUSY)"]
    assert simulation.ending == "USER_BUSY"


def test_inline_actions_run_while_hunting_if_they_may() -> None:
    simulation = run("70", may_run_inline=lambda name: name == "set")
    assert [(a.application, a.inline) for a in simulation.actions] == [
        ("set", True),
        ("echo", False),
    ]


def test_a_transfer_to_the_inline_dialplan_runs_its_items() -> None:
    assert told(run("80"))[1:] == ["set(q=1)", "playback(.wav)"]


def test_scope_variables_live_only_while_their_application_runs() -> None:
    simulation = run("90")
    assert told(simulation) == ["set(t=${s})", "log([][1][])"]


def test_commands_are_answered_by_the_caller_or_listed() -> None:
    assert run("90").unanswered == (CommandCall("hash", "select/a/b"),)
    simulation = run("90", command=lambda name, arguments: f"<{name} {arguments}>")
    assert simulation.unanswered == ()
    assert told(simulation)[1].endswith("[<hash select/a/b>])")


def test_an_unknown_number_has_no_route() -> None:
    simulation = run("99")
    assert simulation.ending == "NO_ROUTE_DESTINATION"
    assert simulation.actions == ()


@pytest.mark.parametrize("number", ["20", "40", "99"])
def test_a_simulation_reads_as_one_line(number: str) -> None:
    assert repr(run(number)).startswith("<Simulation ")
