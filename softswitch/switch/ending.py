"""The end of a call: CS_HANGUP, CS_REPORTING and CS_DESTROY, with the figures of the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from softswitch.dialplan.pcre import PatternError, compile_expression
from softswitch.switch import record_copies, recording, reporting
from softswitch.switch.caller import Times
from softswitch.switch.leg import GoneLeg
from softswitch.switch.states import CallState, ChannelState

if TYPE_CHECKING:
    from softswitch.switch.causes import HangupCause
    from softswitch.switch.session import Session
    from softswitch.switch.variables import Variables


def leave_partner(session: Session, cause: HangupCause) -> None:
    """Note the times of a hang-up, and leave word with whoever the leg talks to."""
    channel, peer = session.channel, session.peer
    if peer is not None and channel.held:
        # Who holds somebody and leaves may send him elsewhere.
        elsewhere = session.get("hold_hangup_xfer_exten")
        if elsewhere:
            peer.set("transfer_after_bridge", elsewhere)
    now = session.switch.now_us()
    channel.release(now)
    channel.profile.times.hungup = now
    if peer is not None:
        session.set("last_bridge_role", "originator" if channel.began_bridge else "originatee")
    partner = peer
    if partner is None:
        # He may be somebody we were rung for and never talked to.
        bond = channel.variables.peek("signal_bond")
        partner = session.switch.find(bond) if bond else None
    if partner is None or not partner.channel.up:
        return
    partner.set("last_bridge_hangup_cause", cause.name)
    protocol = channel.variables.peek("proto_specific_hangup_cause")
    if protocol:
        partner.set("last_bridge_proto_specific_hangup_cause", protocol)


async def end_of_call(session: Session, state: ChannelState) -> None:
    """Run one of the three last states and move on to the next."""
    channel = session.channel
    if state is ChannelState.CS_HANGUP:
        await recording.end_all(session)
        for bug in list(session.bugs):
            bug.detach()
        cause = channel.hangup_cause
        session.switch.counters.ended[channel.direction.value, cause.name] += 1
        channel.variables.load(_last_words(session, cause))
        channel.variables.defer(FIGURES, partial(figures, channel.profile.times, channel.holds))
        channel.set_callstate(CallState.HANGUP)
        if session.is_true("log_audio_stats_on_hangup"):
            known = channel.variables.with_prefix("rtp_audio_")
            session.log.debug("figures of its sound: %s", " ".join(f"{n}={v}" for n, v in known))
        if session.runs_on_when_hung_up:
            for action in session.actions:
                await session.execute(action.application, action.data)
        await _hook(session, "api_hangup_hook")
        session.switch.devices.hung_up(channel)
        channel.move(ChannelState.CS_REPORTING)
    elif state is ChannelState.CS_REPORTING:
        session.tell("over")
        if session.records_due:
            await record_copies.take(session)
        await reporting.ended(session)
        await _hook(session, "api_reporting_hook")
        headers = {"Hangup-Cause": channel.hangup_cause.name}
        session.switch.fire(session, "CHANNEL_HANGUP_COMPLETE", first=headers)
        channel.move(ChannelState.CS_DESTROY)
        session.switch.fire(session, "CHANNEL_DESTROY")
        session.switch.devices.destroyed(channel)
    else:
        session.switch.forget(session)
        # Session and leg know each other: parted, both are freed at once.
        session.leg = GoneLeg()
        session.watchers.clear()


async def _hook(session: Session, name: str) -> None:
    value = session.channel.variables.peek(name)
    if not value:
        return
    try:
        line = await session.expand(value.replace("::", " ", 1))
        attached = session if session.is_true("session_in_hangup_hook") else None
        await session.switch.run_command(line, session=attached, source="hook")
    except Exception:
        # The call is over either way, and its record must be written.
        session.log.exception("%s failed", name)


def _last_words(session: Session, cause: HangupCause) -> dict[str, str]:
    """What a call's variables say of it once it is hung up."""
    profile = session.channel.profile
    caller_id = profile.caller_id_number
    if profile.caller_id_name:
        caller_id = f'"{profile.caller_id_name}" <{caller_id}>'
    values = {
        "hangup_cause": cause.name,
        "hangup_cause_q850": str(cause.q850),
        "caller_id": caller_id,
    }
    if session.digits.dialed:
        values["digits_dialed"] = _masked(session, session.digits.dialed)
    if session.application_log:
        values["last_app"], values["last_arg"], _ = session.application_log[-1]
    return values


