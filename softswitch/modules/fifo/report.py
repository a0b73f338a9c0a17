"""Queues as XML and as text, in FreeSWITCH's shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from softswitch.modules.fifo.settings import DEFAULT_LAG, DEFAULT_RING
from softswitch.switch import call_record
from softswitch.switch.event_text import url_encode
from softswitch.switch.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.modules.fifo.queue import Member, Queue
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


def report(switch: Switch, queues: Iterable[Queue], *, verbose: bool) -> str:
    """``<fifo_report>`` of these queues; ``verbose`` adds the record of each call."""
    root = ElementTree.Element("fifo_report")
    for queue in queues:
        _queue(switch, root, queue, verbose=verbose)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False) + "\n"


def count(queue: Queue) -> str:
    """A queue in one line: consumers, callers, members, members that ring, idle consumers."""
    figures = (
        len(queue.consumers),
        len(queue.waiting),
        len(queue.members),
        queue.ringing,
        len(queue.idle),
    )
    return ":".join((queue.name, *map(str, figures))) + "\n"


def status(queues: Iterable[Queue]) -> str:
    """What queues are set to, and who talks to whom."""
    queues = list(queues)
    lines = [
        f"node: {queue.name}\n outbound_name: {queue.outbound_name}\n"
        f" outbound_per_cycle: {queue.per_cycle}\n outbound_strategy: {queue.strategy}\n"
        f" has_outbound: {int(bool(queue.members))}\n busy: {queue.ringing}\n ready: 1\n"
        f" waiting: {len(queue.waiting)}\n"
        for queue in queues
    ]
    pairs = [pair for queue in queues for pair in queue.bridges.values()]
    for title, uuids in (
        ("caller_orig", [caller.uuid for caller, _ in pairs]),
        ("consumer_orig", [consumer.uuid for _, consumer in pairs]),
        ("bridge", [one.uuid for pair in pairs for one in pair]),
    ):
        lines.append(f" {title}:\n" + "".join(f"  {uuid}\n" for uuid in uuids))
    return "".join(lines)


def _queue(switch: Switch, root: ElementTree.Element, queue: Queue, *, verbose: bool) -> None:
    fifo = ElementTree.SubElement(
        root,
        "fifo",
        name=queue.name,
        consumer_count=str(len(queue.consumers)),
        caller_count=str(len(queue.waiting)),
        waiting_count=str(len(queue.waiting)),
        importance=str(queue.importance),
        outbound_per_cycle=str(queue.per_cycle),
        ring_timeout=str(DEFAULT_RING),
        default_lag=str(DEFAULT_LAG),
        outbound_strategy=queue.strategy,
    )
    outbound = ElementTree.SubElement(fifo, "outbound")
    for member in queue.members.values():
        attributes = _member(switch, member)
        ElementTree.SubElement(outbound, "member", attributes).text = member.dial_string
    callers = ElementTree.SubElement(fifo, "callers")
    for waiting in queue.waiting:
        if waiting.session is not None:
            more = {
                "position": waiting.session.get("fifo_position") or "",
                "slot": str(waiting.slot),
            }
            _party(callers, "caller", waiting.session, more, verbose=verbose)
    consumers = ElementTree.SubElement(fifo, "consumers")
    for consumer in queue.consumers.values():
        _party(consumers, "consumer", consumer, {}, verbose=verbose)
    bridges = ElementTree.SubElement(fifo, "bridges")
    for caller, consumer in queue.bridges.values():
        _bridge(bridges, queue, caller, consumer, verbose=verbose)


def _member(switch: Switch, member: Member) -> dict[str, str]:
    rest = member.free_at - switch.loop.time()
    free_at = format_time("", switch.now_us() / 1_000_000 + rest) if rest > 0 else "now"
    return {
        "simo": str(member.simo),
        "use_count": str(member.in_use),
        "timeout": str(member.timeout),
        "lag": str(member.lag),
        "outbound-call-count": str(member.calls),
        "outbound-fail-count": str(member.failures),
        "taking-calls": str(member.taking_calls),
        "manual-calls-out-count": str(member.manual_out),
        "manual-calls-in-count": str(member.manual_in),
        "next-available": free_at,
    }


def _party(
    parent: ElementTree.Element, tag: str, session: Session, more: dict[str, str], *, verbose: bool
) -> None:
    profile = session.channel.profile
    values = {
        "uuid": session.uuid,
        "status": session.get("fifo_status"),
        "caller_id_name": url_encode(profile.caller_id_name),
        "caller_id_number": url_encode(profile.caller_id_number),
        "timestamp": session.get("fifo_timestamp"),
        "target": session.get("fifo_target"),
        **more,
    }
    party = ElementTree.SubElement(parent, tag, {key: text for key, text in values.items() if text})
    if verbose:
        party.append(_record(session))


def _bridge(
    parent: ElementTree.Element, queue: Queue, caller: Session, consumer: Session, *, verbose: bool
) -> None:
    begun = caller.channel.profile.times.bridged // 1_000_000
    pair = ElementTree.SubElement(
        parent,
        "bridge",
        fifo_name=queue.name,
        bridge_start=format_time("", begun),
        bridge_start_epoch=str(begun),
    )
    profile = caller.channel.profile
    first = ElementTree.SubElement(
        pair,
        "caller",
        uuid=caller.uuid,
        caller_id_name=url_encode(profile.caller_id_name),
        caller_id_number=url_encode(profile.caller_id_number),
    )
    second = ElementTree.SubElement(pair, "consumer")
    ElementTree.SubElement(second, "uuid").text = consumer.uuid
    ElementTree.SubElement(second, "outgoing_uuid").text = consumer.get("fifo_outbound_uuid")
    if verbose:
        first.append(_record(caller))
        second.append(_record(consumer))


def _record(session: Session) -> ElementTree.Element:
    return ElementTree.fromstring(call_record.to_xml(call_record.document(session), declared=False))
