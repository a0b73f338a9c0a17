from __future__ import annotations

import pytest

from softswitch.db.foreign import Answer
from softswitch.modules.lcr.routes import (
    Dialled,
    Route,
    caller_number,
    document,
    routes_of,
    table,
)
from softswitch.modules.lcr.settings import LcrProfile

DEFAULT = LcrProfile()
BASE = {
    "lcr_digits": "4930",
    "lcr_carrier_name": "one",
    "lcr_rate_field": "0.5",
    "lcr_gw_prefix": "sofia/gateway/one/",
}


async def plain(text: str) -> str:
    return text.replace("${tech}", "99#")


async def routes(
    *rows: dict[str, str | None],
    profile: LcrProfile = DEFAULT,
    number: str = "4930123",
    max_rate: float = 0.0,
) -> list[Route]:
    columns = tuple(dict.fromkeys(name for row in rows for name in {**BASE, **row}))
    cells = tuple(tuple({**BASE, **row}.get(name) for name in columns) for row in rows)
    dialled = Dialled(number, "+49307", max_rate)
    return await routes_of(Answer(columns, cells), dialled, profile, plain)


@pytest.mark.parametrize(
    ("row", "dial_string"),
    [
        ({}, "[lcr_carrier=one,lcr_rate=0.50000]sofia/gateway/one/4930123"),
        ({"lcr_lead_strip": "2"}, "[lcr_carrier=one,lcr_rate=0.50000]sofia/gateway/one/30123"),
        ({"lcr_lead_strip": "9"}, "[lcr_carrier=one,lcr_rate=0.50000]sofia/gateway/one/"),
        ({"lcr_trail_strip": "1"}, "[lcr_carrier=one,lcr_rate=0.50000]sofia/gateway/one/4930"),
        (
            {"lcr_prefix": "00", "lcr_suffix": "#", "lcr_gw_suffix": "@x"},
            "[lcr_carrier=one,lcr_rate=0.50000]sofia/gateway/one/004930123#@x",
        ),
        (
            {"lcr_codec": "PCMU,PCMA", "lcr_user_rate": "1"},
            "[lcr_carrier=one,lcr_rate=0.50000,lcr_user_rate=1.00000,"
            "absolute_codec_string='PCMU,PCMA']sofia/gateway/one/4930123",
        ),
        (
            {"lcr_cid": r"/^\+(.*)$/00$1/"},
            "[lcr_carrier=one,lcr_rate=0.50000,origination_caller_id_number=0049307]"
            "sofia/gateway/one/4930123",
        ),
        (
            {"lcr_prefix": "${tech}"},
            "[lcr_carrier=one,lcr_rate=0.50000]sofia/gateway/one/99#4930123",
        ),
    ],
)
async def test_a_row_is_a_dial_string(row: dict[str, str | None], dial_string: str) -> None:
    (route,) = await routes(row)
    assert route.dial_string == dial_string


async def test_a_number_from_outside_adds_no_leg() -> None:
    (route,) = await routes({}, number="4930,user/1000${x}")
    assert route.dial_string.endswith("]sofia/gateway/one/4930user1000x")


async def test_profiles_say_what_goes_along() -> None:
    (route,) = await routes({"note": "a"}, profile=LcrProfile(export_fields=("note", "none")))
    assert route.dial_string.startswith("[lcr_carrier=one,lcr_rate=0.50000,note=a]")
    (route,) = await routes({}, profile=LcrProfile(info_in_headers=True))
    assert ",sip_h_X-LCR-INFO=lcr_rate=0.50000;lcr_carrier=one]" in route.dial_string
    (route,) = await routes({}, profile=LcrProfile(enable_sip_redir=True))
    assert route.dial_string == "sofia/gateway/one/4930123"


async def test_each_end_is_tried_once() -> None:
    rows: list[dict[str, str | None]] = [
        {"lcr_rate_field": None},
        {"lcr_rate_field": "0.5"},
        {"lcr_rate_field": "0.4"},
        {"lcr_rate_field": "0.3", "lcr_gw_prefix": "b/"},
        {"lcr_rate_field": "0.1", "lcr_gw_prefix": "c/", "lcr_carrier_name": "two"},
    ]
    assert [route.rate for route in await routes(*rows)] == [0.5, 0.3, 0.1]
    single = LcrProfile(single_bridge=True)
    assert [route.rate for route in await routes(*rows, profile=single)] == [0.5, 0.1]
    cheap = LcrProfile(reorder_by_rate=True)
    assert [route.rate for route in await routes(*rows, profile=cheap)] == [0.1, 0.3, 0.5]
    assert [route.rate for route in await routes(*rows, max_rate=0.4)] == [0.4, 0.3, 0.1]


@pytest.mark.parametrize(
    ("rule", "number"),
    [
        ("/^49(.*)$/0$1/", "0307"),
        ("/^1/x/", "49307"),
        ("/(/x/", "49307"),
        ("nonsense", "49307"),
        ("//", "49307"),
    ],
)
async def test_a_rule_makes_the_callers_number(rule: str, number: str) -> None:
    assert await caller_number(rule, "49307", plain) == number


async def test_routes_are_shown_as_a_table_and_as_xml() -> None:
    found = await routes(
        {"lcr_limit_realm": "r", "lcr_limit_id": "one", "lcr_limit_max": "5", "lcr_codec": "<a>"}
    )
    assert found[0].limit == ("r", "one", 5)
    heading = " | Digit Match | Carrier | Rate     | Codec | CID Regexp | Limit   | "
    last = "Dialstring".ljust(len(found[0].dial_string))
    assert table(found).splitlines()[0] == f"{heading}{last} |"
    assert " | 4930        | one     | 0.50000  | <a>   |            | r one 5 | [" in table(found)
    xml = document(found)
    assert xml.startswith('<result>\n  <row id="1">\n    <prefix>4930</prefix>\n')
    assert "<codec>&lt;a&gt;</codec>" in xml and "<lcr_limit_id>one</lcr_limit_id>" in xml
    assert document([]) == '<result row_count="0">\n</result>\n'
