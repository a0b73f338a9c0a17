from __future__ import annotations

import json

import pytest

from softswitch.console.tables import as_json, render


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("show channels", "show channels as json"),
        ("show channels count", None),
        ("show channels as xml", None),
        ("status", None),
    ],
)
def test_which_commands_are_asked_for_rows(line: str, asked: str | None) -> None:
    assert as_json(line) == asked


def test_rows_become_a_table_of_the_columns_worth_showing() -> None:
    answer = json.dumps(
        {"row_count": 1, "rows": [{"uuid": "u-1", "cid_num": "1000", "secure": "srtp"}]}
    )
    text = render("show channels", answer, 80, colour=False)
    assert text is not None
    assert "u-1" in text
    assert "1000" in text
    assert "srtp" not in text
    assert text.endswith("1 total.\n")


def test_narrow_terminals_fold_and_lose_nothing() -> None:
    answer = json.dumps({"rows": [{"name": "x" * 30}]})
    text = render("show api", answer, 20, colour=False)
    assert text is not None
    assert text.count("x") == 30
    assert max(len(line) for line in text.splitlines()) <= 20


@pytest.mark.parametrize(("width", "there"), [(80, "ACTIVE"), (120, "created"), (200, "b_uuid")])
def test_a_uuid_can_be_copied_in_any_terminal(width: int, there: str) -> None:
    one, other = "905f5bb0-b5e6-458d-93bc-e48bff0f729b", "6e49b597-0893-4460-be13-4fe2908b1206"
    row = {
        "uuid": one,
        "created": "2026-11-28 07:07:09",
        "cid_num": "+4930123456",
        "dest": "1001",
        "callstate": "ACTIVE",
        "b_uuid": other,
        "b_cid_num": "1000",
        "b_dest": "1001",
        "b_callstate": "ACTIVE",
    }
    text = render("show calls", json.dumps({"rows": [row]}), width, colour=False)
    assert text is not None
    assert one in text
    assert there in text
    assert (other in text) == (width == 200)
    assert ("A wider terminal" in text) == (width < 200)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("answer", ["-ERR no\n", "[]", '{"row_count":0}', '{"rows":[1]}'])
def test_what_has_no_rows_is_left_as_it_is(answer: str) -> None:
    assert render("show channels", answer, 80) is None
