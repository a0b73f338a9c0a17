# ruff: noqa: E501 - a row of the table is a line
"""The vanilla dialplan: what recorded calls executed, and who gets what at which time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from softswitch.config.document import load
from softswitch.dialplan.simulate import Simulation, simulate
from softswitch.dialplan.xml import Dialplan, read_dialplan

SHARED = Path(__file__).resolve().parents[2] / "../shared"
ANSWERS = SHARED / "reference/freeswitch/recorded/answers.json"
VANILLA = SHARED / "data/freeswitch-vanilla"

pytestmark = pytest.mark.skipif(
    not (ANSWERS.exists() and VANILLA.exists()), reason="the recorded answers are not here"
)

GLOBALS = {"local_ip_v4": "127.0.0.1", "temp_dir": "/tmp", "recordings_dir": "<dir>/recordings"}
CLOSED = datetime(2026, 8, 23, 20, 0, tzinfo=ZoneInfo("UTC"))
"""A Sunday evening that is no holiday."""


def recorded() -> dict[str, list[list[str]]]:
    if not ANSWERS.exists():
        return {}
    calls: dict[str, list[list[str]]] = json.loads(ANSWERS.read_text())["calls"]
    return calls


@lru_cache(maxsize=1)
def vanilla() -> tuple[Dialplan, dict[str, str]]:
    configuration = load(VANILLA, GLOBALS)
    # The recorded machine's owner had changed the default password.
    return read_dialplan(configuration)[0], {**configuration.globals, "default_password": "x"}


def command(name: str, arguments: str) -> str:
    """What the recorded machine answered."""
    if name == "strftime":
        return "<date>"
    if name == "user_data" and arguments.endswith("var callgroup"):
        return "techsupport"
    if name == "group_call":
        users = (f"presence_id=100{n}@127.0.0.1]error/user_not_registered" for n in range(5))
        return ",".join(f"[^^:sip_invite_domain=127.0.0.1:{user}" for user in users)
    return "true" if name == "module_exists" and "enum" not in arguments else ""


def call(
    number: str,
    context: str = "default",
    now: datetime = CLOSED,
    variables: Mapping[str, str] | None = None,
) -> Simulation:
    dialplan, global_variables = vanilla()
    fields = {
        "destination_number": number,
        "context": context,
        "caller_id_name": "Extension 1000",
        "caller_id_number": "1000",
        "uuid": "<uuid>",
        "source": "mod_loopback",
    }
    return simulate(
        dialplan,
        fields,
        {"domain_name": "127.0.0.1", **(variables or {})},
        now,
        global_variables=global_variables,
        command=command,
    )


@pytest.mark.parametrize("dialled", recorded())
def test_a_dialled_number_executes_what_was_recorded(dialled: str) -> None:
    context, _, number = dialled.partition("/")
    expected = recorded()[dialled]
    actions = [[action.application, action.data] for action in call(number, context).actions]
    # The recording stopped after three seconds, in the middle of an application or a call.
    assert actions[: len(expected)] == expected
    if len(actions) > len(expected):
        stopped_by = expected[-1][0]
        known = {"sleep", "playback", "bridge", "rxfax", "answer"}
        assert stopped_by in known


NAMES = [
    ("9196", "echo"), ("9197", "milliwatt"), ("9198", "tone_stream"), ("9195", "delay_echo"), ("9664", "hold_music"),
    ("9386", "laugh break"), ("9191", "ClueCon"), ("9192", "show_info"), ("9193", "video_record"), ("9194", "video_playback"),
    ("9180", "ringback_180"), ("9181", "ringback_183_uk_ring"), ("9182", "ringback_183_music_ring"),
    ("9183", "ringback_post_answer_uk_ring"), ("9184", "ringback_post_answer_music"), ("9178", "fax_receive"),
    ("9179", "fax_transmit"), ("wait", "wait"), ("5000", "ivr_demo"), ("5001", "dynamic_conference"), ("5900", "park"),
    ("5901", "unpark"), ("6000", "valet_park"), ("6001", "valet_park"), ("6099", "valet_park"), ("6100", "enum"),
    ("pagegroup", "rtp_multicast_page"), ("7243", "rtp_multicast_page"), ("0911", "mad_boss_intercom"),
    ("0912", "mad_boss_intercom"), ("0913", "mad_boss"), ("1000", "Local_Extension"), ("1019", "Local_Extension"),
    ("1020", "enum"), ("1100", "Local_Extension_Skinny"), ("1119", "Local_Extension_Skinny"), ("2000", "group_dial_sales"),
    ("2001", "group_dial_support"), ("2002", "group_dial_billing"), ("operator", "operator"), ("0", "operator"),
    ("vmain", "vmain"), ("4000", "vmain"), ("*98", "vmain"), ("3000", "nb_conferences"), ("3099", "nb_conferences"),
    ("3100", "wb_conferences"), ("3200", "uwb_conferences"), ("3300", "cdquality_conferences"), ("3500", "cdquality_conferences"),
    ("3600", "cdquality_conferences_720"), ("3700", "cdquality_conferences_480"), ("3800", "cdquality_conferences_320"),
    ("3500-screen", "cdquality_stereo_conferences"), ("3500x-screen", "cdquality_stereo_conferences"),
    ("3500-canvas-2", "conference-canvases"), ("6070-moderator", "conf mod"), ("9888", "freeswitch_public_conf_via_sip"),
    ("98888", "freeswitch_public_conf_via_sip"), ("91616", "freeswitch_public_conf_via_sip"), ("886", "global-intercept"),
    ("*8", "group-intercept"), ("**1001", "intercept-ext"), ("redial", "redial"), ("870", "redial"), ("881001", "eavesdrop"),
    ("*01", "eavesdrop"), ("779", "eavesdrop"), ("*69", "call_return"), ("869", "call_return"), ("lcr", "call_return"),
    ("8001", "del-group"), ("8101", "add-group"), ("8201", "call-group-simo"), ("8301", "call-group-order"),
    ("81000", "extension-intercom"), ("81019", "extension-intercom"), ("parking", "acknowledge_call"),
    ("9999", "acknowledge_call"), ("123", "acknowledge_call"), ("+441234567890", "acknowledge_call"),
    ("alice", "acknowledge_call"), ("9xyz", "acknowledge_call"), ("10000", "acknowledge_call"), ("888", "acknowledge_call"),
]  # fmt: skip
NAMES = [(number, "acknowledge_call" if name == "enum" else name) for number, name in NAMES]


@pytest.mark.parametrize(("number", "name"), NAMES)
def test_a_number_of_context_default_reaches_its_extension(number: str, name: str) -> None:
    assert call(number).extensions[0] == name


@pytest.mark.parametrize(
    ("number", "extensions", "ending"),
    [
        ("1001", ("outside_call", "Local_Extension"), "NORMAL_CLEARING"),
        ("5551212", ("outside_call", "Local_Extension"), "NORMAL_CLEARING"),
        ("3500", ("outside_call", "cdquality_conferences"), "NORMAL_CLEARING"),
        ("9196", ("outside_call",), "NORMAL_CLEARING"),
    ],
)
def test_a_number_of_context_public_is_transferred_or_ends(
    number: str, extensions: tuple[str, ...], ending: str
) -> None:
    simulation = call(number, "public")
    assert (simulation.extensions, simulation.ending) == (extensions, ending)


@pytest.mark.parametrize("number", ["att_xfer", "dx", "cf", "is_transfer"])
def test_a_number_of_context_features_is_found(number: str) -> None:
    assert call(number, "features").extensions[0] == number


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-24 10:00", ["true"]), ("2026-11-24 18:59", ["true"]), ("2026-11-24 19:00", []), ("2026-11-22 10:00", []),
        ("2026-11-28 10:00", []), ("2027-01-01 10:00", ["true", "false"]), ("2027-01-01 20:00", ["false"]),
        ("2026-12-25 10:00", ["true"]), ("2026-07-04 10:00", []), ("2026-11-27 08:59", []),
    ],
)  # fmt: skip
def test_the_opening_hours_follow_clock_and_calendar(moment: str, open_: list[str]) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("UTC"))
    values = [
        action.data.removeprefix("open=")
        for action in call("9196", now=now).actions
        if action.data.startswith("open=")
    ]
    assert values == open_


@pytest.mark.parametrize(
    ("number", "variables", "data"),
    [
        ("9196", {"call_debug": "true"}, "info()"),
        ("9196", {"default_password": "1234"}, "sleep(10000)"),
        ("9196", {"rtp_has_crypto": "AES_CM_128_HMAC_SHA1_80"}, "set(rtp_secure_media=true)"),
        ("9196", {"endpoint_disposition": "DELAYED NEGOTIATION"}, "hash(insert/127.0.0.1-last_dial/global/<uuid>)"),
        ("9664", {"rtp_has_crypto": "AES_CM_128_HMAC_SHA1_80"}, "execute_extension(is_secure XML features)"),
        ("parking", {"sip_to_params": "fifo=7", "source": "x"}, "acknowledge_call()"),
        ("3500", {}, "conference(3500@video-mcu-stereo)"),
        ("881234", {}, "eavesdrop()"),
        ("81005", {}, "bridge(user/1005@127.0.0.1)"),
        ("3500-canvas-2", {}, "transfer(3500)"),
        ("6070-moderator", {}, "conference($1-127.0.0.1@video-mcu-stereo)"),
        ("8201", {}, "bridge({leg_timeout=15,ignore_early_media=true})"),
        ("1105", {}, "bridge(skinny/internal/1105)"),
    ],
)  # fmt: skip
def test_variables_change_what_is_done(number: str, variables: dict[str, str], data: str) -> None:
    simulation = call(number, variables=variables)
    assert data in [f"{action.application}({action.data})" for action in simulation.actions]


def test_findings_tell_of_the_one_capture_that_vanilla_forgot() -> None:
    _, findings = read_dialplan(load(VANILLA, GLOBALS))
    codes = {finding.code for finding in findings}
    assert codes <= {"R708", "R709", "R714"}
    assert [re.sub(".*/", "", f.file) for f in findings if f.code == "R714"] == ["default.xml"]
