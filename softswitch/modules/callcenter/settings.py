"""``callcenter.conf``: queues, agents, and which agents serve which queue (tiers)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import check_param, param, read_params
from softswitch.config.validators import register_validator
from softswitch.modules.callcenter.agent import AgentStatus, AgentType
from softswitch.modules.callcenter.strategy import STRATEGIES

DAY = 86_400
_STATUSES = tuple(status.value for status in AgentStatus)
_TYPES = tuple(kind.value for kind in AgentType)


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """A ``<queue>`` of ``callcenter.conf``. Times are seconds."""

    place: ClassVar[str] = "a <queue>"

    strategy: str = param("strategy", STRATEGIES[0], help="who is offered the next caller")
    moh_sound: str = param("moh-sound", "", help="what callers hear while they wait")
    announce_sound: str = param("announce-sound", "", help="laid over it from time to time")
    announce_frequency: int = param(
        "announce-frequency", 0, minimum=0, maximum=DAY, help="seconds between two of them"
    )
    record_template: str = param("record-template", "", help="file that talks are recorded to")
    time_base_score: str = param(
        "time-base-score",
        "queue",
        choices=("queue", "system"),
        help="a caller's score counts his time in the queue, or since his call was answered",
    )
    ring_progressively_delay: int = param(
        "ring-progressively-delay",
        0,
        minimum=0,
        maximum=DAY,
        help="seconds until ring-progressively rings one agent more; 0 is 10",
    )
    tier_rules_apply: bool = param(
        "tier-rules-apply", False, help="callers wait before the next level is offered them"
    )
    tier_rule_wait_second: int = param(
        "tier-rule-wait-second", 0, minimum=0, maximum=DAY, help="seconds they wait"
    )
    tier_rule_wait_multiply_level: bool = param(
        "tier-rule-wait-multiply-level", False, help="times the number of the level"
    )
    tier_rule_no_agent_no_wait: bool = param(
        "tier-rule-no-agent-no-wait", True, help="levels with nobody logged in are passed at once"
    )
    discard_abandoned_after: int = param(
        "discard-abandoned-after",
        60,
        minimum=0,
        maximum=DAY,
        help="seconds for which a caller who hung up is remembered",
    )
    abandoned_resume_allowed: bool = param(
        "abandoned-resume-allowed", False, help="he gets his place back if he calls meanwhile"
    )
    max_wait_time: int = param(
        "max-wait-time", 0, minimum=0, maximum=DAY, help="seconds a caller waits; 0 without end"
    )
    max_wait_time_with_no_agent: int = param(
        "max-wait-time-with-no-agent",
        0,
        minimum=0,
        maximum=DAY,
        help="seconds without any agent logged in; 0 without end",
    )
    max_wait_time_with_no_agent_time_reached: int = param(
        "max-wait-time-with-no-agent-time-reached",
        5,
        minimum=0,
        maximum=DAY,
        help="seconds more for who came while they ran",
    )
    agent_no_answer_status: str = param(
        "agent-no-answer-status",
        AgentStatus.ON_BREAK.value,
        choices=_STATUSES,
        help="status of an agent who did not answer max-no-answer times",
    )
    skip_agents_with_external_calls: bool = param(
        "skip-agents-with-external-calls", True, help="who is tracked in another call is not rung"
    )


@dataclass(frozen=True, slots=True)
class CallCenterSettings:
    """``<settings>`` of ``callcenter.conf``."""

    also: ClassVar[tuple[type, ...]] = (QueueSettings,)

    reserve_agents: bool = param(
        "reserve-agents", False, help="agents are Reserved before they are Receiving"
    )
    truncate_tiers: bool = param(
        "truncate-tiers-on-load", False, help="forget at the start the tiers that commands added"
    )
    truncate_agents: bool = param(
        "truncate-agents-on-load", False, help="forget at the start the agents that commands added"
    )
    instance_id: str = param("cc-instance-id", "single_box", help="instance_id of members")
    originate_timeout: int = param(
        "agent-originate-timeout", 60, minimum=1, help="seconds that an agent rings at most"
    )
    accepted: ClassVar[tuple[str, ...]] = ("debug", "dbname", "odbc-dsn", "global-database-lock")


@dataclass(frozen=True, slots=True)
class FixedAgent:
    """An ``<agent>``; None is what the file leaves as it was."""

    name: str
    type: AgentType
    contact: str | None = None
    status: AgentStatus | None = None
    max_no_answer: int | None = None
    wrap_up_time: int | None = None
    reject_delay_time: int | None = None
    busy_delay_time: int | None = None
    no_answer_delay_time: int | None = None


@dataclass(frozen=True, slots=True)
class FixedTier:
    """A ``<tier>``: an agent serves a queue."""

    queue: str
    agent: str
    level: int = 1
    position: int = 1


@dataclass(frozen=True, slots=True)
class CallCenterFile:
    """All of ``callcenter.conf``."""

    settings: CallCenterSettings = field(default_factory=CallCenterSettings)
    queues: dict[str, QueueSettings] = field(default_factory=dict)
    agents: tuple[FixedAgent, ...] = ()
    tiers: tuple[FixedTier, ...] = ()


def read_settings(element: Element | None) -> tuple[CallCenterFile, list[Finding]]:
    """What ``<configuration name="callcenter.conf">`` says, and what is wrong with it."""
    block = element.find("settings") if element else None
    settings, findings = read_params(block, CallCenterSettings)
    queues: dict[str, QueueSettings] = {}
    for written in _children(element, "queues", "queue"):
        if _named(written, ("name",), findings):
            read, wrong = read_params(written, QueueSettings)
            hint = "agents are called in order of level and position"
            findings += wrong + check_param(written, "strategy", _strategy, hint)
            queues.setdefault(written.get("name", ""), read)
    agents = [
        _agent(written, findings)
        for written in _children(element, "agents", "agent")
        if _named(written, ("name", "type"), findings)
    ]
    tiers = []
    for written in _children(element, "tiers", "tier"):
        if not _named(written, ("agent", "queue"), findings):
            continue
        queue, agent = written.get("queue", ""), written.get("agent", "")
        if queue not in queues:
            message = f"this <tier> serves the queue {queue!r}, which is not in <queues>"
            findings.append(
                written.finding("S406", message, "", Severity.WARNING, attribute="queue")
            )
        level = _number(written, "level", findings)
        position = _number(written, "position", findings)
        tiers.append(
            FixedTier(
                queue, agent, 1 if level is None else level, 1 if position is None else position
            )
        )
    known = tuple(agent for agent in agents if agent is not None)
    return CallCenterFile(settings, queues, known, tuple(tiers)), findings


def _children(element: Element | None, block: str, tag: str) -> list[Element]:
    found = element.find(block) if element else None
    return list(found.findall(tag)) if found else []


def _named(written: Element, names: tuple[str, ...], findings: list[Finding]) -> bool:
    missing = [name for name in names if not written.get(name)]
    for name in missing:
        message = f"this <{written.tag}> has no {name}"
        findings.append(written.finding("S406", message, "", Severity.WARNING))
    return not missing


def _strategy(value: str) -> str | None:
    if value.lower() in STRATEGIES:
        return None
    return f"strategy={value!r}: known are {', '.join(STRATEGIES)}"


def _agent(written: Element, findings: list[Finding]) -> FixedAgent | None:
    kind, status = AgentType.of(written.get("type", "")), None
    if kind is None:
        _wrong(written, "type", _TYPES, findings)
        return None
    if written.get("status") is not None:
        status = AgentStatus.of(written.get("status", ""))
        if status is None:
            _wrong(written, "status", _STATUSES, findings)
    return FixedAgent(
        written.get("name", ""),
        kind,
        written.get("contact"),
        status,
        _number(written, "max-no-answer", findings),
        _number(written, "wrap-up-time", findings),
        _number(written, "reject-delay-time", findings),
        _number(written, "busy-delay-time", findings),
        _number(written, "no-answer-delay-time", findings),
    )


def _wrong(written: Element, name: str, known: tuple[str, ...], findings: list[Finding]) -> None:
    message = f"{name}={written.get(name, '')!r}: known are {', '.join(known)}"
    findings.append(written.finding("S402", message, "", attribute=name))


def _number(written: Element, name: str, findings: list[Finding]) -> int | None:
    text = written.get(name)
    if not text:
        return None
    if not text.isdecimal() or len(text) > 9:
        message = f"{name}={text!r} should be a whole number"
        findings.append(written.finding("S402", message, "", attribute=name))
        return None
    return int(text)


def _validate(configuration: Configuration) -> list[Finding]:
    return read_settings(configuration.configuration("callcenter.conf"))[1]


register_validator("configuration", _validate)
