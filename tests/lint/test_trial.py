from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from softswitch.config.document import load
from softswitch.dialplan.simulation_report import trace_text
from softswitch.lint.check import load_owners
from softswitch.lint.trial import SIMULATED_UUID, Call, Coverage, Trial
from tests.lint.support import document

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("UTC"))
DIRECTORY = """<domain name="d.test"><user id="1000"><variables>
<variable name="user_context" value="office"/>
<variable name="effective_caller_id_number" value="5000"/>
<variable name="toll_allow" value="local"/></variables></user></domain>
"""
DIALPLAN = """<context name="office">
<extension name="mark" continue="true"><condition>
<action application="set" data="marked=true"/></condition></extension>
<extension name="outside"><condition field="${toll_allow}" expression="local"/>
<condition field="destination_number" expression="^0(.*)$">
<action application="bridge" data="sofia/gateway/p/$1"/></condition></extension>
<extension name="inside"><condition field="destination_number" expression="^(.)$">
<condition><action application="bridge" data="user/$1@${domain_name}"/></condition>
</condition></extension>
</context><context name="public"><extension name="all"><condition>
<anti-action application="hangup"/><action application="log" data="${toll_allow}"/>
</condition></extension></context>
"""


def _trial(folder: Path) -> Trial:
    load_owners()
    (folder / "softswitch.xml").write_text(document(DIALPLAN, directory=DIRECTORY))
    return Trial(load(folder, {"domain": "d.test"}))


def test_a_user_calls_in_the_context_and_with_the_variables_of_the_directory(
    tmp_path: Path,
) -> None:
    simulation = _trial(tmp_path).call(Call("07", NOW))
    assert simulation.actions[-1].data == "sofia/gateway/p/7"
    assert simulation.variables["user_name"] == "1000"


def test_in_another_context_the_caller_is_a_stranger(tmp_path: Path) -> None:
    simulation = _trial(tmp_path).call(Call("07", NOW, context="public"))
    assert [(a.application, a.data) for a in simulation.actions] == [("log", "")]


def test_somebody_unknown_calls_in_default(tmp_path: Path) -> None:
    assert _trial(tmp_path).call(Call("07", NOW, caller="777")).extensions == ()


def test_variables_of_the_call_come_before_those_of_the_user(tmp_path: Path) -> None:
    call = Call("07", NOW, variables={"toll_allow": "none"})
    assert [a.application for a in _trial(tmp_path).call(call).actions] == ["set"]


def test_commands_answer_as_told_or_as_the_configuration_has_it(tmp_path: Path) -> None:
    dialplan = """<context name="default"><extension name="x"><condition>
    <action application="log" data="${user_data(1000@d.test var toll_allow)}"/>
    <action application="log" data="${strftime(%Y-%m-%d)}"/>
    <action application="log" data="${status()}"/>
    <action application="log" data="${toupper(a)}"/></condition></extension></context>"""
    load_owners()
    (tmp_path / "softswitch.xml").write_text(document(dialplan, directory=DIRECTORY))
    trial = Trial(load(tmp_path, {"domain": "d.test"}))
    call = Call("1", NOW, caller="7", commands={"status()": "UP", "toupper": "told"})
    done = trial.call(call)
    assert [action.data for action in done.actions] == ["local", "2026-11-24", "UP", "told"]
    assert done.unanswered == ()


def test_coverage_knows_nested_and_continuing_extensions(tmp_path: Path) -> None:
    trial = _trial(tmp_path)
    coverage = Coverage(trial.dialplan)
    assert (coverage.reached, coverage.total) == (0, 4)
    coverage.add(trial.call(Call("5", NOW)))
    names = [
        (context.name, [extension.name for extension in extensions])
        for context, extensions in coverage.unreached()
    ]
    assert names == [("office", ["outside"]), ("public", ["all"])]
    assert coverage.reached == 2


def test_a_call_is_followed_into_a_file_that_stands_for_itself(tmp_path: Path) -> None:
    plan = tmp_path / "plan.xml"
    plan.write_text(
        '<section name="dialplan"><context name="public"><extension name="mine"><condition>'
        '<action application="answer"/></condition></extension></context></section>'
    )
    (tmp_path / "softswitch.xml").write_text(
        document(
            '<context name="public"><extension name="first"><condition>'
            f'<action application="transfer" data="7 XML:{plan}"/></condition></extension>'
            '<extension name="none"><condition field="destination_number" expression="8">'
            "</condition></extension></context>"
        )
    )
    load_owners()
    trial = Trial(load(tmp_path, {"domain": "d.test"}))
    simulation = trial.call(Call("1", NOW, context="public"))
    assert simulation.extensions == ("first", "mine")
    assert simulation.ending == "NORMAL_CLEARING"
    plan.unlink()
    lost = trial.call(Call("1", NOW, context="public"))
    assert lost.ending == "NO_ROUTE_DESTINATION"
    assert "the file cannot be read" in trace_text(lost)


def test_the_call_has_an_id_that_is_always_the_same(tmp_path: Path) -> None:
    dialplan = """<context name="c"><extension name="x"><condition>
<action application="hash" data="insert/calls/${caller_id_number}/${uuid}"/>
</condition></extension></context>"""
    load_owners()
    (tmp_path / "softswitch.xml").write_text(document(dialplan, directory=DIRECTORY))
    trial = Trial(load(tmp_path, {"domain": "d.test"}))
    told = [trial.call(Call("1", NOW, caller="77", context="c")).actions[0].data for _ in range(2)]
    assert told == [f"insert/calls/77/{SIMULATED_UUID}"] * 2
