"""The call that was recorded of a real FreeSWITCH, made again: the same events, step by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.interop.test_sipp import Sipp
from tests.modules.event_socket.transcript import frames, turns
from tests.support.programs import needs
from tests.support.server import until
from tests.support.serving import Serve
from tests.support.switch import extension

pytestmark = needs("sipp")

Headers = Mapping[str, str]
Legs = dict[str, list[Headers]]

NOT_OURS = {
    "CODEC": "codecs are told by CHANNEL_ANSWER and CHANNEL_PROGRESS_MEDIA",
    "A CHANNEL_PROGRESS_MEDIA": "an answer is not told as early media before",
    "A CHANNEL_CALLSTATE EARLY": "the same",
}
"""Steps that we do not take, and why."""
ELSEWHERE = {
    "CALL_UPDATE": "sent when the far end is known, before the legs' media are joined",
    "CHANNEL_STATE CS_CONSUME_MEDIA": "a leg waits for its ringing in this state already",
    "PRESENCE_IN": "told when the state of the call changes, and not again after a transfer",
}
"""Steps whose place among the others is a different one."""
NOT_KNOWN = {
    "variable_DP_MATCH": "what a condition matched is in $1, $2 … alone",
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
    "variable_switch_r_sdp": "the far end's description",
    "variable_switch_m_sdp": "the same",
    "variable_sip_allow": "this far end's responses name no methods",
    "variable_sip_from_display": "this caller has no name",
    "variable_sip_hangup_phrase": "a BYE of ours has no phrase",
    "variable_originate_early_media": "set where early media came",
    "variable_originate_disposition": "set when the far end has answered",
    "variable_originate_signal_bond": "the same",
    "variable_DIALSTATUS": "the same",
    "variable_progress_media_stamp": "there was no early media",
    "variable_sip_contact_port": "a caller's contact may have none",
    "variable_sip_contact_params": "the same",
    "Caller-Callee-ID-Name": "known with the answer",
    "Caller-Callee-ID-Number": "the same",
}
"""Headers that some of our events do not have, and why."""


async def test_the_same_call_gives_the_same_events(serve: Serve, tmp_path: Path) -> None:
    theirs = legs(recorded())
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    date = "export RFC2822_DATE=${strftime(%a, %d %b %Y %T %z)}"
    server = await serve(
        extension("7000", "set outside_call=true", date, "transfer 7001 XML default"),
        extension(
            "7001",
            "hash insert/d-spymap/1000/${uuid}",
            "hash insert/d-last_dial/1000/7000",
            "hash insert/d-last_dial/global/${uuid}",
            date,
            "set hangup_after_bridge=true",
            f"bridge sofia/internal/sip:uas@127.0.0.1:{callee.port}",
        ),
    )
    async with callee.answering():
        await caller.call(server.address(), "7000", "-d", "500", calls=1, rate=1)
        await until(lambda: not server.left_over(), "the end", 40, then=callee.log)
    ours = legs([event.headers for event in server.events])
    lacking: dict[str, set[str]] = {}
    for leg in "AB":
        expected = [(step(leg, one), one) for one in theirs[leg]]
        told = [(step(leg, one), one) for one in ours[leg]]
        assert in_order(told) == in_order(expected)
        assert elsewhere(told).keys() == elsewhere(expected).keys()
        for (name, one), (_, other) in zip(placed(expected), placed(told), strict=True):
            for header in one.keys() - other.keys():
                lacking.setdefault(header, set()).add(name)
    assert {name: steps for name, steps in lacking.items() if name not in NOT_KNOWN} == {}


def recorded() -> list[Headers]:
    """The events of the recording."""
    return [
        dict(line.split(": ", 1) for line in body.decode().split("\n") if ": " in line)
        for turn in turns("bridge_plain.transcript")
        for headers, body in frames(turn.answered)
        if headers["Content-Type"] == "text/event-plain"
    ]


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


def _listed(name: str, table: Mapping[str, str]) -> bool:
    return name in table or name[2:] in table


def placed(steps: list[tuple[str, Headers]]) -> list[tuple[str, Headers]]:
    """The steps that both take, at the same place."""
    return [
        (name, headers)
        for name, headers in steps
        if not _listed(name, NOT_OURS) and not _listed(name, ELSEWHERE)
    ]


def in_order(steps: list[tuple[str, Headers]]) -> list[str]:
    return [name for name, _ in placed(steps)]


def elsewhere(steps: list[tuple[str, Headers]]) -> Counter[str]:
    return Counter(name for name, _ in steps if _listed(name, ELSEWHERE))
