"""Dialogs: route sets, targets, sequence numbers."""

from __future__ import annotations

import json

import pytest

from softswitch.sip.dialog import Dialog
from softswitch.sip.message import make_response
from softswitch.sip.routing import Hop
from tests.support.hand import Hand

LOOSE = ["<sip:192.0.2.8;lr>", "<sip:192.0.2.9;lr>"]


def callee(**headers: str) -> Dialog:
    return Dialog.of_callee(Hand().request("INVITE", cseq=5, **headers), "mine")


def test_a_callee_keeps_the_routes_in_order_and_swaps_the_parties() -> None:
    dialog = callee(Record_Route=", ".join(LOOSE))
    assert dialog.key == ("call@there", "mine", "there")
    assert dialog.route_set == LOOSE
    assert dialog.remote_cseq == 5
    request = dialog.build_request("BYE")
    assert request.from_.tag == "mine"
    assert request.headers.get("To") == "<sip:there@192.0.2.2>;tag=there"
    assert str(request.cseq) == "1 BYE"


def test_a_caller_reverses_the_routes_and_counts_on() -> None:
    hand = Hand()
    _, invite = hand.invite()
    response = make_response(invite, 200, to_tag="there")
    for route in LOOSE:
        response.headers.add("Record-Route", route)
    response.headers.add("Contact", '"A" <sip:there@192.0.2.77>;expires=3')
    dialog = Dialog.of_caller(invite, response)
    assert dialog.route_set == LOOSE[::-1]
    assert dialog.remote_target == "sip:there@192.0.2.77"
    assert dialog.build_request("BYE").cseq.number == 2
    assert dialog.build_request("ACK", cseq=1).cseq.number == 1
    assert dialog.local_cseq == 2


def test_loose_routes_leave_the_target_in_the_request_uri() -> None:
    dialog = callee(Record_Route=", ".join(LOOSE))
    request = dialog.build_request("INFO")
    assert request.uri == dialog.remote_target
    assert request.headers.all("Route") == LOOSE
    assert dialog.hop == Hop("192.0.2.8")


def test_a_strict_router_is_put_into_the_request_uri() -> None:
    dialog = callee(Record_Route=f"<sip:192.0.2.7:5070>, {LOOSE[0]}")
    request = dialog.build_request("INFO")
    assert request.uri == "sip:192.0.2.7:5070"
    assert request.headers.all("Route") == [LOOSE[0], "<sip:there@192.0.2.2:5060>"]
    assert dialog.hop == Hop("192.0.2.7", 5070)


def test_an_rfc_2543_caller_without_tag_and_contact_is_reached_at_its_from() -> None:
    dialog = callee(From="<sip:old@192.0.2.2>", Contact="")
    assert dialog.remote_tag == ""
    assert dialog.remote_target == "sip:old@192.0.2.2"


def test_the_target_follows_the_contact_and_a_bad_one_is_ignored() -> None:
    dialog = callee()
    hand = Hand()
    assert dialog.hop == Hop("192.0.2.2", 5060)
    dialog.refresh_target(hand.request("INVITE", Contact="<sip:there@192.0.2.3>"))
    assert dialog.hop == Hop("192.0.2.3")
    for bad in ("<sip:", "", "*", ",", "<sip:x@[>"):
        dialog.refresh_target(hand.request("INVITE", Contact=bad))
        assert dialog.remote_target == "sip:there@192.0.2.3"


@pytest.mark.parametrize(("cseq", "accepted"), [(4, False), (5, True), (6, True), (900, True)])
def test_sequence_numbers_only_grow(cseq: int, accepted: bool) -> None:
    dialog = callee()
    assert dialog.accepts(cseq) is accepted
    assert dialog.remote_cseq == max(5, cseq)


def test_a_target_that_is_no_sip_uri_has_no_hop() -> None:
    dialog = callee(Contact="<tel:+49123>")
    assert dialog.remote_target == "tel:+49123"
    assert dialog.hop is None or not dialog.hop.is_literal


def test_a_dialog_survives_as_text() -> None:
    dialog = Dialog(
        call_id="c",
        local_tag="a",
        remote_tag="b",
        local_party="<sip:a@x>;tag=a",
        remote_party="<sip:b@x>;tag=b",
        remote_target="sip:b@y",
        route_set=["<sip:p;lr>"],
        local_cseq=7,
    )
    again = Dialog.restore(json.loads(json.dumps(dialog.snapshot())))
    assert again.snapshot() == dialog.snapshot()
    assert str(again.build_request("BYE").headers) == str(dialog.build_request("BYE").headers)
    for broken in ({}, {**dialog.snapshot(), "local_cseq": "7"}):
        with pytest.raises((KeyError, TypeError)):
            Dialog.restore(broken)
