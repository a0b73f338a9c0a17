"""The variables of an INVITE, and the headers that variables ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.variables import headers_from, keep
from softswitch.switch.variables import Variables
from tests.support.sip_bench import ALICE, SWITCH, sdp, sip_bench
from tests.support.switch import extension

PARK = extension("7900", "answer", "park")
EXPECTED = {
    "direction": "inbound",
    "sip_from_user": "1000",
    "sip_from_host": "example.test",
    "sip_from_port": "5091",
    "sip_from_uri": "1000@example.test:5091",
    "sip_from_display": "sipp",
    "sip_from_tag": "t",
    "sip_from_user_stripped": "1000",
    "sip_full_from": '"sipp" <sip:1000@example.test:5091>;tag=t',
    "sip_to_user": "7900",
    "sip_to_host": "example.test",
    "sip_to_uri": "7900@example.test",
    "sip_req_user": "7900",
    "sip_req_host": "example.test",
    "sip_req_uri": "7900@example.test",
    "sip_contact_user": "1000",
    "sip_contact_host": ALICE[0],
    "sip_contact_port": str(ALICE[1]),
    "sip_contact_uri": f"1000@{ALICE[0]}:{ALICE[1]}",
    "sip_network_ip": ALICE[0],
    "sip_network_port": str(ALICE[1]),
    "sip_received_ip": ALICE[0],
    "sip_received_port": str(ALICE[1]),
    "sip_via_host": ALICE[0],
    "sip_via_port": str(ALICE[1]),
    "sip_via_protocol": "udp",
    "sip_call_id": "call",
    "sip_cseq": "1",
    "sip_local_network_addr": "192.0.2.1",
    "sip_user_agent": "Phone 1.0",
    "sip_subject": "Lunch",
    "sip_h_X-Colour": "red",
    "sip_h_P-Charging-Vector": "icid",
    "sofia_profile_name": "internal",
    "sofia_profile_url": "sip:mod_sofia@192.0.2.1:5060",
    "recovery_profile_name": "internal",
    "max_forwards": "70",
    "presence_id": "1000@example.test:5091".partition(":")[0],
}
"""Variables and values as FreeSWITCH sets them for such a call."""


@pytest.mark.virtual_time
async def test_an_invite_sets_its_variables(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARK) as running:
        response, session = await running.call(
            "7900",
            call_id="call",
            From=EXPECTED["sip_full_from"],
            User_Agent="Phone 1.0",
            Subject="Lunch",
            X_Colour="red",
            P_Charging_Vector="icid",
        )
        variables = session.channel.variables
        assert {name: variables.get(name) for name in EXPECTED} == EXPECTED
        assert variables.get("sip_to_tag") == response.to.tag
        assert variables.get("sip_full_to") == f"<sip:7900@example.test>;tag={response.to.tag}"
        assert variables.get("sip_nat_detected") is None


@pytest.mark.virtual_time
@pytest.mark.parametrize(("forwards", "left"), [("", "70"), ("1", "1"), ("0", "0"), ("5", "5")])
async def test_forwards_left(tmp_path: Path, forwards: str, left: str) -> None:
    async with sip_bench(tmp_path, PARK) as running:
        _, session = await running.call("7900", Max_Forwards=forwards)
        assert session.get("max_forwards") == left


@pytest.mark.virtual_time
async def test_a_caller_behind_a_nat_is_noticed(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, PARK) as running:
        _, session = await running.call(
            "7900", Via="SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKnat;rport"
        )
        assert session.get("sip_nat_detected") == "true"
        assert session.get("sip_via_host") == "10.0.0.5"


def test_only_harmless_values_are_kept() -> None:
    variables = Variables()
    keep(variables, "good", "5 $ and {x}")
    keep(variables, "bad", "${system(x)}")
    keep(variables, "sly", "$\\{system(x)}")
    assert list(variables) == [("good", "5 $ and {x}")]


def test_headers_are_named_by_variables() -> None:
    pairs = [
        ("sip_h_X-Colour", "red"),
        ("sip_h_", "nothing"),
        ("sip_h_Bad Name", "x"),
        ("sip_h_Bad\r\nName", "x"),
        ("sip_h_Ünicode", "x"),
        ("sip_h_Identity", "a;b,<c>"),
    ]
    assert headers_from(pairs, "sip_h_") == [("X-Colour", "red"), ("Identity", "a;b,<c>")]


async def test_all_headers_may_be_variables(tmp_path: Path) -> None:
    settings = {"parse-all-invite-headers": "true"}
    async with sip_bench(tmp_path, extension("1", "park"), profile=settings) as running:
        _, session = await running.invite("1", **{"Unknown-One": "a", "Max-Forwards": "50"})
        assert session.get("sip_i_unknown_one") == "a"
        assert session.get("sip_i_max_forwards") == "50"
        session.hangup()


async def test_whence_a_call_came(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("1", "park")) as running:
        running.alice.address = ALICE
        _, session = await running.invite(
            "1",
            **{
                "Contact": "<sip:1000@192.0.2.10:5062;ob;x=1>",
                "Call-Info": "<sip:x>;answer-after=0",
                "History-Info": "<sip:a@x>;index=1",
            },
        )
        assert session.get("sip_via_rport") == str(ALICE[1])
        assert session.get("sip_contact_params") == "ob;x=1"
        assert session.get("sip_auto_answer_detected") == "true"
        assert session.get("sip_history_info") == "<sip:a@x>;index=1"
        assert session.get("sip_looped_call") is None
        session.hangup()
        await running.settle()
        loop = running.party("self", SWITCH)
        loop.ask("INVITE", "1", sdp())
        await running.settle()
        assert running.session.get("sip_looped_call") == "true"
        running.session.hangup()


async def test_the_call_id_may_be_the_uuid(tmp_path: Path) -> None:
    settings = {"inbound-use-callid-as-uuid": "true"}
    async with sip_bench(tmp_path, extension("1", "park"), profile=settings) as running:
        for call_id, same in (("a-b@192.0.2.10", True), ("../x", False)):
            running.alice.ask("INVITE", "1", sdp(), call_id=call_id)
            await running.settle()
            assert (running.session.uuid == call_id) is same
            running.session.hangup()
            await running.settle()
