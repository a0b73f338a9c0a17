"""Parameters of addresses and seldom headers, as variables of the call."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.parameters import (
    headers_told,
    line_type,
    number_of,
    parameters_told,
    user_parameters,
)
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import SipUri
from tests.support.sip_bench import sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time


def invite(uri: str = "sip:1@a.test", **headers: str) -> Request:
    """An INVITE with other headers than usual."""
    usual = {"From": "<sip:2@b.test>;tag=x", "To": "<sip:1@a.test>"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("INVITE", uri, Headers(list({**usual, **named}.items())))


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:100@a.test", "100"),
        ("sip:+49-30@a.test", "+49-30"),
        ("sip:100;phone-context=b@a.test", "100"),
        ("tel:+49-(30).12;ext=3", "+493012"),
        ("sip:a.test", ""),
    ],
)
def test_a_number_has_no_parameters_and_in_tel_no_separators(uri: str, number: str) -> None:
    assert number_of(SipUri.parse(uri)) == number


@pytest.mark.parametrize(
    ("parameter", "kind"),
    [
        ("isup-oli=62", "62"),
        ("isup-oli", ""),
        ("isup-oli=a", ""),
        ("isup-oli=12345", ""),
        ("x", ""),
    ],
)
def test_the_kind_of_a_line_is_a_short_number(parameter: str, kind: str) -> None:
    assert line_type(SipUri.parse(f"sip:1@a.test;{parameter}")) == kind


def test_parameters_of_both_addresses_are_told_but_what_has_a_variable_already() -> None:
    request = invite(
        From='<sip:2;npdi@b.test>;tag=x;epid="a b";user=root;uri=z', To="<sip:1@a.test>;x=1;flag"
    )
    assert parameters_told(request) == {
        "sip_from_epid": "a b",
        "sip_to_x": "1",
        "sip_to_flag": "",
        "sip_name_params": "npdi",
    }
    assert parameters_told(invite()) == {}


@pytest.mark.parametrize(
    ("user", "variables"),
    [
        ("123", {}),
        (
            "123;cpc=payphone;npdi",
            {"sip_req_user": "123", "sip_invite_cpc": "payphone", "sip_invite_npdi": "true"},
        ),
        # Nobody outside may shape the legs that we call.
        ("1;params=x;to_uri=y;domain=z;=;;${a}=b", {"sip_req_user": "1"}),
    ],
)
def test_parameters_of_the_dialled_user(user: str, variables: dict[str, str]) -> None:
    assert user_parameters(invite(f"sip:{user}@a.test")) == variables


def test_seldom_headers_are_told() -> None:
    request = invite(
        Accept_Language="de;q=0.8, en , ,fr;level=1",
        Date="Sat, 13 Nov 2010 23:29:00 GMT",
        Geolocation="<cid:here@a.test>",
    )
    assert headers_told(request) == {
        "sip_accept_language": "de",
        "sip_accept_language_0_value": "de",
        "sip_accept_language_0_q": "0.8",
        "sip_accept_language_1_value": "en",
        "sip_accept_language_2_value": "fr",
        "sip_accept_language_count": "3",
        "sip_date_epoch_time": "1289690940",
        "sip_geolocation": "<cid:here@a.test>",
    }


def test_headers_that_say_nothing_tell_nothing() -> None:
    assert headers_told(invite(Date="yesterday", Accept_Language=" ")) == {}


async def test_the_dialplan_sees_them(tmp_path: Path) -> None:
    profile = {"parse-invite-tel-params": "true"}
    async with sip_bench(tmp_path, extension("9196", "park"), profile=profile) as running:
        _, session = await running.invite(
            "9196;cpc=ordinary",
            From="<sip:1000@example.test>;tag=t;epid=7",
            Date="Sat, 13 Nov 2010 23:29:00 GMT",
            To='"Echo" <sip:9196@example.test>',
        )
        for name, value in (
            ("sip_invite_cpc", "ordinary"),
            ("sip_req_user", "9196"),
            ("sip_from_epid", "7"),
            ("sip_date_epoch_time", "1289690940"),
            ("sip_to_display", "Echo"),
            ("sofia_profile_domain_name", "192.0.2.1"),
        ):
            assert session.get(name) == value
        session.hangup()
