"""The INVITE of a leg: each variable that shapes it, and what becomes of nonsense in them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from softswitch.endpoints.sip import invite_request
from softswitch.endpoints.sip.invite_request import InviteRequest
from softswitch.sip.message import Request
from softswitch.sip.uri import NameAddr
from tests.endpoints.sip.test_gateway import gateway_xml
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

HOST = f"{BOB[0]}:{BOB[1]}"
TO_BOB = f"sofia/internal/1001@{HOST}"


async def invite(running: SipBench, variables: str) -> Request:
    request, _ = await running.dial(f"{{^^:{variables}}}{TO_BOB}" if variables else TO_BOB)
    for session in list(running.switch.sessions.values()):
        session.hangup()
    await running.settle()
    return request


def test_every_variable_that_an_invite_asks_for_is_gathered() -> None:
    source = inspect.getsource(InviteRequest)
    asked = re.findall(r'self\._(?:get|uri|with_parameters)\((?:\w+(?:\.\w+)*, )?"(\w+)"', source)
    assert len(asked) > 20
    assert set(asked) <= set(invite_request._WISHES)


async def test_a_global_variable_counts_where_the_leg_has_none(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        running.switch.globals["sip_subject"] = "from all"
        assert (await invite(running, "")).headers.get("Subject") == "from all"
        assert (await invite(running, "sip_subject=own")).headers.get("Subject") == "own"


@pytest.mark.parametrize(
    ("variables", "uri"),
    [
        ("", f"sip:1001@{HOST}"),
        ("sip_invite_params=user=phone;x", f"sip:1001@{HOST};user=phone;x"),
        ("sip_invite_tel_params=cpc=ordinary", f"sip:1001;cpc=ordinary@{HOST}"),
        ("sip_destination_prefix=00", f"sip:001001@{HOST}"),
        ("sip_invite_req_uri=5@example.org", "sip:5@example.org"),
        ("sip_invite_req_uri=<>", f"sip:1001@{HOST}"),
        ("sip_auto_answer=true", f"sip:1001@{HOST};intercom=true"),
    ],
)
async def test_the_request_uri(tmp_path: Path, variables: str, uri: str) -> None:
    async with sip_bench(tmp_path) as running:
        assert (await invite(running, variables)).uri == uri


@pytest.mark.parametrize(
    ("variables", "header", "value"),
    [
        ("sip_invite_from_uri=42@example.org", "From", "<sip:42@example.org>;tag="),
        ("sip_from_display=Boss:sip_from_uri=1@x.org", "From", "Boss <sip:1@x.org>;tag="),
        ("sip_invite_from_params=isup-oli=62", "From", "0000000000@192.0.2.1;isup-oli=62>"),
        ("sip_invite_full_from=<sip%3A7@x>", "From", "0000000000@192.0.2.1"),
        ("sip_invite_to_uri=9@example.org", "To", "<sip:9@example.org>"),
        ("sip_invite_to_params=a=b", "To", f"<sip:1001@{HOST};a=b>"),
        ("sip_invite_contact_params=x=y", "Contact", "<sip:mod_sofia@192.0.2.1:5060;x=y>"),
        ("sip_invite_contact_params=~x=y", "Contact", "<sip:mod_sofia@192.0.2.1:5060>;x=y"),
        ("sip_invite_to_params=~x=y", "To", f"<sip:1001@{HOST}>;x=y"),
        (
            "sip_caller_id_name_in_contact=true:origination_caller_id_name=Boss",
            "Contact",
            "Boss <sip:mod_sofia@192.0.2.1:5060>",
        ),
        (
            "sip_cid_type=pid:sip_invite_pid_params=user=phone:origination_caller_id_number=7",
            "P-Asserted-Identity",
            "<sip:7@192.0.2.1;user=phone>",
        ),
        ("sip_cid_type=pid", "Privacy", "none"),
        (
            "origination_aniii=27:origination_caller_id_number=7",
            "From",
            "<sip:7@192.0.2.1;isup-oli=27>",
        ),
        ("sip_invite_call_id=abc", "Call-ID", "abc"),
        ("sip_invite_cseq=77", "CSeq", "77 INVITE"),
        ("sip_invite_cseq=many", "CSeq", "1 INVITE"),
        ("sip_subject=hello", "Subject", "hello"),
        ("sip_invite_record_route=<sips%3A9;lr>", "Record-Route", "<sips%3A9;lr>"),
        ("sip_content_encoding=identity", "Content-Encoding", "identity"),
        ("alert_info=ring4", "Alert-Info", "ring4"),
        ("call_info=<x>;y", "Call-Info", "<x>;y"),
        ("sip_auto_answer=true", "Call-Info", "answer-after=0"),
        ("sip_h_User-to-User=3031;encoding=hex", "User-to-User", "3031;encoding=hex"),
        ("sip_require_timer=true", "Require", "timer"),
    ],
)
async def test_headers_from_variables(
    tmp_path: Path, variables: str, header: str, value: str
) -> None:
    async with sip_bench(tmp_path) as running:
        assert value in ((await invite(running, variables)).headers.get(header) or "")


@pytest.mark.parametrize(
    ("expression", "kept"),
    [("^sip_h_X-In", ["X-Out"]), ("Out|inner$", ["X-Inside"]), ("(", ["X-Inside", "X-Out"])],
)
async def test_custom_headers_may_be_left_out(
    tmp_path: Path, expression: str, kept: list[str]
) -> None:
    own = f"sip_h_X-Inside=1:sip_h_X-Out=2:exclude_outgoing_extra_header={expression}"
    async with sip_bench(tmp_path) as running:
        request = await invite(running, own)
        assert sorted(name for name, _ in request.headers if name in ("X-Inside", "X-Out")) == kept


async def test_nothing_need_be_said_of_privacy(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        request = await invite(running, "sip_cid_type=pid:sip_cid_suppress_privacy_none=true")
        assert "P-Asserted-Identity" in request.headers
        assert "Privacy" not in request.headers


@pytest.mark.parametrize(
    ("privacy", "kind", "header", "value"),
    [
        ("", "rpid", "Remote-Party-ID", "privacy=off"),
        ("hide_name", "rpid", "Remote-Party-ID", "privacy=name"),
        ("hide_number", "rpid", "Remote-Party-ID", "privacy=uri"),
        ("hide_name:hide_number", "rpid", "Remote-Party-ID", "privacy=full"),
        ("", "pid", "P-Asserted-Identity", "Ann <sip:5@192.0.2.1>"),
        ("hide_number", "pid", "Privacy", "id"),
        ("hide_number", "none", "Privacy", "id"),
        ("hide_number", "none", "From", "anonymous@"),
        ("hide_name", "none", "From", "Anonymous <"),
    ],
)
async def test_identity_and_privacy(
    tmp_path: Path, privacy: str, kind: str, header: str, value: str
) -> None:
    async with sip_bench(tmp_path) as running:
        request = await invite(
            running,
            "origination_caller_id_name=Ann:origination_caller_id_number=5"
            f":origination_privacy={privacy.replace(':', '+')}:sip_cid_type={kind}",
        )
        assert value in (request.headers.get(header) or "")
        if kind != "rpid":
            assert "Remote-Party-ID" not in request.headers


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ("", "192.0.2.1"),
        ("sip_invite_domain=far.test", "far.test"),
        ("sip_from_uri=a@near", "near"),
    ],
)
async def test_identity_is_of_the_domain_of_from(tmp_path: Path, variables: str, host: str) -> None:
    async with sip_bench(tmp_path) as running:
        request = await invite(running, f"sip_cid_type=pid:{variables}")
        asserted = NameAddr.parse(request.headers.get("P-Asserted-Identity") or "")
        assert (request.from_.uri.host, asserted.uri.host) == (host, host)


@pytest.mark.parametrize(
    ("settings", "host"),
    [
        ({}, "192.0.2.20"),
        ({"from_domain": "provider.test"}, "provider.test"),
        ({"caller_id_in_from": "true"}, "192.0.2.1"),
        ({"caller_id_in_from": "true", "from_domain": "provider.test"}, "provider.test"),
    ],
)
async def test_a_provider_sees_callers_of_its_own_domain(
    tmp_path: Path, settings: dict[str, str], host: str
) -> None:
    gateways = gateway_xml(register="false", **settings)
    async with sip_bench(tmp_path, gateways=gateways) as running:
        told = "{sip_cid_type=pid,origination_caller_id_number=5}sofia/gateway/trunk/1"
        request, _ = await running.dial(told)
        asserted = NameAddr.parse(request.headers.get("P-Asserted-Identity") or "")
        assert (asserted.uri.user, asserted.uri.host) == ("5", host)
        assert request.from_.uri.host == host
        running.session.hangup()


async def test_the_uuid_may_be_the_call_id(tmp_path: Path) -> None:
    settings = {"outbound-use-uuid-as-callid": "true"}
    async with sip_bench(tmp_path, profile=settings) as running:
        request, _ = await running.dial(TO_BOB)
        assert request.call_id == running.session.uuid
        running.session.hangup()


@pytest.mark.parametrize(("copied", "parts"), [("true", 2), ("false", 1)])
async def test_further_bodies_are_passed_on(tmp_path: Path, copied: str, parts: int) -> None:
    bridge = extension("7000", f"set sip_copy_multipart={copied}", f"bridge {TO_BOB}")
    body = (
        f"--x\r\nContent-Type: application/sdp\r\n\r\n{sdp()}\r\n"
        "--x\r\nContent-Type: application/pidf+xml\r\n\r\n<presence/>\r\n--x--\r\n"
    )
    async with sip_bench(tmp_path, bridge) as running:
        _, caller = await running.invite(
            "7000", body, **{"Content-Type": "multipart/mixed;boundary=x"}
        )
        assert caller.get("sip_multipart") == "application/pidf+xml:<presence/>"
        request = running.bob.request("INVITE")
        assert (request.content_type == "multipart/mixed") is (parts == 2)
        assert (b"<presence/>" in request.body) is (parts == 2)
        assert b"m=audio" in request.body
        caller.hangup()


async def test_what_a_caller_tells_of_others_is_passed_on(tmp_path: Path) -> None:
    told = {"Diversion": "<sip:3@x>;reason=unconditional", "User-to-User": "41;encoding=hex"}
    async with sip_bench(tmp_path, extension("7000", f"bridge {TO_BOB}")) as running:
        _, caller = await running.invite("7000", **told, **{"X-FS-Support": "update_display"})
        request = running.bob.request("INVITE")
        for name, value in told.items():
            assert caller.get(f"sip_h_{name}") == request.headers.get(name) == value
        assert request.headers.get("X-FS-Support") == "update_display,send_info"
        caller.hangup()
