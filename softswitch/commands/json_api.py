"""``json``: questions and answers in JSON, for web pages."""

from __future__ import annotations

import json
from typing import Any

from softswitch import __version__
from softswitch.commands.reply import usage
from softswitch.registry import command, json_command
from softswitch.switch.broadcast import broadcast
from softswitch.switch.commands import CommandCall
from softswitch.switch.pulse import idle_percent
from softswitch.switch.session import Session

Data = dict[str, Any]


class _Refused(Exception):
    """The question cannot be answered; the message is for who asks."""


@command("json", syntax='{"command":"...","data":"..."}', module="mod_commands")
async def json_api(call: CommandCall, arguments: str) -> str:
    """Answer ``status``, ``fsapi``, ``execute``, ``channelData``, ``mediaStats``, ``sofia.status``
    or ``sofia.status.info`` in JSON.

    ``{"command": "fsapi", "data": {"cmd": "show", "arg": "calls as json"}}`` runs any command;
    with ``"format": "pretty"`` the answer is laid out for reading.
    """
    if not arguments.strip():
        return usage("json")
    try:
        question = json.loads(arguments)
    except ValueError:
        return "-ERR invalid json\n"
    if not isinstance(question, dict):
        return "-ERR invalid json\n"
    name, data = question.get("command"), question.get("data")
    answer: Data = dict(question)
    run = json_command.find(name) if isinstance(name, str) else None
    try:
        if run is None:
            raise _Refused("Invalid request or non-existent command")
        answer["response"] = await run.target(call, data if isinstance(data, dict) else {})
        answer["status"] = "success"
    except _Refused as refused:
        answer |= {"status": "error", "message": str(refused)}
    pretty = question.get("format") == "pretty"
    layout: dict[str, Any] = {"indent": "\t"} if pretty else {"separators": (",", ":")}
    return json.dumps(answer, ensure_ascii=False, **layout)


@json_command("status", module="mod_commands")
async def _status(call: CommandCall, data: Data) -> Data:
    switch, counters = call.switch, call.switch.counters
    counters.turn(switch.loop.time(), len(switch.sessions))
    up = switch.now_us() - switch.started_at_us
    uptime: Data = {}
    for name, unit in (
        ("years", 365 * 86_400_000_000),
        ("days", 86_400_000_000),
        ("hours", 3_600_000_000),
        ("minutes", 60_000_000),
        ("seconds", 1_000_000),
        ("milliseconds", 1000),
        ("microseconds", 1),
    ):
        uptime[name], up = divmod(up, unit)
    ready = not (switch.paused_inbound and switch.paused_outbound)
    return {
        "systemStatus": "ready" if ready else "not ready",
        "uptime": uptime,
        "version": __version__,
        "sessions": {
            "count": {
                "total": counters.total,
                "active": len(switch.sessions),
                "peak": counters.peak,
                "peak5Min": counters.peak_five_minutes,
                "limit": switch.max_sessions,
            },
            "rate": {
                "current": counters.per_second_last,
                "max": switch.sessions_per_second,
                "peak": counters.per_second_peak,
                "peak5Min": counters.per_second_five_minutes,
            },
        },
        "idleCPU": {"used": 0, "allowed": round(idle_percent(), 2)},
    }


@json_command("fsapi", module="mod_commands")
async def _fsapi(call: CommandCall, data: Data) -> Data:
    name, arguments = data.get("cmd"), data.get("arg") or ""
    if not isinstance(name, str) or not name:
        raise _Refused("INVALID CMD")
    line = f"{name} {arguments}".strip()
    return {"message": await call.switch.run_command(line, source=call.source)}


@json_command("execute", module="mod_commands")
async def _execute(call: CommandCall, data: Data) -> Data:
    session = _session(call, data)
    name = data.get("app")
    if not isinstance(name, str) or not name:
        raise _Refused("INVALID APP")
    leg = "holdb" if data.get("holdBleg") else "aleg"
    broadcast(session, f"{name}::{data.get('arg') or ''}", leg)
    return {"message": "executed"}


@json_command("channelData", module="mod_commands")
async def _channel_data(call: CommandCall, data: Data) -> Data:
    return dict(_session(call, data).channel.event_headers(variables=True))


@json_command("mediaStats", module="mod_commands")
async def _media_stats(call: CommandCall, data: Data) -> Data:
    media = _session(call, data).leg.media
    if media is None or media.closed:
        raise _Refused("Session does not have audio")
    return {"audio": media.stats()}


def _session(call: CommandCall, data: Data) -> Session:
    session = call.switch.find(str(data.get("uuid") or ""))
    if session is None or not session.channel.up:
        raise _Refused("INVALID CALL REFERENCE")
    return session
