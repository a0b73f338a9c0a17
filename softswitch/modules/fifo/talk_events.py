"""What is told of a talk between a consumer and a caller: its begin, its end and its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.modules.fifo.queues import Queues
    from softswitch.switch.session import Session


def tell_begin(queues: Queues, name: str, consumer: Session, caller: Session) -> None:
    """They begin to talk."""
    who = caller.channel.profile
    queues.fire(
        consumer,
        name,
        "channel-consumer-start",
        FIFO_Type="onhook",
        FIFO_Caller_CID_Name=who.caller_id_name,
        FIFO_Caller_CID_Number=who.caller_id_number,
    )
    queues.fire(consumer, name, "bridge-consumer-start")
    queues.fire(caller, name, "bridge-caller-start")


def tell_end(queues: Queues, name: str, consumer: Session, caller: Session) -> None:
    """They do not talk any more."""
    told = figures(consumer)
    queues.fire(consumer, name, "channel-consumer-stop", FIFO_Type="onhook", **told)
    queues.fire(consumer, name, "bridge-consumer-stop")
    now = consumer.switch.now_us()
    queues.fire(caller, name, "bridge-caller-stop", **_times("Caller", caller, now))


def figures(consumer: Session, *, use_count: int | None = None) -> dict[str, str]:
    """The times of a consumer's call, and how many calls the member has where that is known."""
    bridged = consumer.channel.profile.times.bridged
    told = _units("FIFO_Consumer_Bridge_Time", bridged)
    told |= _times("Consumer", consumer, consumer.switch.now_us())
    if use_count is not None:
        told["FIFO_Consumer_Use_Count"] = str(use_count)
    return told


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
