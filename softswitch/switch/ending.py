"""The end of a call: CS_HANGUP, CS_REPORTING and CS_DESTROY, with the figures of the record."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_false
from softswitch.switch.leg import GoneLeg
from softswitch.switch.states import CallState, ChannelState

if TYPE_CHECKING:
    from softswitch.switch.channel import Channel
    from softswitch.switch.session import Session


async def end_of_call(session: Session, state: ChannelState) -> None:
    """Run one of the three last states and move on to the next."""
    channel = session.channel
    if state is ChannelState.CS_HANGUP:
        session.set("hangup_cause", channel.hangup_cause.name)
        session.set("hangup_cause_q850", str(channel.hangup_cause.q850))
        set_times(channel)
        _last_application(session)
        channel.set_callstate(CallState.HANGUP)
        await _hook(session, "api_hangup_hook")
        channel.move(ChannelState.CS_REPORTING)
    elif state is ChannelState.CS_REPORTING:
        await _hook(session, "api_reporting_hook")
        session.switch.fire(
            session, "CHANNEL_HANGUP_COMPLETE", {"Hangup-Cause": channel.hangup_cause.name}
        )
        channel.move(ChannelState.CS_DESTROY)
    else:
        session.switch.forget(session)
        session.switch.fire(session, "CHANNEL_DESTROY")
        # Session and leg know each other: parted, both are freed at once.
        session.leg = GoneLeg()
        session.watchers.clear()


async def _hook(session: Session, name: str) -> None:
    value = session.get(name)
    if not value:
        return
    line = await session.expand(value.replace("::", " ", 1))
    attached = session if session.is_true("session_in_hangup_hook") else None
    await session.switch.run_command(line, session=attached, source="hook")


def _last_application(session: Session) -> None:
    if session.application_log:
        name, data, _ = session.application_log[-1]
        session.set("last_app", name)
        session.set("last_arg", data)
    profile = session.channel.profile
    if profile.caller_id_name:
        session.set("caller_id", f'"{profile.caller_id_name}" <{profile.caller_id_number}>')
    else:
        session.set("caller_id", profile.caller_id_number)


def wants_record(session: Session) -> bool:
    """True unless ``process_cdr`` or ``skip_cdr_causes`` say that no record is wanted."""
    wish = session.get("process_cdr") or ""
    if wish == "a_only" and session.channel.originator:
        return False
    if wish == "b_only" and session.channel.originatee:
        return False
    if is_false(wish):
        return False
    skipped = (session.get("skip_cdr_causes") or "").upper().replace("|", ",").split(",")
    return session.channel.hangup_cause.name not in (cause.strip() for cause in skipped)


@lru_cache(maxsize=256)
def stamp(seconds: int) -> str:
    """``YYYY-MM-DD HH:MM:SS`` in local time of seconds since 1970."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def set_times(channel: Channel) -> None:
    """Set the time variables of a finished call as FreeSWITCH computes them."""
    times = channel.profile.times
    moments = {
        "start": times.created,
        "profile_start": times.profile_created,
        "answer": times.answered,
        "bridge": times.bridged,
        "last_hold": times.last_hold,
        "resurrect": times.resurrected,
        "progress": times.progress,
        "progress_media": times.progress_media,
        "end": times.hungup,
    }
    variables = channel.variables
    for name, moment in moments.items():
        if moment and name != "last_hold":
            variables.set(f"{name}_stamp", stamp(moment // 1_000_000))
        variables.set(f"{name}_epoch", str(moment // 1_000_000))
        variables.set(f"{name}_uepoch", str(moment))
    _spans(channel, "", "duration", times.created, times.hungup)
    _spans(channel, "bill", "", times.answered, times.hungup)
    _spans(channel, "progress", "", times.created, times.progress)
    _spans(channel, "progress_media", "", times.created, times.progress_media)
    _spans(channel, "answer", "", times.created, times.answered)
    _spans(channel, "wait", "", times.created, times.bridged)
    if times.answered:
        _spans(channel, "flow_bill", "", times.created, times.hungup)
    else:
        _spans(channel, "flow_bill", "", 0, 0)
    variables.set("hold_accum_seconds", str(times.hold_accum // 1_000_000))
    variables.set("hold_accum_ms", str(times.hold_accum // 1000))
    variables.set("hold_accum_usec", str(times.hold_accum))
    digits = variables.get("digits_dialed")
    if not digits:
        variables.set("digits_dialed", "none")


def _spans(channel: Channel, prefix: str, word: str, start: int, end: int) -> None:
    """Seconds are the difference of whole seconds, as billing systems know them."""
    happened = bool(start and end)
    seconds = (end // 1_000_000 - start // 1_000_000) if happened else 0
    milliseconds = (end // 1000 - start // 1000) if happened else 0
    microseconds = end - start if happened else 0
    variables = channel.variables
    if word:
        variables.set(word, str(seconds))
        variables.set(f"m{word}", str(milliseconds))
        variables.set(f"u{word}", str(microseconds))
    else:
        variables.set(f"{prefix}sec", str(seconds))
        variables.set(f"{prefix}msec", str(milliseconds))
        variables.set(f"{prefix}usec", str(microseconds))
