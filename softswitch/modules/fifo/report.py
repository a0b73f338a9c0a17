"""Queues as XML, in FreeSWITCH's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from softswitch.modules.fifo.queue import Queue
    from softswitch.switch.session import Session


def report(queues: Iterable[Queue], now: float, *, verbose: bool) -> str:
    """``<fifo_report>`` of these queues; ``now`` is the loop's time."""
    root = ElementTree.Element("fifo_report")
    for queue in queues:
        _queue(root, queue, now, verbose=verbose)
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


def _queue(root: ElementTree.Element, queue: Queue, now: float, *, verbose: bool) -> None:
    fifo = ElementTree.SubElement(
        root,
        "fifo",
        name=queue.name,
        consumer_count=str(len(queue.consumers)),
        caller_count=str(len(queue.callers)),
        waiting_count=str(len(queue.waiting)),
        importance=str(queue.importance),
        outbound_strategy=queue.strategy,
        has_outbound="1" if queue.members else "0",
    )
    outbound = ElementTree.SubElement(fifo, "outbound")
    for member in queue.members.values():
        rest = max(member.free_at - now, 0)
        attributes = {
            "simo": str(member.simo),
            "use_count": str(member.in_use),
            "timeout": str(member.timeout),
            "lag": str(member.lag),
            "outbound-call-count": str(member.calls),
            "outbound-fail-count": str(member.failures),
            "taking-calls": str(member.taking_calls),
            "manual_calls": str(member.manual_calls),
            "next-available": f"in {rest:.0f} s" if rest else "now",
        }
        ElementTree.SubElement(outbound, "member", attributes).text = member.dial_string
    callers = ElementTree.SubElement(fifo, "callers")
    for caller in queue.callers.values():
        _party(callers, "caller", caller, verbose=verbose)
    consumers = ElementTree.SubElement(fifo, "consumers")
    for consumer in queue.consumers.values():
        _party(consumers, "consumer", consumer, verbose=verbose)
    bridges = ElementTree.SubElement(fifo, "bridges")
    for caller, consumer in queue.bridges.values():
        pair = ElementTree.SubElement(bridges, "bridge")
        ElementTree.SubElement(pair, "caller", uuid=caller.uuid)
        ElementTree.SubElement(pair, "consumer", uuid=consumer.uuid)


def _party(parent: ElementTree.Element, tag: str, session: Session, *, verbose: bool) -> None:
    attributes = {"uuid": session.uuid}
    for name in ("status", "timestamp", "target", "position", "priority"):
        if value := session.channel.variables.get(f"fifo_{name}"):
            attributes[name] = value
    profile = session.channel.profile
    attributes["caller_id_name"] = profile.caller_id_name
    attributes["caller_id_number"] = profile.caller_id_number
    party = ElementTree.SubElement(parent, tag, attributes)
    if verbose:
        ElementTree.SubElement(
            party, "caller_profile", destination_number=profile.destination_number
        )
        variables = ElementTree.SubElement(party, "variables")
        for name, value in session.channel.variables:
            ElementTree.SubElement(variables, "variable", name=name, value=value)
