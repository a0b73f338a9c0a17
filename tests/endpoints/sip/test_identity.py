"""Whom the headers name as the caller, and what callers are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.identity import asserted_as, identity_of
from softswitch.sip.message import Headers, Request
from tests.support.sip_bench import sip_bench
from tests.support.switch import extension

FROM = ("From", '"Alice" <sip:1000@example.test>;tag=x')


def request(*headers: tuple[str, str]) -> Request:
    return Request("INVITE", "sip:x", Headers([FROM, *headers]))


def test_from_names_the_caller_where_nothing_else_does() -> None:
    identity = identity_of(request())
    assert (identity.address.display, identity.address.uri.user) == ("Alice", "1000")
    assert (identity.kind, identity.hide_name, identity.hide_number) == ("", False, False)


def test_an_asserted_identity_goes_before_remote_party_id() -> None:
    party = ("Remote-Party-ID", '"Party" <sip:2@x>;party=calling;privacy=off')
    identity = identity_of(request(party))
    assert (identity.kind, identity.address.uri.user) == ("rpid", "2")
    asserted = ("P-Asserted-Identity", "<sip:3@x>, <tel:+4930>")
    identity = identity_of(request(party, asserted))
    assert (identity.kind, identity.address.uri.user) == ("pid", "3")
    # Without a display of its own it takes the one told before.
    assert identity.address.display == "Party"


def test_a_preferred_identity_goes_before_all_others() -> None:
    asserted, preferred = (
        ("P-Asserted-Identity", "<sip:3@x>"),
        ("P-Preferred-Identity", "P <sip:4@x>"),
    )
    identity = identity_of(request(asserted, preferred))
    assert (identity.kind, identity.address.uri.user) == ("pid", "4")
    assert identity.address.display == "P"


@pytest.mark.parametrize(
    ("wish", "value", "told"),
    [
        ("default", '"Boss" <sip:555@x:5070>', "555"),
        ("user-only", "sip:555@x", "555"),
        ("user-domain", '"Boss" <sip:555@x:5070>', "555@x"),
        ("verbatim", '"Boss" <sip:555@x:5070>', '"Boss" <sip:555@x:5070>'),
        ("default", "<tel:+4930>, <sip:555@x>", "+4930"),
        ("default", "<sip:x>", ""),
        ("default", "garbage<", ""),
    ],
)
def test_what_a_variable_has_of_an_asserted_identity(wish: str, value: str, told: str) -> None:
    assert asserted_as(wish, request(("P-Asserted-Identity", value))) == told


@pytest.mark.parametrize("value", ["<sip:", "garbage<", "<sip:example.test>", ""])
def test_what_cannot_be_read_tells_nothing(value: str) -> None:
    identity = identity_of(request(("P-Asserted-Identity", value)))
    assert (identity.kind, identity.address.uri.user) == ("", "1000")


@pytest.mark.parametrize(
    ("header", "name", "number"),
    [
        (("Privacy", "id"), True, True),
        (("Privacy", "none"), False, False),
        (("Privacy", "critical; header"), True, True),
        (("Remote-Party-ID", "<sip:2@x>;privacy=full"), True, True),
        (("Remote-Party-ID", "<sip:2@x>;privacy=name"), True, False),
        (("Remote-Party-ID", "<sip:2@x>;privacy=uri"), False, True),
    ],
)
def test_a_caller_may_hide(header: tuple[str, str], name: bool, number: bool) -> None:
    identity = identity_of(request(header))
    assert (identity.hide_name, identity.hide_number) == (name, number)


CONNECTED = (
    ("rpid", "Remote-Party-ID", '"9196" <sip:9196@192.0.2.1>;party=calling;privacy=off;screen=no'),
    ("pid", "P-Asserted-Identity", '"9196" <sip:9196@192.0.2.1>'),
    ("none", "Remote-Party-ID", None),
)


@pytest.mark.virtual_time
@pytest.mark.parametrize(("kind", "header", "value"), CONNECTED)
async def test_a_caller_is_told_whom_it_reached(
    tmp_path: Path, kind: str, header: str, value: str | None
) -> None:
    echo = extension("9196", "answer", "park")
    async with sip_bench(tmp_path, echo, profile={"caller-id-type": kind}) as running:
        response, _ = await running.call("9196")
        assert response.headers.get(header) == value


@pytest.mark.virtual_time
async def test_the_dialplan_may_say_whom_a_caller_reached(tmp_path: Path) -> None:
    named = extension(
        "9196",
        'set effective_callee_id_name=Help "Desk"',
        "set effective_callee_id_number=42",
        "answer",
        "park",
    ).replace('"Desk"', "&quot;Desk&quot;")
    async with sip_bench(tmp_path, named) as running:
        response, _ = await running.call("9196")
        told = response.headers.get("Remote-Party-ID") or ""
        assert told.startswith('"Help \\"Desk\\"" <sip:42@192.0.2.1>')
    async with sip_bench(tmp_path, named, profile={"pass-callee-id": "false"}) as running:
        response, _ = await running.call("9196")
        assert "Remote-Party-ID" not in response.headers
