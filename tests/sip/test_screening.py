"""What is done with requests before any machine sees them."""

from __future__ import annotations

from typing import Any

import pytest

from softswitch.sip.flow import Flow
from softswitch.sip.screening import mark_source, response_flow, screen, server_key
from tests.support.hand import HERE, Hand

ALLOWED = frozenset({"INVITE", "OPTIONS", "REFER"})


def status_of(method: str, uri: str = "sip:x@y", **headers: str) -> int | None:
    request = Hand().request(method, **headers)
    request.uri = uri
    refusal = screen(request, ALLOWED, frozenset({"timer"}))
    return None if refusal is None else refusal.status


@pytest.mark.parametrize(
    ("method", "uri", "require", "status"),
    [
        ("INVITE", "sip:x@y", "", None),
        ("INVITE", "SIPS:x@y", "", None),
        ("INVITE", "tel:+49", "timer", None),
        ("MESSAGE", "sip:x@y", "", 405),
        ("FROB", "sip:x@y", "", 501),
        ("OPTIONS", "http://x", "", 416),
        ("OPTIONS", "sip:x", "timer, 100rel", 420),
        ("OPTIONS", "sip:x", "Timer", None),
        ("OPTIONS", "sip:x", "norefersub", 420),
        ("REFER", "sip:x", "norefersub, tdialog", None),
    ],
)
def test_what_we_cannot_do_is_refused(
    method: str, uri: str, require: str, status: int | None
) -> None:
    assert status_of(method, uri, Require=require) == status


def test_an_ack_has_the_key_of_its_invite_and_a_cancel_its_own() -> None:
    hand = Hand()
    keys = {
        method: server_key(hand.request(method, branch="z9hG4bKx"), method)
        for method in ("INVITE", "ACK", "CANCEL")
    }
    assert keys["INVITE"] == keys["ACK"] != keys["CANCEL"]
    assert server_key(hand.request("CANCEL", branch="z9hG4bKx"), "INVITE") == keys["INVITE"]


@pytest.mark.parametrize("other", [{"call_id": "second@there"}, {"cseq": 2}])
def test_a_branch_used_again_makes_a_new_transaction(other: dict[str, Any]) -> None:
    hand = Hand()
    first = hand.request("INVITE", branch="z9hG4bK-1-1")
    again = hand.request("INVITE", branch="z9hG4bK-1-1")
    second = hand.request("INVITE", branch="z9hG4bK-1-1", **other)
    keys = [server_key(request, "INVITE") for request in (first, again, second)]
    assert keys[0] == keys[1] != keys[2]


def test_a_bare_cookie_is_no_branch() -> None:
    hand = Hand()
    first = server_key(hand.request("OPTIONS", branch="z9hG4bK"), "OPTIONS")
    other = hand.request("OPTIONS", branch="z9hG4bK", call_id="other")
    assert server_key(other, "OPTIONS") != first


def test_a_via_that_tells_the_truth_is_left_alone() -> None:
    hand = Hand()
    request = hand.request("OPTIONS", branch="z9hG4bKx")
    before = request.headers.get("Via")
    mark_source(request, hand.flow)
    assert request.headers.get("Via") == before
    assert response_flow(request, hand.flow) is hand.flow


def test_only_the_topmost_via_is_marked() -> None:
    request = Hand().request("OPTIONS", branch="z9hG4bKx")
    request.headers.add("Via", "SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKy")
    mark_source(request, Flow("udp", HERE, ("198.51.100.1", 9)))
    top, below = request.headers.all("Via")
    assert top.endswith(";received=198.51.100.1")
    assert "received" not in below


def test_an_ipv6_source_is_marked_in_brackets() -> None:
    request = Hand().request("OPTIONS")
    mark_source(request, Flow("udp", HERE, ("2001:db8::7", 9)))
    assert ";received=2001:db8::7" in (request.headers.get("Via") or "")
