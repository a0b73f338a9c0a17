"""``fifo.conf``: queues that are always there, and whom they call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import param, read_params
from softswitch.config.validators import register_validator

STRATEGIES = ("ringall", "enterprise")
DEFAULT_RING, DEFAULT_LAG, STATIC_LAG = 60, 30, 10
SHORTEST_RING = 10
DEFAULT_PRIORITY = 5
MANUAL = "manual_calls"
"""The queue under which calls outside of queues are told of."""


@dataclass(frozen=True, slots=True)
class FifoSettings:
    """``<settings>`` of ``fifo.conf``."""

    delete_members_on_startup: bool = param(
        "delete-all-outbound-member-on-startup",
        False,
        help="forget at the start whom fifo_member added before",
    )
    outbound_strategy: str = param(
        "outbound-strategy",
        "ringall",
        choices=STRATEGIES,
        help="ring members together for one caller, or each for himself",
    )
    disable_hold_key: bool = param(
        "disable-dtmf-moh-key", False, help="the key 0 of a consumer does not hold his caller"
    )
    allow_transcoding: bool = param(
        "allow-transcoding",
        False,
        help="offer members who ring for a caller any codec, not only his and G.711",
    )
    accepted: ClassVar[tuple[str, ...]] = (
        "db-inner-post-trans-execute", "db-inner-pre-trans-execute",
        "db-post-trans-execute", "db-pre-trans-execute", "dbname", "dial-out-on-demand",
        "odbc-dsn",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FixedMember:
    """Somebody a queue calls."""

    dial_string: str
    simo: int = 1
    """Calls at one time."""
    timeout: int = DEFAULT_RING
    """Seconds that he may ring."""
    lag: int = STATIC_LAG
    """Seconds of rest after a call."""
    taking_calls: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """How a queue calls its members."""

    strategy: str = "ringall"
    per_cycle: int = 1
    """Members that ``ringall`` rings for one caller, and ``enterprise`` at most at one time;
    0 for all."""
    per_cycle_min: int = 1
    """Members that ``enterprise`` rings at least, even for fewer callers."""
    priority: int = DEFAULT_PRIORITY
    ring_timeout: int = DEFAULT_RING
    """Seconds that a member rings who says nothing himself."""
    default_lag: int = DEFAULT_LAG
    retry_delay: int = 0
    """Seconds that a member rests in addition when a call came to nothing."""
    outbound_name: str = ""
    """Shown to members, with the caller's name or instead of it."""


@dataclass(frozen=True, slots=True)
class FixedQueue:
    """A queue of the file."""

    name: str
    importance: int = 0
    plan: Plan = Plan()
    members: tuple[FixedMember, ...] = ()


@dataclass(frozen=True, slots=True)
class FifoFile:
    """All of ``fifo.conf``."""

    settings: FifoSettings = field(default_factory=FifoSettings)
    queues: tuple[FixedQueue, ...] = ()


def read_settings(element: Element | None) -> tuple[FifoFile, list[Finding]]:
    """The queues in ``<configuration name="fifo.conf">``, and what is wrong with them."""
    settings, findings = read_params(element.find("settings") if element else None, FifoSettings)
    block = element.find("fifos") if element else None
    queues = []
    for written in block.findall("fifo") if block else ():
        name = written.get("name", "")
        if not name:
            message = "this <fifo> has no name"
            findings.append(written.finding("S406", message, "", Severity.WARNING))
            continue
        if name.lower() == MANUAL:
            message = f"{MANUAL} is a reserved name"
            findings.append(written.finding("S402", message, "", attribute="name"))
            continue
        plan = _plan(written, settings.outbound_strategy, findings)
        members = tuple(
            _member(item, written, plan, findings) for item in written.findall("member")
        )
        importance = _number(written, "importance", 0, findings)
        queues.append(FixedQueue(name, importance, plan, tuple(members)))
    return FifoFile(settings, tuple(queues)), findings


def _plan(written: Element, default_strategy: str, findings: list[Finding]) -> Plan:
    strategy = written.get("outbound_strategy", default_strategy)
    if strategy not in STRATEGIES:
        message = f"outbound_strategy={strategy!r}: known are {', '.join(STRATEGIES)}"
        findings.append(written.finding("S402", message, "", attribute="outbound_strategy"))
        strategy = default_strategy
    priority = _number(written, "outbound_priority", DEFAULT_PRIORITY, findings)
    return Plan(
        strategy,
        _number(written, "outbound_per_cycle", 1, findings),
        _number(written, "outbound_per_cycle_min", 1, findings),
        priority if 1 <= priority <= 10 else DEFAULT_PRIORITY,
        _longer(written, "outbound_ring_timeout", DEFAULT_RING, findings),
        _longer(written, "outbound_default_lag", DEFAULT_LAG, findings),
        _number(written, "retry_delay", 0, findings),
        written.get("outbound_name", ""),
    )


def _member(element: Element, queue: Element, plan: Plan, findings: list[Finding]) -> FixedMember:
    timeout = _number(element, "timeout", plan.ring_timeout, findings)
    lag = STATIC_LAG if queue.get("outbound_default_lag") is None else plan.default_lag
    if not element.text.strip():
        message = "this <member> has no dial string"
        findings.append(element.finding("S406", message, "", Severity.WARNING))
    return FixedMember(
        element.text.strip(),
        max(_number(element, "simo", 1, findings), 1),
        timeout if timeout >= SHORTEST_RING else plan.ring_timeout,
        _number(element, "lag", lag, findings),
        max(_number(element, "taking_calls", 1, findings), 1),
    )


def _longer(element: Element, name: str, default: int, findings: list[Finding]) -> int:
    """Seconds, which FreeSWITCH wants to be more than ten."""
    seconds = _number(element, name, default, findings)
    if seconds <= SHORTEST_RING:
        message = f"{name}={seconds}: it has to be more than {SHORTEST_RING} seconds"
        findings.append(element.finding("S402", message, "", attribute=name))
        return default
    return seconds


def _number(element: Element, name: str, default: int, findings: list[Finding]) -> int:
    text = element.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 9:
        message = f"{name}={text!r} should be a whole number"
        findings.append(element.finding("S402", message, "", attribute=name))
        return default
    return int(text)


def _validate(configuration: Configuration) -> list[Finding]:
    return read_settings(configuration.configuration("fifo.conf"))[1]


register_validator("configuration", _validate)
