"""``json``: questions and answers in JSON, for web pages."""

from __future__ import annotations

import json
import re
from typing import Any

from softswitch import __version__, registry
from softswitch.commands.reply import find_live
from softswitch.dialplan.arguments import is_true
from softswitch.registry import command, json_command
from softswitch.switch.broadcast import broadcast
from softswitch.switch.call_record import document, to_json
from softswitch.switch.commands import CommandCall, JsonRefused
from softswitch.switch.modules import NotLoadedError
from softswitch.switch.pulse import idle_percent
from softswitch.switch.session import Session

Data = dict[str, Any]


_NO_INPUT: Data = {"response": "INVALID INPUT"}
_AUDIO = "rtp_audio_"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@command("json", syntax="JSON", module="mod_commands")
async def json_api(call: CommandCall, arguments: str) -> str:
    """Answer ``status``, ``fsapi``, ``execute``, ``channelData``, ``mediaStats``, ``sofia.status``,
    ``sofia.status.info`` or ``callcenter_config`` in JSON.

    ``{"command": "fsapi", "data": {"cmd": "show", "arg": "calls as json"}}`` runs any command;
    with ``"format": "pretty"`` the answer is laid out for reading.
    """
    if not arguments:
        return "-ERR No JSON supplied.\n"
    try:
        question = json.loads(arguments)
    except (ValueError, RecursionError):
        return "-ERR Parse error.\n"
    if not isinstance(question, dict):
        return "-ERR Parse error.\n"
    name, data = question.get("command"), question.get("data")
    answer: Data = dict(question)
    run = json_command.find(name) if isinstance(name, str) and "data" in question else None
    unknown = {"message": "Invalid request or non-existant command", "response": None}
    if run is None:
        answer |= {"status": "error", **unknown}
    else:
        try:
            response = await run.target(call, data if isinstance(data, dict) else {})
            answer |= {"status": "success", "response": response}
        except NotLoadedError:
            answer |= {"status": "error", **unknown}
        except JsonRefused as refused:
            message = "The command returned an error"
            answer |= {"status": "error", "message": message, "response": refused.response}
    pretty = question.get("format") == "pretty"
    layout: dict[str, Any] = {"indent": "\t"} if pretty else {"separators": (",", ":")}
    return json.dumps(answer, ensure_ascii=False, **layout) + "\n"


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
    return {
        "systemStatus": "not ready" if switch.admission.paused else "ready",
        "uptime": uptime,
        "version": __version__,
        "sessions": {
            "count": {
                "total": counters.total,
                "active": len(switch.sessions),
                "peak": counters.peak,
                "peak5Min": counters.peak_five_minutes,
                "limit": switch.admission.max_sessions,
            },
            "rate": {
                "current": counters.per_second_last,
                "max": switch.admission.sessions_per_second,
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
        raise JsonRefused({"message": "INVALID CALL"})
    if registry.command.find(name) is None:
        raise JsonRefused({"message": "INVALID CALL"})
    line = f"{name} {arguments}".strip()
    return {"message": await call.switch.run_command(line, source=call.source)}


@json_command("execute", module="mod_commands")
async def _execute(call: CommandCall, data: Data) -> Data:
    name = data.get("app")
    if not isinstance(name, str) or not name:
        raise JsonRefused(_NO_INPUT)
    session = _session(call, data)
    told: Data = {"channelName": session.channel.name}
    if is_true(str(data.get("extendedData") or "")):
        told = _record(session)
    broadcast(session, f"{name}::{data.get('arg') or ''}")
    return told


@json_command("channelData", module="mod_commands")
async def _channel_data(call: CommandCall, data: Data) -> Data:
    return _record(_session(call, data))


@json_command("mediaStats", module="mod_commands")
async def _media_stats(call: CommandCall, data: Data) -> Data:
    session = _session(call, data)
    session.leg.note_media()
    audio = {
        name.removeprefix(_AUDIO): float(value) if "." in value else int(value)
        for name, value in session.channel.variables
        if name.startswith(_AUDIO) and _NUMBER.fullmatch(value)
    }
    told: Data = {"audio": audio} if audio else {}
    return told | (_record(session) if data.get("channelData") else {})


def _record(session: Session) -> Data:
    return {"channelData": to_json(document(session), encode_values=False)}


def _session(call: CommandCall, data: Data) -> Session:
    uuid = data.get("uuid")
    if not isinstance(uuid, str) or not uuid:
        raise JsonRefused(_NO_INPUT)
    session = find_live(call, uuid)
    if session is None:
        raise JsonRefused({"response": "Session does not exist"})
    return session
