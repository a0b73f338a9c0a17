"""Calls and channels as the rows of ``show``."""

from __future__ import annotations

from datetime import datetime

from softswitch.commands.table import Table
from softswitch.switch.session import Session
from softswitch.switch.states import Direction
from softswitch.switch.switch import Switch

CHANNEL_COLUMNS = tuple(
    """uuid direction created created_epoch name state cid_name cid_num ip_addr dest application
    application_data dialplan context read_codec read_rate read_bit_rate write_codec write_rate
    write_bit_rate secure hostname presence_id presence_data accountcode callstate callee_name
    callee_num callee_direction call_uuid sent_callee_name sent_callee_num initial_cid_name
    initial_cid_num initial_ip_addr initial_dest initial_dialplan initial_context""".split()
)
CALL_COLUMNS = tuple(
    """uuid direction created created_epoch name state cid_name cid_num ip_addr dest presence_id
    presence_data accountcode callstate callee_name callee_num callee_direction call_uuid hostname
    sent_callee_name sent_callee_num""".split()
)
_PEER_COLUMNS = tuple(name for name in CALL_COLUMNS if name not in ("call_uuid", "hostname"))
DETAILED_COLUMNS = CHANNEL_COLUMNS[: CHANNEL_COLUMNS.index("initial_cid_name")]
_MATCHED = ("uuid", "name", "cid_name", "cid_num", "presence_data", "accountcode", "call_uuid")
"""The columns that ``show channels like`` looks at."""


def _secure(suite: str | None) -> str:
    return f"srtp:sdes:{suite}" if suite else ""


def channel_values(session: Session) -> dict[str, str]:
    """Everything `show` can say of one channel, by column."""
    channel = session.channel
    profile, first = channel.profile, channel.initial
    created = profile.times.created
    values = {
        "uuid": session.uuid,
        "direction": channel.direction.value,
        "created": datetime.fromtimestamp(created / 1_000_000).strftime("%Y-%m-%d %H:%M:%S"),
        "created_epoch": str(created // 1_000_000),
        "name": channel.name,
        "state": channel.running_state.name,
        "cid_name": profile.caller_id_name,
        "cid_num": profile.caller_id_number,
        "ip_addr": profile.network_addr,
        "dest": profile.destination_number,
        "application": channel.variables.get("current_application") or "",
        "application_data": channel.variables.get("current_application_data") or "",
        "dialplan": profile.dialplan,
        "context": profile.context,
        "secure": _secure(channel.variables.get("rtp_secure_media_negotiated")),
        "hostname": session.switch.hostname,
        "presence_id": channel.variables.get("presence_id") or "",
        "presence_data": channel.variables.get("presence_data") or "",
        "accountcode": channel.variables.get("accountcode") or "",
        "callstate": channel.callstate.name,
        "callee_name": "",
        "callee_num": "",
        "callee_direction": "",
        "call_uuid": "",
        "sent_callee_name": "",
        "sent_callee_num": "",
        "initial_cid_name": first.caller_id_name,
        "initial_cid_num": first.caller_id_number,
        "initial_ip_addr": first.network_addr,
        "initial_dest": first.destination_number,
        "initial_dialplan": first.dialplan,
        "initial_context": first.context,
    }
    for side, codec in (("read", channel.read_codec), ("write", channel.write_codec)):
        name, rate, bit_rate = codec or ("", "", "")
        values[f"{side}_codec"] = name
        values[f"{side}_rate"] = str(rate)
        values[f"{side}_bit_rate"] = str(bit_rate)
    peer = session.peer
    if peer is not None:
        called = peer if is_caller(session) else session
        values["callee_name"] = called.channel.profile.callee_id_name
        values["callee_num"] = called.channel.profile.callee_id_number
        values["callee_direction"] = "SEND"
        values["call_uuid"] = channel.call_uuid
        if is_caller(session):
            values["sent_callee_name"] = called.channel.profile.callee_id_name
            values["sent_callee_num"] = called.channel.profile.callee_id_number
        else:
            values["sent_callee_name"] = peer.channel.profile.caller_id_name
            values["sent_callee_num"] = peer.channel.profile.caller_id_number
    elif channel.direction is Direction.OUTBOUND:
        values["callee_name"] = profile.callee_id_name
        values["callee_num"] = profile.callee_id_number
    return values


def is_caller(session: Session) -> bool:
    """True for the first leg of a bridge."""
    return session.channel.began_bridge


def channels(switch: Switch, like: str = "") -> Table:
    """All channels, or those that contain a text."""
    wanted = like.lower()
    rows = []
    for session in list(switch.sessions.values()):
        values = channel_values(session)
        if wanted and not any(wanted in values[name].lower() for name in _MATCHED):
            continue
        rows.append(tuple(values[name] for name in CHANNEL_COLUMNS))
    return Table(CHANNEL_COLUMNS, rows)


def calls(switch: Switch, *, detailed: bool = False, bridged_only: bool = False) -> Table:
    """Each call with its one or two legs in a row."""
    columns = DETAILED_COLUMNS if detailed else CALL_COLUMNS
    peer_columns = columns if detailed else _PEER_COLUMNS
    rows = []
    for session in list(switch.sessions.values()):
        peer = session.peer
        if peer is None and bridged_only:
            continue
        if peer is not None and not is_caller(session):
            continue
        first = channel_values(session)
        second = channel_values(peer) if peer is not None else {}
        bridged = session.channel.profile.times.bridged if peer is not None else 0
        rows.append(
            (
                *(first[name] for name in columns),
                *(second.get(name, "") for name in peer_columns),
                str(bridged // 1_000_000) if bridged else "",
            )
        )
    names = (*columns, *(f"b_{name}" for name in peer_columns), "call_created_epoch")
    return Table(names, rows)
