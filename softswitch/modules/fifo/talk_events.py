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
    now = consumer.switch.now_us()
    bridged = consumer.channel.profile.times.bridged
    figures = _units("FIFO_Consumer_Bridge_Time", bridged) | _times("Consumer", consumer, now)
    queues.fire(consumer, name, "channel-consumer-stop", FIFO_Type="onhook", **figures)
    queues.fire(consumer, name, "bridge-consumer-stop")
    queues.fire(caller, name, "bridge-caller-stop", **_times("Caller", caller, now))


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
