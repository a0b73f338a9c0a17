"""The messages of RFC 4475 through a live stack: the right answer, or a clean drop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from softswitch.sip.events import InviteReceived, RequestReceived
from softswitch.sip.flow import Flow
from tests.support.hand import Hand

TORTURE = Path(__file__).resolve().parents[2] / "../shared/data/sip-torture"
pytestmark = pytest.mark.skipif(not TORTURE.is_dir(), reason="the collection is not here")


def expectations() -> dict[str, Any]:
    path = TORTURE / "expected.json"
    return json.loads(path.read_text())["rfc4475"] if path.is_file() else {}


def serve(hand: Hand) -> None:
    """A plain user agent: takes calls with SDP, but nobody is at home."""
    for event in hand.told():
        match event:
            case InviteReceived(usage=usage, request=request):
                if request.content_type not in (None, "application/sdp"):
                    accept = [("Accept", "application/sdp")]
                    usage.reject(415, headers=accept, now=hand.now)
                elif "application/sdp" not in request.headers.get("Accept", "application/sdp"):
                    usage.reject(406, now=hand.now)
                else:
                    usage.reject(480, now=hand.now)
            case RequestReceived(transaction=transaction, request=request):
                status = {"OPTIONS": 200, "REGISTER": 401}.get(request.method, 415)
                hand.stack.reply(transaction, status, now=hand.now)


@pytest.mark.parametrize("name", sorted(expectations()))
def test_each_message_gets_the_right_answer_and_leaves_nothing(name: str) -> None:
    expected = expectations()[name]
    hand = Hand()
    source = Flow("udp", hand.flow.local, ("198.51.100.9", 40000))
    hand.feed((TORTURE / f"{name}.dat").read_bytes(), source)
    serve(hand)
    transmits = hand.stack.transmits()
    assert {flow for _, flow in transmits} <= {source}, "answers go back where it came from"
    finals = [data for data, _ in transmits if not data.startswith(b"SIP/2.0 100 ")]
    if expected.get("kind") == "response":
        assert transmits == []
    elif finals:
        (final,) = finals
        check_final(final, expected)
    else:
        assert "drop" in (expected.get("also_acceptable") or ())
    hand.advance(64)
    assert hand.left() == {}


def check_final(final: bytes, expected: dict[str, Any]) -> None:
    assert final.startswith(b"SIP/2.0 ")
    status = int(final[8:11])
    says, also = expected.get("rfc_says"), expected.get("also_acceptable") or []
    liberal = any(str(each).startswith("liberal") for each in also)
    if says is None:
        assert status != 400
    assert says is None or liberal or status in [*says, *also], status
    never = {int(text) for text in expected.get("must_never") or () if text.isdecimal()}
    assert status not in never
    assert b"\r\nVia: " in final
    assert b";received=198.51.100.9" in final
    if status == 420:
        assert b"\r\nUnsupported: " in final
    if status in (405, 501):
        assert b"\r\nAllow: " in final
