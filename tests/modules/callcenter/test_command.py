"""``callcenter_config``: its answers, word by word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.callcenter.support import agents, office, tiers

AGENT = (
    "name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time"
    "|reject_delay_time|busy_delay_time|no_answer_delay_time|last_bridge_start|last_bridge_end"
    "|last_offered_call|last_status_change|no_answer_count|calls_answered|talk_time|ready_time"
    "|external_calls_count\n"
)
TIER = "queue|agent|state|level|position\n"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("agent add a callback", "-ERR Agent already exist!\n"),
        ("agent add b robot", "-ERR Agent type invalid!\n"),
        ("agent add b", "-ERR Invalid!\n"),
        ("agent add b uuid-standby", "+OK\n"),
        ("agent del nobody", "+OK\n"),
        ("agent del", "-ERR Invalid!\n"),
        ("agent reload a", "+OK\n"),
        ("agent set status a 'On Break'", "+OK\n"),
        ("agent set status a Sleepy", "-ERR Invalid Agent Status!\n"),
        ("agent set status x Available", "-ERR Agent not found!\n"),
        ("agent set state a Idle", "+OK\n"),
        ("agent set state a Lazy", "-ERR Invalid Agent State!\n"),
        ("agent set state_if_waiting a Reserved", "+OK\n"),
        ("agent set state_if_waiting a Lazy", "-ERR Invalid Agent State!\n"),
        ("agent set type a uuid-standby", "+OK\n"),
        ("agent set type a robot", "-ERR Invalid Agent Type!\n"),
        ("agent set colour a red", "-ERR Invalid Agent Update KEY!\n"),
        ("agent set status a", "-ERR Invalid!\n"),
        ("agent get status a", "Available"),
        ("agent get state a", "Waiting"),
        ("agent get uuid a", ""),
        ("agent get colour a", "-ERR Invalid Agent Update KEY!\n"),
        ("agent get status x", "-ERR Agent not found!\n"),
        ("agent list a b", "-ERR Invalid!\n"),
        ("agent list nobody", "+OK\n"),
        ("tier add help a", "-ERR Tier already exist!\n"),
        ("tier add help x", "-ERR Agent not found!\n"),
        ("tier add nowhere a", "-ERR Queue not found!\n"),
        ("tier add sales a 3", "+OK\n"),
        ("tier set state help a Standby", "+OK\n"),
        ("tier set state help a Odd", "-ERR Invalid Tier State!\n"),
        ("tier set level help a 4", "+OK\n"),
        ("tier set colour help a red", "-ERR Invalid Tier Update KEY!\n"),
        ("tier set level help x 4", "-ERR Tier not found!\n"),
        ("tier set level help a", "-ERR Invalid!\n"),
        ("tier del help a", "+OK\n"),
        ("tier reload help a", "+OK\n"),
        ("tier reload all", "+OK\n"),
        ("tier reload nowhere", "-ERR Unknown Error!\n"),
        ("tier list", f"{TIER}help|a|Ready|1|1\n+OK\n"),
        ("queue load sales", "+OK\n"),
        ("queue load nowhere", "-ERR Invalid Queue not found!\n"),
        ("queue unload sales", "+OK\n"),
        ("queue reload help", "+OK\n"),
        ("queue reload nowhere", "-ERR Invalid Queue not found!\n"),
        ("queue count", "2\n"),
        ("queue count agents help", "1\n"),
        ("queue count agents help Available", "1\n"),
        ("queue count agents help 'On Break'", "0\n"),
        ("queue count agents help Available Waiting", "1\n"),
        ("queue count agents help Available Idle", "0\n"),
        ("queue count members help", "0\n"),
        ("queue count tiers help", "1\n"),
        ("queue count tiers sales", "0\n"),
        ("queue list tiers help", f"{TIER}help|a|Ready|1|1\n+OK\n"),
        ("queue list members help", "+OK\n"),
        ("queue list odd help", "-ERR Invalid!\n"),
        ("queue", "-ERR Invalid!\n"),
        ("odd list", "-ERR Invalid!\n"),
    ],
)
async def test_what_is_answered(tmp_path: Path, words: str, answer: str) -> None:
    async with office(
        tmp_path, queues='<queue name="sales"/>', agents=agents("a"), tiers=tiers("a")
    ) as b:
        assert await b.config(words) == answer


async def test_without_words_the_syntax_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        assert (await b.config("")).startswith("-USAGE: \nagent add <name> <type>")
        assert await b.switch.modules.unload("mod_callcenter") is None
        for command in ("callcenter_config queue list", "callcenter_break agent x"):
            answer = await b.switch.run_command(command)
            assert answer == "-ERR mod_callcenter is not loaded\n"


async def test_agents_and_queues_are_listed(tmp_path: Path) -> None:
    one = agents("a", attributes='wrap-up-time="10" max-no-answer="3" busy-delay-time="60"')
    async with office(tmp_path, agents=one, tiers=tiers("a")) as b:
        changed = b.agent("a").last_status_change
        row = (
            "a|single_box||callback|test/a|Available|Waiting|3|10|0|60|0|0|0|0"
            f"|{changed}|0|0|0|0|0\n"
        )
        assert await b.config("agent list") == f"{AGENT}{row}+OK\n"
        assert await b.config("agent list a") == f"{AGENT}{row}+OK\n"
        assert await b.config("queue list agents help") == f"{AGENT}{row}+OK\n"
        assert await b.config("queue list") == (
            "name|strategy|moh_sound|time_base_score|tier_rules_apply|tier_rule_wait_second"
            "|tier_rule_wait_multiply_level|tier_rule_no_agent_no_wait|discard_abandoned_after"
            "|abandoned_resume_allowed|max_wait_time|max_wait_time_with_no_agent"
            "|max_wait_time_with_no_agent_time_reached|record_template|calls_answered"
            "|calls_abandoned|ring_progressively_delay|skip_agents_with_external_calls"
            "|agent_no_answer_status\n"
            "help|longest-idle-agent|music.wav|queue|false|0|false|true|60|false|0|0|5||0|0|0"
            "|true|On Break\n+OK\n"
        )


async def test_members_are_listed_with_their_scores(tmp_path: Path) -> None:
    async with office(tmp_path) as b:
        one = b.call("help", script="hangup@60")
        await b.after(1)
        two = b.call("help", caller="2000", script="hangup@60")
        await b.after(5)
        began = b.center.members_of("help")[0].joined_epoch
        uuids = [one.get("cc_member_uuid"), two.get("cc_member_uuid")]
        lines = (await b.config("queue list members help")).splitlines()
        assert lines[0] == (
            "queue|instance_id|uuid|session_uuid|cid_number|cid_name|system_epoch|joined_epoch"
            "|rejoined_epoch|bridge_epoch|abandoned_epoch|base_score|skill_score|serving_agent"
            "|serving_system|state|score"
        )
        assert lines[1] == (
            f"help|single_box|{uuids[0]}|{one.uuid}|1000|Alice|{began}|{began}|0|0|0|0|0|||Waiting|6"
        )
        assert lines[2].startswith(f"help|single_box|{uuids[1]}|{two.uuid}|2000|Alice|{began + 1}")
        assert lines[3] == "+OK"
        assert (await b.config("queue list members")).splitlines() == lines


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("ready_time", "77", 77),
        ("busy_delay_time", "7x", 7),
        ("reject_delay_time", "-3", -3),
        ("no_answer_delay_time", "x", 0),
        ("max_no_answer", "5", 5),
        ("wrap_up_time", "12", 12),
        ("contact", "user/9", "user/9"),
        ("uuid", "abc", "abc"),
    ],
)
async def test_values_of_agents_are_set(
    tmp_path: Path, key: str, value: str, told: int | str
) -> None:
    async with office(tmp_path, agents=agents("a")) as b:
        assert await b.config(f"agent set {key} a {value}") == "+OK\n"
        assert getattr(b.agent("a"), key) == told


async def test_who_becomes_available_counts_anew(tmp_path: Path) -> None:
    async with office(tmp_path, agents=agents("a")) as b:
        agent = b.agent("a")
        agent.talk_time = agent.calls_answered = agent.no_answer_count = 5
        await b.config("agent set status a Available")
        assert agent.talk_time == 5, "he was that already"
        await b.config("agent set status a 'On Break'")
        assert agent.talk_time == 5
        await b.config("agent set status a available")
        assert (agent.talk_time, agent.calls_answered, agent.no_answer_count) == (0, 0, 0)
        assert b.told("agent-status-change") | {
            "CC-Agent": "a",
            "CC-Agent-Status": "Available",
        } == b.told("agent-status-change")


async def test_what_is_asked_of_an_agent_is_told(tmp_path: Path) -> None:
    async with office(tmp_path, agents=agents("a")) as b:
        await b.config("agent get status a")
        assert b.told("agent-status-get")["CC-Agent-Status"] == "Available"
        await b.config("agent get uuid a")
        assert b.told("agent-uuid-get")["CC-Agent-UUID"] == ""
        await b.config("agent add c callback")
        assert b.told("agent-add")["CC-Agent-Type"] == "callback"
        await b.config("agent set contact c user/7")
        assert b.told("agent-contact-change")["CC-Agent-Contact"] == "user/7"
