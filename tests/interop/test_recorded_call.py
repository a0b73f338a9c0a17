"""The call that was recorded of a real FreeSWITCH, made again: the same events, step by step.

Events are read from the event socket, in each of its three formats, by decoders of the test's own.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.interop.test_event_socket_clients import socket_port
from tests.interop.test_sipp import Sipp
from tests.modules.event_socket.transcript import frames, turns
from tests.support.patience import PATIENCE
from tests.support.programs import needs
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.switch import extension

pytestmark = needs("sipp")

_CHANGES = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|127\.0\.0\.1(:\d+)?|(?<!\d)\d{10}(\d{6})?(?!\d)"
)
"""UUIDs, addresses and times."""

Headers = Mapping[str, str]
Legs = dict[str, list[Headers]]

ELSEWHERE = {
    "CALL_UPDATE": "sent when the far end is known, before the legs' media are joined",
    "CHANNEL_STATE CS_CONSUME_MEDIA": "recorded before the ringing and after it",
    "PRESENCE_IN": "told when the state of the call changes, and not again after a transfer",
}
"""Steps whose place among the others is a different one."""
NOT_KNOWN = {
    "variable_advertised_media_ip": "media are set up once the leg rings its far end",
    "variable_local_media_ip": "the same",
    "variable_local_media_port": "the same",
    "variable_rtp_local_sdp_str": "the same",
    "variable_sip_destination_url": "the far end is looked up once the leg exists",
    "variable_sip_req_uri": "the same",
    "variable_sip_outgoing_contact_uri": "the same",
    "variable_sip_local_network_addr": "the same",
    "variable_sip_from_host": "the same",
    "variable_sip_to_host": "the same",
    "variable_sofia_profile_name": "the same",
    "variable_sofia_profile_url": "the same",
    "variable_recovery_profile_name": "the same",
    "variable_sip_recover_contact": "calls are not recovered from a database",
    "variable_sip_recover_via": "the same",
    "variable_audio_media_flow": "set once media are agreed",
    "variable_video_media_flow": "there is no video",
    "variable_remote_video_media_flow": "the same",
    "variable_text_media_flow": "there is no real-time text",
    "variable_remote_text_media_flow": "the same",
    "variable_ep_codec_string": "set on legs that were called to with it",
    "variable_rtp_use_codec_string": "what may be offered is in the profile's settings",
    "variable_rtp_2833_recv_payload": "told of callers alone",
    "variable_rtp_2833_send_payload": "the same",
    "variable_switch_m_sdp": "the far end's description is the partner's once they are joined",
    "variable_sip_allow": "this far end's responses name no methods",
    "variable_sip_hangup_phrase": "a BYE of ours has no phrase",
    "variable_originate_disposition": "set when the far end has answered",
    "variable_originate_signal_bond": "the same",
    "variable_DIALSTATUS": "the same",
    "Caller-Callee-ID-Name": "known with the answer",
    "Caller-Callee-ID-Number": "the same",
}
"""Headers that some of our events do not have, and why."""
CHANGING = re.compile(
    r"""Event-(Calling-.*|Date-.*|Sequence)|FreeSWITCH-IPv.|.*(Time|_stamp|sec|duration|_port|_tag)
    |.*-(ANI|Number|Username|Context|Transfer-Source)|(.*-)?Channel-Name|.*-Presence-ID|Application-Data
    |variable_(channel_name|bridge_channel)
    |variable_(current_application_data|caller_id|last_sent_callee_id_number|presence_id)
    |variable_(export_vars|RFC2822_DATE|DP_MATCH|transfer_.*|session_id|dtmf_type)
    |variable_(rtp_audio_.*|rtp_use_.*|rtp_local_sdp_str|switch_._sdp)
    |variable_sip_(acl_authed_by|call_id|cseq|full_.*|.*_user|.*_uri|.*_user_stripped)""",
    re.VERBOSE,
)
"""Headers that tell of the moment, of whoever calls, or of the profile and its dialplan."""
SAID_OTHERWISE = {
    "Channel-State": "recorded the moment before the leg waits for its media",
    "Channel-State-Number": "the same",
    "Other-Leg-Logical-Direction": "FreeSWITCH has it of a copy made before that is known",
    "variable_DIALSTATUS": "recorded before the far end has answered",
    "variable_originate_disposition": "the same",
    "variable_endpoint_disposition": "recorded before the answer is on its way",
}
"""Values of headers that are other ones here, and why."""


@pytest.mark.parametrize("form", ["plain", "json", "xml"])
async def test_the_same_call_gives_the_same_events(serve: Serve, tmp_path: Path, form: str) -> None:
    theirs = legs(events_in(recorded(form), form))
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    date = "export RFC2822_DATE=${strftime(%a, %d %b %Y %T %z)}"
    server = await serve(
        extension("(7000)", "set outside_call=true", date, "transfer 7001 XML default"),
        extension(
            "(7001)",
            "hash insert/d-spymap/1000/${uuid}",
            "hash insert/d-last_dial/1000/7000",
            "hash insert/d-last_dial/global/${uuid}",
            date,
            "set hangup_after_bridge=true",
            f"bridge sofia/internal/sip:uas@127.0.0.1:{callee.port}",
        ),
        listen=("HEARTBEAT",),
    )
    async with listening(socket_port(server), form) as told, callee.answering():
        await caller.call(server.address(), "7000", "-d", "500", calls=1, rate=1)
        await until(lambda: not server.left_over(), "the end", then=callee.log)
    ours = legs(events_in(bytes(told), form))
    lacking: dict[str, set[str]] = {}
    different: dict[str, set[tuple[str, str, str]]] = {}
    presence: list[list[str]] = []
    for leg in "AB":
        expected = [(step(leg, one), one) for one in theirs[leg]]
        told_of = [(step(leg, one), one) for one in ours[leg]]
        assert in_order(told_of) == in_order(expected)
        assert elsewhere(told_of).keys() == elsewhere(expected).keys()
        for (name, one), (_, other) in zip(placed(expected), placed(told_of), strict=True):
            for header in one.keys() - other.keys():
                lacking.setdefault(header, set()).add(name)
            for header in one.keys() & other.keys():
                if plain(one[header]) != plain(other[header]):
                    different.setdefault(header, set()).add((name, one[header], other[header]))
            assert own_headers(other, one) == own_headers(one, other), name
        told_of_presence = [headers for name, headers in told_of if "PRESENCE_IN" in name]
        presence.append([headers["status"] for headers in told_of_presence])
    assert {name: steps for name, steps in lacking.items() if name not in NOT_KNOWN} == {}
    settled = {name: which for name, which in different.items() if not CHANGING.fullmatch(name)}
    assert {name: which for name, which in settled.items() if name not in SAID_OTHERWISE} == {}
    # As recorded, but for the second CS_ROUTING of a call that is transferred.
    assert presence == [["CS_ROUTING", "answered", "CS_HANGUP"], []]


@asynccontextmanager
async def listening(port: str, form: str) -> AsyncIterator[bytearray]:
    """All that an event socket sends to who wants every event; complete at the block's end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port), limit=1 << 20)
    told = bytearray()
    try:
        writer.write(f"auth only-for-tests\n\nevent {form} ALL\n\n".encode())
        for _ in range(3):
            await asyncio.wait_for(reader.readuntil(b"\n\n"), PATIENCE)
        yield told
        writer.write(b"exit\n\n")
        told += await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()


