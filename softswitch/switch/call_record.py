"""The record of a call as one document: what FreeSWITCH's XML and JSON records hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lxml import etree

from softswitch.dialplan import arrays
from softswitch.dialplan.arguments import is_true
from softswitch.switch.event_text import url_encode

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

Document = dict[str, Any]

_PROFILE = """username dialplan caller_id_name caller_id_number callee_id_name callee_id_number ani
aniii network_addr rdnis destination_number uuid source transfer_source context chan_name""".split()
_MAY_BE_EMPTY = frozenset(_PROFILE) - {"transfer_source"}
_TIMES = (
    ("created", "created"),
    ("profile_created", "profile_created"),
    ("progress", "progress"),
    ("progress_media", "progress_media"),
    ("answered", "answered"),
    ("bridged", "bridged"),
    ("last_hold", "last_hold"),
    ("hold_accum", "hold_accum"),
    ("hangup", "hungup"),
    ("resurrect", "resurrected"),
    ("transfer", "transferred"),
)
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STATISTICS = "rtp_audio_"


def document(session: Session) -> Document:
    """All that is known of a call at its end, in FreeSWITCH's order and names."""
    channel, switch = session.channel, session.switch
    variables = {name: clean(value) for name, value in channel.variables}
    record: Document = {
        "core-uuid": switch.core_uuid,
        "switchname": switch.generation.settings.switchname or switch.hostname,
        "channel_data": {
            "state": channel.running_state.name,
            "direction": channel.direction.value,
            "state_number": str(int(channel.running_state)),
        },
        "call-stats": {"audio": _statistics(variables)},
        "variables": variables,
    }
    if not is_true(session.get("disable_app_log")):
        record["app_log"] = {
            "applications": [
                {"app_name": name, "app_data": data, "app_stamp": str(at)}
                for name, data, at in session.application_log
            ]
        }
    record["callflow"] = [
        _callflow(profile, channel.other_profile if profile is channel.profile else None)
        for profile in reversed(channel.profiles)
    ]
    return record


def cut_off(variables: dict[str, str], core_uuid: str, switchname: str) -> Document:
    """The document of a call that a crash cut off."""
    state = {"state": "CS_REPORTING", "direction": variables["direction"], "state_number": "11"}
    return {
        "core-uuid": core_uuid,
        "switchname": switchname,
        "channel_data": state,
        "variables": variables,
        "callflow": [],
    }


def clean(text: str) -> str:
    """The text without what came in from the network and is no character."""
    return text.encode("utf-8", "replace").decode()


def _statistics(variables: dict[str, str]) -> Document:
    """The figures of ``rtp_audio_in_…`` and ``rtp_audio_out_…``, without these beginnings."""
    inbound, outbound = {}, {}
    for name, value in variables.items():
        if name.startswith(f"{_STATISTICS}in_"):
            inbound[name.removeprefix(f"{_STATISTICS}in_")] = value
        elif name.startswith(_STATISTICS):
            outbound[name.removeprefix(_STATISTICS).removeprefix("out_")] = value
    return {"inbound": inbound, "outbound": outbound}


def _callflow(profile: CallerProfile, other: tuple[str, CallerProfile] | None) -> Document:
    flow: Document = {"dialplan": profile.dialplan, "profile_index": str(profile.profile_index)}
    if profile.route is not None:
        name, actions = profile.route
        flow["extension"] = {
            "name": name,
            "number": profile.destination_number,
            "applications": [
                {"app_name": action.application, "app_data": action.data} for action in actions
            ],
        }
    flow["caller_profile"] = _profile(profile)
    if other is not None:
        role, partner = other
        flow["caller_profile"][role] = {f"{role}_caller_profile": _profile(partner)}
    flow["times"] = {
        f"{name}_time": str(getattr(profile.times, attribute)) for name, attribute in _TIMES
    }
    return flow


def _profile(profile: CallerProfile) -> Document:
    values = {name: getattr(profile, name) for name in _PROFILE}
    return {name: value for name, value in values.items() if value or name in _MAY_BE_EMPTY}


def to_json(record: Document, *, encode_values: bool) -> Document:
    """The document for JSON; values of variables URL-encoded where that is wished."""
    if not encode_values:
        return record
    variables = {name: quote(value, safe="") for name, value in record["variables"].items()}
    return record | {"variables": variables}


def to_xml(record: Document, *, declared: bool = True) -> str:
    """The document as FreeSWITCH's ``<cdr>``; values of variables are URL-encoded.

    ``declared`` says whether the XML declaration stands in front.
    """
    root = etree.Element("cdr")
    root.set("core-uuid", _text(record["core-uuid"]))
    root.set("switchname", _text(record["switchname"]))
    _add(root, "channel_data", record["channel_data"])
    if "call-stats" in record:
        _add(root, "call-stats", record["call-stats"])
    variables = etree.SubElement(root, "variables")
    for name, value in record["variables"].items():
        for item in arrays.elements(value) or (value,):
            _add(variables, _tag(name), url_encode(item))
    if "app_log" in record:
        log = etree.SubElement(root, "app_log")
        _applications(log, record["app_log"]["applications"])
    for flow in record["callflow"]:
        element = etree.SubElement(root, "callflow")
        element.set("dialplan", _text(flow["dialplan"]))
        element.set("profile_index", flow["profile_index"])
        if "extension" in flow:
            extension = etree.SubElement(element, "extension")
            extension.set("name", _text(flow["extension"]["name"]))
            extension.set("number", _text(flow["extension"]["number"]))
            _applications(extension, flow["extension"]["applications"])
        _add(element, "caller_profile", flow["caller_profile"])
        _add(element, "times", flow["times"])
    etree.indent(root)
    body = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0"?>\n{body}\n' if declared else body


def _applications(parent: etree._Element, applications: list[dict[str, str]]) -> None:
    for application in applications:
        element = etree.SubElement(parent, "application")
        for name, value in application.items():
            element.set(name, _text(value))


def _add(parent: etree._Element, name: str, value: Any) -> None:
    element = etree.SubElement(parent, name)
    if isinstance(value, dict):
        for key, inner in value.items():
            _add(element, key, inner)
    else:
        element.text = _text(value)


def _tag(name: str) -> str:
    """A variable's name as an element may be called."""
    text = "".join(c if c.isalnum() or c in "_-." else "_" for c in name)
    return text if text and (text[0].isalpha() or text[0] == "_") else f"_{text}"


def _text(value: str) -> str:
    """What XML can hold of a text."""
    return _NOT_IN_XML.sub(" ", value)
