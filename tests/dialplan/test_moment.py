"""Dates and times as FreeSWITCH reads them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.dialplan.moment import moment_of

NOW = datetime(2026, 11, 24, 10, 15, 30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-12-24 18:30:05", datetime(2026, 12, 24, 18, 30, 5)),
        ("2026-12-24T18:30", datetime(2026, 12, 24, 18, 30)),
        ("2026-12-24 18", datetime(2026, 12, 24, 18)),
        (" 2026-12-24 ", datetime(2026, 12, 24)),
        ("2026-1-2 3:4", datetime(2026, 1, 2, 3, 4)),
        ("2026-02-31", datetime(2026, 3, 3)),
        ("2026-12-24 25:00", datetime(2026, 12, 25, 1)),
        ("2026-12-24 18:30 or so", datetime(2026, 12, 24, 18, 30)),
        ("20261224183005", datetime(2026, 12, 24, 18, 30, 5)),
        ("18:30", datetime(2026, 11, 24, 18, 30)),
        ("18:30:05", datetime(2026, 11, 24, 18, 30, 5)),
        ("7", datetime(2026, 11, 24, 7)),
        ("2026-13-01", None),
        ("0000-01-01", None),
        ("tomorrow", None),
        ("18:30 o'clock", None),
        ("", None),
    ],
)
def test_dates_and_clocks_are_read(text: str, moment: datetime | None) -> None:
    assert moment_of(text, NOW) == moment


def test_the_moment_is_in_the_zone_of_now() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert moment_of("2026-07-01", NOW.replace(tzinfo=berlin)) == datetime(
        2026, 7, 1, tzinfo=berlin
    )