def recorded(form: str) -> bytes:
    """What the recorded server sent while the call was made."""
    return b"".join(turn.answered for turn in turns(f"bridge_{form}.transcript"))


def events_in(data: bytes, form: str) -> list[Headers]:
    """The events of one format among all that a server sent."""
    bodies = (
        body.decode()
        for headers, body in frames(data)
        if headers["Content-Type"] == f"text/event-{form}"
    )
    return [DECODERS[form](body) for body in bodies]


def _plain(text: str) -> Headers:
    return dict(line.split(": ", 1) for line in text.split("\n") if ": " in line)


def _json(text: str) -> Headers:
    return {name: str(value) for name, value in json.loads(text).items()}


def _xml(text: str) -> Headers:
    headers = ElementTree.fromstring(text).find("headers")
    assert headers is not None
    return {element.tag: element.text or "" for element in headers}


DECODERS: dict[str, Callable[[str], Headers]] = {"plain": _plain, "json": _json, "xml": _xml}


def legs(events: list[Headers]) -> Legs:
    """The events of the calling leg (A) and of the called one (B)."""
    uuids: list[str] = []
    found: Legs = {"A": [], "B": []}
    for headers in events:
        uuid = headers.get("Unique-ID")
        if uuid is None:
            continue
        if uuid not in uuids:
            uuids.append(uuid)
        found["AB"[uuids.index(uuid)]].append(headers)
    return found


def step(leg: str, headers: Headers) -> str:
    """What an event tells, in short."""
    name = headers["Event-Name"]
    detail = {
        "CHANNEL_STATE": headers.get("Channel-State"),
        "CHANNEL_CALLSTATE": headers.get("Channel-Call-State"),
    }.get(name, headers.get("Application"))
    return f"{leg} {name} {detail or ''}".strip()


def plain(value: str) -> str:
    """A value as it is meant, whatever its format escapes; of what changes nothing is left."""
    return _CHANGES.sub("?", unquote(value))


def own_headers(headers: Headers, other: Headers) -> list[str]:
    """Names of the headers that both have, in order; variables are in that of their setting."""
    return [name for name in headers if name in other and not name.startswith("variable_")]


def _listed(name: str, table: Mapping[str, str]) -> bool:
    return name in table or name[2:] in table


def placed(steps: list[tuple[str, Headers]]) -> list[tuple[str, Headers]]:
    """The steps that both take, at the same place."""
    return [(name, headers) for name, headers in steps if not _listed(name, ELSEWHERE)]


def in_order(steps: list[tuple[str, Headers]]) -> list[str]:
    return [name for name, _ in placed(steps)]


def elsewhere(steps: list[tuple[str, Headers]]) -> Counter[str]:
    return Counter(name for name, _ in steps if _listed(name, ELSEWHERE))
