"""The torture messages of RFC 4475 are parsed or refused as the RFC says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Request
from softswitch.sip.parser import StreamParser, parse_message
from softswitch.sip.uri import NameAddr

FOLDER = Path(__file__).resolve().parents[2] / "../shared/data/sip-torture"
EXPECTED: dict[str, Any] = (
    json.loads((FOLDER / "expected.json").read_text())["rfc4475"] if FOLDER.exists() else {}
)
pytestmark = pytest.mark.skipif(not EXPECTED, reason="the collection is not beside the project")


def case(name: str) -> bytes:
    return (FOLDER / f"{name}.dat").read_bytes()


def names(parse: str) -> list[str]:
    return [name for name, entry in EXPECTED.items() if entry["parse"] == parse]


@pytest.mark.parametrize("name", names("ok"))
def test_valid_message_is_parsed(name: str) -> None:
    message = parse_message(case(name))
    assert isinstance(message, Request) == (EXPECTED[name]["kind"] == "request")
    facts = EXPECTED[name].get("facts", {})
    found = {
        "method": getattr(message, "method", None),
        "status": getattr(message, "status", None),
        "reason": getattr(message, "reason", None),
        "cseq": list(message.cseq),
        "call_id": message.call_id,
        "max_forwards": message.max_forwards,
        "to_tag": message.to.tag,
        "from_tag": message.from_.tag,
        "from_display": message.from_.display,
        "from_display_unescaped": message.from_.display,
        "to_display": message.to.display,
        "to_user_unescaped": message.to.uri.user,
        "from_user_unescaped": message.from_.uri.user,
        "via_count": len(message.headers.values("Via")),
        "route_count": len(message.headers.values("Route")),
        "subject": message.headers.get("Subject"),
    }
    for fact, value in facts.items():
        if fact in found:
            assert found[fact] == value, fact
    if "content_length" in facts:
        assert len(message.body) == facts["content_length"]
    if "contacts" in facts:
        contacts = [NameAddr.parse(value) for value in message.headers.values("Contact")]
        assert len({str(contact.uri) for contact in contacts}) == facts["contacts"]
    if "contact_uri" in facts:
        assert message.contact is not None
        assert str(message.contact.uri) == facts["contact_uri"]
    if "ruri_user_unescaped" in facts:
        assert isinstance(message, Request)
        assert message.request_uri.user == facts["ruri_user_unescaped"]


@pytest.mark.parametrize("name", names("error"))
def test_malformed_message_is_refused(name: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_message(case(name))
    wanted = EXPECTED[name]["rfc_says"]
    if isinstance(wanted, list):
        assert caught.value.status in wanted
    else:
        assert caught.value.partial is None


@pytest.mark.parametrize("name", names("either"))
def test_doubtful_message_is_parsed_or_refused(name: str) -> None:
    try:
        message = parse_message(case(name))
    except RemoteProtocolError as error:
        assert error.status == 400
    else:
        assert message.call_id


def test_valid_message_survives_a_round_trip() -> None:
    for name in names("ok"):
        message = parse_message(case(name))
        again = parse_message(message.encode())
        assert (again.call_id, again.from_, again.body) == (
            message.call_id,
            message.from_,
            message.body,
        ), name
        assert again.to == message.to or name == "intmeth"  # its NUL is sent as a space


def test_second_message_behind_the_first_is_parsed_in_a_stream_only() -> None:
    data = case("dblreq")
    assert parse_message(data).body == b""
    items = StreamParser().feed(data)
    assert [item.method for item in items if isinstance(item, Request)] == ["REGISTER", "INVITE"]
