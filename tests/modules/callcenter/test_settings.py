from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.modules.callcenter.agent import AgentStatus, AgentType
from softswitch.modules.callcenter.settings import (
    CallCenterFile,
    FixedAgent,
    FixedTier,
    read_settings,
)

VANILLA = Path(__file__).resolve().parents[4] / "shared/data/freeswitch-vanilla"
QUEUE = '<queues><queue name="q">{}</queue></queues>'


def read(folder: Path, inside: str) -> tuple[CallCenterFile, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="callcenter.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    file, findings = read_settings(load(folder, {}).configuration("callcenter.conf"))
    return file, [str(finding).partition("\n")[0] for finding in findings]


def test_queues_agents_and_tiers_are_read(tmp_path: Path) -> None:
    file, findings = read(
        tmp_path,
        '<settings><param name="reserve-agents" value="true"/>'
        '<param name="agent-originate-timeout" value="20"/></settings><queues>'
        '<queue name="q"><param name="strategy" value="ring-all"/>'
        '<param name="tier-rule-no-agent-no-wait" value="false"/>'
        '<param name="agent-no-answer-status" value="logged out"/></queue>'
        '<queue name="r"/></queues><agents>'
        '<agent name="a" type="Callback" contact="user/a" status="available" wrap-up-time="10"'
        ' max-no-answer="3" reject-delay-time="1" busy-delay-time="60" no-answer-delay-time="2"/>'
        '<agent name="b" type="uuid-standby"/></agents><tiers>'
        '<tier agent="a" queue="q" level="2" position="3"/><tier agent="b" queue="q"/>'
        '<tier agent="b" queue="r" level="0"/></tiers>',
    )
    assert findings == []
    assert file.settings.reserve_agents and file.settings.originate_timeout == 20
    queue = file.queues["q"]
    assert (queue.strategy, queue.agent_no_answer_status) == ("ring-all", "Logged Out")
    assert not queue.tier_rule_no_agent_no_wait and file.queues["r"].tier_rule_no_agent_no_wait
    assert file.agents == (
        FixedAgent("a", AgentType.CALLBACK, "user/a", AgentStatus.AVAILABLE, 3, 10, 1, 60, 2),
        FixedAgent("b", AgentType.STANDBY),
    )
    assert file.tiers == (FixedTier("q", "a", 2, 3), FixedTier("q", "b"), FixedTier("r", "b", 0, 1))


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<queues><queue/></queues>", "this <queue> has no name"),
        (QUEUE.format('<param name="strategy" value="loud"/>'), "strategy='loud': known are"),
        (QUEUE.format('<param name="max-wait-time" value="x"/>'), "max-wait-time='x'"),
        (QUEUE.format('<param name="max-wait-time" value="86401"/>'), "from 0 to 86400"),
        (QUEUE.format('<param name="agent-no-answer-status" value="x"/>'), "Available"),
        (QUEUE.format('<param name="moh" value="x"/>'), "no parameter 'moh'"),
        ('<agents><agent type="callback"/></agents>', "this <agent> has no name"),
        ('<agents><agent name="a"/></agents>', "this <agent> has no type"),
        ('<agents><agent name="a" type="robot"/></agents>', "type='robot': known are callback"),
        ('<agents><agent name="a" type="callback" status="x"/></agents>', "status='x'"),
        ('<agents><agent name="a" type="callback" wrap-up-time="-1"/></agents>', "wrap-up-time"),
        (QUEUE.format("") + '<tiers><tier queue="q"/></tiers>', "this <tier> has no agent"),
        ('<tiers><tier agent="a" queue="q"/></tiers>', "serves the queue 'q', which is not in"),
        (
            QUEUE.format("") + '<tiers><tier agent="a" queue="q" level="x"/></tiers>',
            "level='x' should be a whole number",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, inside: str, message: str) -> None:
    _, findings = read(tmp_path, inside)
    assert len(findings) == 1 and message in findings[0]
    assert "freeswitch.xml:1:" in findings[0]


def test_without_a_file_there_is_nothing() -> None:
    assert read_settings(None) == (CallCenterFile(), [])


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
def test_the_configuration_that_freeswitch_ships_is_understood() -> None:
    file, findings = read_settings(load(VANILLA, {}).configuration("callcenter.conf"))
    assert list(file.queues) == ["support@default"]
    assert findings == []
