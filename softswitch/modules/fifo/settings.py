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
    accepted: ClassVar[tuple[str, ...]] = (
        "allow-transcoding", "db-inner-post-trans-execute", "db-inner-pre-trans-execute",
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


@dataclass(frozen=True, slots=True)
class FixedQueue:
    """A queue of the file."""

    name: str
    importance: int = 0
    strategy: str = "ringall"
    per_cycle: int = 1
    """Members that ``enterprise`` rings at one time, at most as many as callers wait."""
    retry_delay: int = 0
    """Seconds between two rounds of calls."""
    outbound_name: str = ""
    """Name shown to members; the queue's if empty."""
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
        strategy = written.get("outbound_strategy", settings.outbound_strategy)
        if strategy not in STRATEGIES:
            message = f"outbound_strategy={strategy!r}: known are {', '.join(STRATEGIES)}"
            findings.append(written.finding("S402", message, "", attribute="outbound_strategy"))
            strategy = settings.outbound_strategy
        queues.append(
            FixedQueue(
                name,
                _number(written, "importance", 0, findings),
                strategy,
                max(_number(written, "outbound_per_cycle", 1, findings), 1),
                _number(written, "retry_delay", 0, findings),
                written.get("outbound_name", ""),
                tuple(_member(item, written, findings) for item in written.findall("member")),
            )
        )
    return FifoFile(settings, tuple(queues)), findings


def _member(element: Element, queue: Element, findings: list[Finding]) -> FixedMember:
    timeout = _number(queue, "outbound_ring_timeout", DEFAULT_RING, findings)
    timeout = _number(element, "timeout", timeout, findings)
    if not element.text.strip():
        message = "this <member> has no dial string"
        findings.append(element.finding("S406", message, "", Severity.WARNING))
    return FixedMember(
        element.text.strip(),
        max(_number(element, "simo", 1, findings), 1),
        timeout if timeout >= SHORTEST_RING else DEFAULT_RING,
        _number(
            element, "lag", _number(queue, "outbound_default_lag", STATIC_LAG, findings), findings
        ),
    )


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
