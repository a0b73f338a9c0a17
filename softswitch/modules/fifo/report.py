"""Queues as XML and as text, in FreeSWITCH's shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from softswitch.switch import call_record
from softswitch.switch.event_text import url_encode
from softswitch.switch.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.modules.fifo.queue import Member, Queue
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


def report(queues: Queues, chosen: Iterable[Queue], *, verbose: bool) -> str:
    """``<fifo_report>`` of these queues; ``verbose`` adds the record of each call."""
    root = ElementTree.Element("fifo_report")
    for queue in chosen:
        _queue(queues, root, queue, verbose=verbose)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", short_empty_elements=False) + "\n"


def count(queue: Queue) -> str:
    """A queue in one line: consumers, callers, members, rounds that ring, idle consumers."""
    figures = (
        len(queue.consumers),
        len(queue.waiting),
        len(queue.members),
        len(queue.rounds),
        queue.idle_consumers,
    )
    return ":".join((queue.name, *map(str, figures))) + "\n"


def status(queues: Queues) -> str:
    """What queues are set to, for whom is rung, who rings, and what calls and members talk."""
    lines = []
    for queue in queues:
        plan = queue.plan
        lines.append(
            f"node: {queue.name}\n outbound_name: {plan.outbound_name}\n"
            f" outbound_per_cycle: {plan.per_cycle} outbound_per_cycle_min: {plan.per_cycle_min}"
            f" outbound_priority: {plan.priority} outbound_strategy: {plan.strategy}\n"
            f" has_outbound: {int(bool(queue.members))}\n outbound_priority: {plan.priority}\n"
            f" busy: 0\n ready: {2 if queue is queues.manual else 1}\n"
            f" waiting: {len(queue.waiting)}\n"
        )
    rounds = [round_ for queue in queues for round_ in queue.rounds]
    callers = [round_.entry.session for round_ in rounds if round_.entry is not None]
    for title, names in (
        ("caller_orig", [caller.uuid for caller in callers if caller is not None]),
        ("consumer_orig", [member.id for round_ in rounds for member in round_.members]),
        ("bridge", sorted(queues.talking())),
    ):
        lines.append(f" {title}:\n" + "".join(f"  {name}\n" for name in names))
    return "".join(lines)


def _queue(queues: Queues, root: ElementTree.Element, queue: Queue, *, verbose: bool) -> None:
    fifo = ElementTree.SubElement(
        root,
        "fifo",
        name=queue.name,
        consumer_count=str(len(queue.consumers)),
        caller_count=str(len(queue.waiting)),
        waiting_count=str(len(queue.waiting)),
        importance=str(queue.importance),
        outbound_per_cycle=str(queue.plan.per_cycle),
        outbound_per_cycle_min=str(queue.plan.per_cycle_min),
        ring_timeout=str(queue.plan.ring_timeout),
        default_lag=str(queue.plan.default_lag),
        outbound_priority=str(queue.plan.priority),
        outbound_strategy=queue.plan.strategy,
    )
    outbound = ElementTree.SubElement(fifo, "outbound")
    manual = queue is queues.manual
    for member in (queues.members() if manual else queue.members).values():
        attributes = _member(queues.switch, member, brief=manual)
        ElementTree.SubElement(outbound, "member", attributes).text = member.dial_string
    callers = ElementTree.SubElement(fifo, "callers")
    for waiting in sorted(queue.waiting, key=lambda one: one.slot):
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


def _member(switch: Switch, member: Member, *, brief: bool) -> dict[str, str]:
    load, rest = member.load, member.free_at - switch.loop.time()
    free_at = format_time("", switch.now_us() / 1_000_000 + rest) if rest > 0 else "now"
    told = {
        "simo": str(member.simo),
        "use_count": str(load.in_use),
        "timeout": str(member.timeout),
        "lag": str(member.lag),
        "outbound-call-count": str(load.served),
        "outbound-fail-count": str(load.failures),
        "taking-calls": str(member.taking_calls),
        "status": "",
        "outbound-call-total-count": str(load.served),
        "outbound-fail-total-count": str(load.failures_in_all),
        "logged-on-since": format_time("", member.since),
        "manual-calls-out-count": str(load.manual_out),
        "manual-calls-in-count": str(load.manual_in),
        "manual-calls-out-total-count": str(load.manual_out),
        "manual-calls-in-total-count": str(load.manual_in),
    }
    if not brief:
        told["ring-count"] = str(load.ringing)
        for name, moment in (("start-time", load.started), ("stop-time", load.stopped)):
            told[name] = format_time("", moment) if moment else "never"
    return told | {"next-available": free_at}


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
