"""The latest messages, and whose they are."""

from __future__ import annotations

import pytest

from softswitch.net import journal
from softswitch.net.journal import Journal
from softswitch.sip.flow import Flow
from softswitch.sip.parser import parse_message
from tests.support.hand import Hand

FLOW = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.10", 5062))


def message(call_id: str, name: str = "Call-ID") -> bytes:
    return f"OPTIONS sip:x SIP/2.0\r\nVia: v\r\n{name}: {call_id}\r\n\r\n".encode()


@pytest.mark.parametrize("name", ["Call-ID", "call-id", "i", "Call-ID "])
def test_messages_are_found_by_their_call_id(name: str) -> None:
    kept = Journal()
    kept.add(False, message("a", name), FLOW)
    kept.add(True, message("b"), FLOW)
    assert [entry.call_id for entry in kept.of("a")] == ["a"]
    assert len(kept.of("all")) == len(list(kept)) == 2
    assert kept.of("nobody") == []


def test_parsed_messages_are_kept_too() -> None:
    kept = Journal()
    parsed = parse_message(Hand().request("OPTIONS").encode())
    kept.add(False, parsed, FLOW)
    (entry,) = kept.of(parsed.call_id)
    assert entry.data == parsed.encode()


def test_a_leg_is_found_with_its_family() -> None:
    kept = Journal()
    for call_id in ("a", "b", "c", "stranger"):
        kept.add(False, message(call_id), FLOW)
    kept.note("leg-a", "a")
    kept.note("leg-b", "b", "leg-a")
    kept.note("leg-c", "c", "leg-a")
    kept.note("other", "stranger")
    for leg in ("leg-a", "leg-b", "leg-c"):
        assert kept.call_ids(leg) == ["a", "b", "c"]
        assert [entry.call_id for entry in kept.of(leg)] == ["a", "b", "c"]
    assert kept.call_ids("other") == ["stranger"]


def test_what_has_no_call_id_harms_nothing() -> None:
    kept = Journal()
    kept.add(False, b"\xff\xfe nonsense", FLOW)
    assert kept.of("x") == []


def test_memory_is_bounded_by_count_and_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Journal(messages=10)
    for number in range(100):
        kept.add(False, message(str(number)), FLOW)
    assert next(iter(kept)).call_id == "90"
    monkeypatch.setattr(journal, "OCTETS", 1000)
    kept.add(False, b"x" * 990, FLOW)
    assert len(kept) == 1
    monkeypatch.setattr(journal, "LEGS", 3)
    for number in range(10):
        kept.note(str(number), "x")
    assert len(kept._legs) == 3
