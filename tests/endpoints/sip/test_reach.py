"""Where a registered phone is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from softswitch.endpoints.sip.location import Binding
from softswitch.endpoints.sip.reach import (
    contact_text,
    forced_contact,
    is_elsewhere,
    path_of,
    reachable_uri,
    status_text,
)
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.flow import Flow
from softswitch.sip.uri import SipUri
from softswitch.switch.dialstring import parse_enterprise

HOME = Binding(
    profile="internal",
    user="1000",
    realm="example.test",
    contact="sip:1000@192.0.2.10:5062",
    call_id="call",
    cseq=1,
    expires=0.0,
    q=1.0,
    transport="udp",
    network_ip="192.0.2.10",
    network_port=5062,
    local_ip="192.0.2.1",
    local_port=5060,
    path="",
    agent="phone",
    username="1000",
    auth_realm="example.test",
    display="",
    hostname="here",
)
BACK = ";fs_nat=yes;fs_path=sip%3A192.0.2.10%3A5062%3Btransport%3Dudp"


def test_a_phone_at_its_own_address_is_called_there() -> None:
    assert reachable_uri(HOME) == "sip:1000@192.0.2.10:5062"
    assert status_text(HOME) == "Registered(UDP)"
    assert contact_text(HOME) == '"" <sip:1000@192.0.2.10:5062>'


@pytest.mark.parametrize(
    "contact",
    [
        "sip:1000@10.0.0.5:5062",
        "sip:1000@phone.example.test:5062",
        "sip:1000@192.0.2.10:5999",
        "sip:1000@192.0.2.10:5062;maddr=203.0.113.9",
    ],
)
def test_a_contact_elsewhere_is_called_where_its_register_came_from(contact: str) -> None:
    binding = replace(HOME, contact=contact)
    assert is_elsewhere(binding)
    assert reachable_uri(binding).endswith(BACK)
    assert status_text(binding) == "Registered(UDP-NAT)"


def test_a_contact_without_its_transport_is_called_over_the_one_it_came_by() -> None:
    binding = replace(HOME, transport="tcp")
    assert reachable_uri(binding).endswith("fs_path=sip%3A192.0.2.10%3A5062%3Btransport%3Dtcp")
    assert not is_elsewhere(replace(binding, contact=f"{HOME.contact};transport=tcp"))


def test_an_address_in_brackets_is_one() -> None:
    binding = replace(HOME, contact="sip:a@[2001:db8::1]:5062", network_ip="2001:db8::1")
    assert reachable_uri(binding) == "sip:a@[2001:db8::1]:5062"
    moved = replace(binding, network_ip="2001:db8::2")
    assert "fs_path=sip%3A%5B2001%3Adb8%3A%3A2%5D%3A5062" in reachable_uri(moved)


def test_a_contact_has_no_say_in_the_way() -> None:
    contact = f"{HOME.contact};fs_path=sip%3A203.0.113.9;fs_nat=yes?Replaces=x"
    assert reachable_uri(replace(HOME, contact=contact)) == HOME.contact


@pytest.mark.parametrize(
    "contact",
    [
        "sip:1000,sofia/gateway/pstn/900@192.0.2.10:5062",
        "sip:a,[api_on_answer='system+date']loopback/9@192.0.2.10:5062",
        "sip:1000@192.0.2.10:5062;x=a%2C[api_on_answer='system%20date']loopback/9",
        "sip:1000@192.0.2.10:5062;x=%7Cerror/USER_BUSY",
        "sip:_:x@192.0.2.10:5062",
        "sip:${system(date)}@192.0.2.10:5062",
    ],
)
def test_a_contact_adds_nothing_to_a_dial_string(contact: str) -> None:
    binding = replace(HOME, contact=str(SipUri.parse(contact.replace("{", "%7B"))))
    text = f"sofia/internal/{reachable_uri(binding)}"
    (string,) = parse_enterprise(text)
    ((leg,),) = string.groups
    assert (leg.endpoint, leg.variables) == ("sofia", {})
    assert "$" not in leg.target
    dialled = SipUri.parse(leg.target.removeprefix("internal/"))
    assert dialled.equivalent(SipUri.parse(binding.contact))


def test_a_path_leads_back_to_its_sender_or_is_refused() -> None:
    path = path_of(["<sip:192.0.2.10;lr>", "<sip:edge.example.test;lr>"], "192.0.2.10")
    assert path == "<sip:192.0.2.10;lr>, <sip:edge.example.test;lr>"
    assert path_of([], "192.0.2.10") == ""
    binding = replace(HOME, path=path, contact="sip:1000@10.0.0.5")
    assert reachable_uri(binding).startswith("sip:1000@10.0.0.5;fs_path=%3Csip%3A192.0.2.10%3Blr")
    assert status_text(binding) == "Registered(UDP)"
    with pytest.raises(RemoteProtocolError) as refusal:
        path_of(["<sip:203.0.113.9;lr>"], "192.0.2.10")
    assert refusal.value.status == 403


FLOW = Flow("udp", ("192.0.2.1", 5060), ("203.0.113.7", 40000))


@pytest.mark.parametrize(
    ("wish", "forced"),
    [
        ("NDLB-connectile-dysfunction", "sip:1000@203.0.113.7:40000;line=x"),
        ("nat-connectile-dysfunction", "sip:1000@203.0.113.7:40000;line=x"),
        ("NDLB-tls-connectile-dysfunction", "sip:1000@203.0.113.7:40000;line=x;transport=tls"),
        ("NDLB-connectile-dysfunction-2.0", ""),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_contact_may_be_replaced_by_its_source(wish: str, forced: str) -> None:
    contact = SipUri.parse("sip:1000@10.0.0.5:5062;line=x")
    assert forced_contact(wish, contact, FLOW) == forced


def test_a_forced_contact_is_called_as_it_is() -> None:
    binding = replace(
        HOME,
        contact="sip:1000@10.0.0.5:5062",
        forced="sip:1000@192.0.2.10:5062",
    )
    assert reachable_uri(binding) == "sip:1000@192.0.2.10:5062"
    assert status_text(binding) == "Registered(UDP-NAT)"
    hacked = replace(binding, forced="sip:1000@192.0.2.10:5062;transport=tls")
    assert status_text(hacked) == "Registered(TLSHACK)"