def _masked(session: Session, dialed: str) -> str:
    """The keys that were pressed, an ``X`` for each that ``digits_dialed_filter`` finds."""
    text = session.get("digits_dialed_filter")
    if not text:
        return dialed
    try:
        found = compile_expression(text).match(dialed)
    except PatternError as error:
        session.log.warning("digits_dialed_filter: %s", error)
        return dialed
    for capture in found or ():
        if capture:
            dialed = dialed.replace(capture, "X" * len(capture))
    return dialed


@lru_cache(maxsize=256)
def stamp(seconds: int) -> str:
    """``YYYY-MM-DD HH:MM:SS`` in local time of seconds since 1970."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M:%S")


def figures(times: Times, holds: Iterable[tuple[int, int]], variables: Variables) -> dict[str, str]:
    """What is computed at the end of a call, to be added to its variables."""
    values = figures_of(times)
    spans_held = ",".join([f"{{{begin},{end}}}" for begin, end in holds])
    if spans_held:
        values["hold_events"] = f"{{{spans_held}}}"
    if variables.peek("digits_dialed") is None:
        values["digits_dialed"] = "none"
    return values


def figures_of(times: Times) -> dict[str, str]:
    """The time variables of a finished call as FreeSWITCH computes them."""
    moments = (
        ("start", times.created),
        ("profile_start", times.profile_created),
        ("answer", times.answered),
        ("bridge", times.bridged),
        ("last_hold", times.last_hold),
        ("resurrect", times.resurrected),
        ("progress", times.progress),
        ("progress_media", times.progress_media),
        ("end", times.hungup),
    )
    values = {}
    for name, moment in moments:
        if moment:
            values[f"{name}_stamp"] = stamp(moment // 1_000_000)
        values[f"{name}_epoch"] = str(moment // 1_000_000)
        values[f"{name}_uepoch"] = str(moment)
    created, answered, ended = times.created, times.answered, times.hungup
    spans = (
        ("duration", "mduration", "uduration", created, ended),
        ("billsec", "billmsec", "billusec", answered, ended),
        ("progresssec", "progressmsec", "progressusec", created, times.progress),
        (
            "progress_mediasec",
            "progress_mediamsec",
            "progress_mediausec",
            created,
            times.progress_media,
        ),
        ("answersec", "answermsec", "answerusec", created, answered),
        ("waitsec", "waitmsec", "waitusec", created, times.bridged),
        ("flow_billsec", "flow_billmsec", "flow_billusec", created, answered and ended),
    )
    for seconds, milliseconds, microseconds, start, end in spans:
        happened = start and end
        # Whole seconds are subtracted, as billing systems know it.
        values[seconds] = str(end // 1_000_000 - start // 1_000_000 if happened else 0)
        values[milliseconds] = str(end // 1000 - start // 1000 if happened else 0)
        values[microseconds] = str(end - start if happened else 0)
    if held := values.pop("last_hold_stamp", ""):
        values["hold_stamp"] = held
    values["hold_accum_seconds"] = str(times.hold_accum // 1_000_000)
    values["hold_accum_ms"] = str(times.hold_accum // 1000)
    values["hold_accum_usec"] = str(times.hold_accum)
    return values


_ALL_HAPPENED = Times(*[1] * 11)
FIGURES = frozenset(figures_of(_ALL_HAPPENED)) | {"hold_events", "digits_dialed"}
"""All variables that `figures` may set."""
