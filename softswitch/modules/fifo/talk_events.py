"""What is told of a talk between a consumer and a caller: its begin, its end and its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.fifo.dialling import TAG

if TYPE_CHECKING:
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session


def tell_begin(queues: Queues, name: str, consumer: Session, caller: Session) -> None:
    """They begin to talk."""
    who = caller.channel.profile
    member = of_member(queues, consumer)
    queues.fire(
        consumer,
        name,
        "channel-consumer-start",
        FIFO_Type="onhook",
        FIFO_Caller_CID_Name=who.caller_id_name,
        FIFO_Caller_CID_Number=who.caller_id_number,
        **member,
    )
    queues.fire(consumer, name, "bridge-consumer-start", **member)
    queues.fire(caller, name, "bridge-caller-start")


def tell_end(queues: Queues, name: str, consumer: Session, caller: Session) -> None:
    """They do not talk any more."""
    told, member = figures(consumer), of_member(queues, consumer)
    queues.fire(consumer, name, "channel-consumer-stop", FIFO_Type="onhook", **member, **told)
    queues.fire(consumer, name, "bridge-consumer-stop", **member)
    now = consumer.switch.now_us()
    queues.fire(caller, name, "bridge-caller-stop", **_times("Caller", caller, now))


def of_member(queues: Queues, consumer: Session) -> dict[str, str]:
    """Which member a consumer is, and how many calls he has; empty where he is none."""
    member_id = consumer.get(TAG)
    if not member_id:
        return {}
    count = queues.workload(member_id).in_use
    return {"FIFO_Consumer_Outbound_ID": member_id, "FIFO_Consumer_Use_Count": str(count)}


def figures(consumer: Session) -> dict[str, str]:
    """The times of a consumer's call."""
    bridged = consumer.channel.profile.times.bridged
    told = _units("FIFO_Consumer_Bridge_Time", bridged)
    return told | _times("Consumer", consumer, consumer.switch.now_us())


def import_variables(consumer: Session, caller: Session) -> None:
    """Copy what ``fifo_caller_consumer_import`` of one and ``fifo_consumer_caller_import`` of the
    other name; ``fifo_import_prefix`` begins the names of the copies."""
    for to, source, names in (
        (consumer, caller, "fifo_caller_consumer_import"),
        (caller, consumer, "fifo_consumer_caller_import"),
    ):
        prefix = to.get("fifo_import_prefix") or ""
        for name in (to.get(names) or "").split(","):
            value = source.get(name.strip()) if name.strip() else None
            if value:
                to.set(prefix + name.strip(), value)


def _times(who: str, session: Session, now: int) -> dict[str, str]:
    """For how long somebody talked, and was on hold meanwhile."""
    times = session.channel.profile.times
    hold = times.hold_accum
    talk = max(now - times.bridged - hold, 0) if times.bridged else 0
    return _units(f"FIFO_{who}_Talk_Time", talk) | _units(f"FIFO_{who}_Hold_Time", hold)


def _units(name: str, microseconds: int) -> dict[str, str]:
    """One time in microseconds, milliseconds and seconds."""
    return {
        f"{name}_{unit}": str(microseconds // factor)
        for unit, factor in (("us", 1), ("ms", 1_000), ("s", 1_000_000))
    }
