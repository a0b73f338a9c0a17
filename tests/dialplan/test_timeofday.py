"""Time-of-day attributes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.config.timezones import SYSTEM_ZONES
from softswitch.dialplan.timeofday import (
    ATTRIBUTES,
    first_failure,
    local_time,
    never_holds,
    unread,
    week_of_month,
)

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 11, 24, 10, 15, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=BERLIN)


def holds(name: str, text: str, now: datetime = TUESDAY) -> bool:
    return first_failure(((name, text),), now, now) is None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("year", "2026", True), ("year", "2025", False), ("year", "2020-2030", True),
        ("yday", "328", True),
        ("yday", "327", False), ("mon", "11", True), ("mon", "10-12", True), ("mon", "12-2", False),
        ("mon", "11-2", True), ("mday", "24", True), ("mday", "1,24", True),
        ("mday", "25-31", False),
        ("week", "47", True), ("week", "48", False), ("mweek", "4", True), ("mweek", "5", False),
        ("wday", "3", True), ("wday", "2-6", True), ("wday", "tue", True),
        ("wday", "Mon-Fri", True),
        ("wday", "fri-mon", False), ("wday", "sat-tue", True), ("wday", "mon,wed", False),
        ("wday", "1,3", True),
        ("wday", "mon, tue", False), ("wday", "tue, x", True), ("wday", "tuesday", True),
        ("wday", "monday-friday", False), ("wday", "23", True), ("hour", "", False),
        ("minute", "x", False), ("hour", "9-", True), ("hour", "-", False), ("dst", "", True),
        ("time-of-day", "9:-11:", True), ("time-of-day", "9-11:00", False),
        ("tz-offset", "0", True), ("tz-offset", "1", False), ("tz-offset", "1x", True),
        ("wday", "0", False),
        ("wday", "mon-", False), ("wday", "", False), ("hour", "10", True), ("hour", "9-18", True),
        ("hour", "18-8", False), ("hour", "22-10", True), ("hour", "8-9,10", True),
        ("hour", "8 -12", False),
        ("hour", "8- 12", True), ("hour", " 10", True), ("hour", "x,10", False),
        ("hour", "10x", True),
        ("hour", "8,x,10", False), ("minute", "15", True), ("minute", "0-14", False),
        ("minute-of-day", "616", True),
        ("minute-of-day", "540-1080", True), ("minute-of-day", "615", False),
        ("time-of-day", "10:15-11:00", True),
        ("time-of-day", "09:00-17:00", True), ("time-of-day", "10:15:30-10:15:30", True),
        ("time-of-day", "08:00-10:15:29", False),
        ("time-of-day", "22:00-11:00", True), ("time-of-day", "22:00-06:00", False),
        ("time-of-day", "10:15", False),
        ("time-of-day", "01:00-02:00,10:00-11:00", True),
        ("date-time", "2026-11-24~2026-11-25", True),
        ("date-time", "2026-11-24 10:15:30~2026-11-24 10:15:31", True),
        ("date-time", "2026-11-01~2026-11-24 10:15:30", False),
        ("date-time", "20261101000000~20261201000000", True),
        ("date-time", "10:00:00~11:00:00", True),
        ("date-time", "2026-11-24", False), ("date-time", "rubbish~2026-12-01", False),
        ("date-time", "2025-01-01~2025-02-01,2026-11-01~2026-12-01", True),
        ("date-time", "2026-13-01~2027-01-01", False),
        ("tz-offset", "0", True), ("tz-offset", "1", False), ("tz-offset", "x", True),
        ("dst", "true", False),
        ("dst", "false", False),
    ],
)  # fmt: skip
def test_an_attribute_holds_or_not(name: str, text: str, expected: bool) -> None:
    assert holds(name, text) is expected


def test_both_ends_of_a_time_range_belong_to_it() -> None:
    at = TUESDAY.replace(hour=17, minute=0, second=0)
    assert holds("time-of-day", "09:00-17:00", at)
    assert not holds("time-of-day", "09:00-17:00", at.replace(second=1))
    assert holds("hour", "9-18", at.replace(hour=18, minute=59))


def test_daylight_saving_time_is_that_of_the_server() -> None:
    assert holds("dst", "true", SUMMER)
    assert not holds("dst", "false", SUMMER)
    assert holds("tz-offset", "2", SUMMER)


@pytest.mark.parametrize(
    ("day", "week"),
    [(1, 1), (7, 1), (8, 2), (14, 2), (15, 3), (22, 4), (28, 4), (29, 5), (30, 5)],
)
def test_weeks_of_a_month_start_on_sunday(day: int, week: int) -> None:
    # November 2026 begins on a Sunday.
    assert week_of_month(datetime(2026, 11, day, tzinfo=UTC)) == week


def test_a_month_that_begins_on_saturday_has_a_first_week_of_one_day() -> None:
    assert [week_of_month(datetime(2026, 8, d, tzinfo=UTC)) for d in (1, 2, 31)] == [1, 2, 6]


def test_all_attributes_must_hold_and_the_first_failure_is_told() -> None:
    times = (("wday", "2-6"), ("hour", "9-18"))
    assert first_failure(times, TUESDAY, TUESDAY) is None
    assert first_failure(times, TUESDAY, TUESDAY.replace(hour=19)) == "hour"
    assert first_failure((("wday", "1"), ("hour", "1")), TUESDAY, TUESDAY) == "wday"


@pytest.mark.parametrize(
    ("offset", "zone", "hour"),
    [
        (None, None, 10), ("2", None, 12), ("-5", "Europe/Berlin", 5), (None, "Europe/Berlin", 11),
        ("x", "America/New_York", 5), ("", "No/Where", 10), ("99", None, 10),
        (None, "../../etc", 10),
    ],
)  # fmt: skip
def test_the_callers_zone_comes_from_variables(
    offset: str | None, zone: str | None, hour: int
) -> None:
    assert local_time(TUESDAY, offset, zone, SYSTEM_ZONES).hour == hour


def test_dates_are_read_in_the_servers_zone_whatever_the_callers_is() -> None:
    now = datetime(2026, 11, 24, 0, 30, tzinfo=BERLIN)
    local = local_time(now, "-8", None, SYSTEM_ZONES)
    assert first_failure((("date-time", "2026-11-24~2026-11-25"),), now, local) is None
    assert first_failure((("mday", "24"),), now, local) == "mday"


@pytest.mark.parametrize(
    ("name", "text", "never"),
    [
        ("hour", "24", True), ("hour", "9-17", False), ("mon", "0,13", True),
        ("wday", "mon - fri", False),
        ("wday", "someday", True), ("wday", "", True), ("time-of-day", "09:00", True),
        ("time-of-day", "9:00-17:00", False),
        ("date-time", "2026-01-01", True), ("date-time", "2026-01-01~2026-02-01", False),
        ("dst", "false", True),
        ("dst", "true", False), ("minute-of-day", "1441", True), ("tz-offset", "1", False),
        ("year", "2031", False),
    ],
)  # fmt: skip
def test_attributes_that_can_never_hold_are_known(name: str, text: str, never: bool) -> None:
    assert (never_holds(name, text) is not None) is never


@pytest.mark.parametrize(
    ("name", "text", "rest"),
    [
        ("hour", "9-17", ""), ("hour", "9-17, 20", ""), ("hour", "9-17 ", ""),
        ("hour", "9-17;20", ";20"), ("hour", "9,,10", ",10"), ("minute", "5x", "x"),
        ("wday", "mon-fri,1", ""), ("wday", "mon-fri, sat", "sat"), ("wday", "sun-", "-"),
        ("time-of-day", "09:00-17:00,22:00-06:00", ""), ("time-of-day", "09:00-17:00,20", "20"),
        ("date-time", "2026-01-01~2026-02-01", ""), ("date-time", "2026-01-01~x", "2026-01-01~x"),
        ("tz-offset", "-5", ""), ("tz-offset", "CET", "CET"), ("dst", "true", ""),
    ],
)  # fmt: skip
def test_what_is_not_looked_at_is_known(name: str, text: str, rest: str) -> None:
    assert unread(name, text) == rest


@given(
    st.sampled_from(ATTRIBUTES),
    st.text("0123456789-,:~ monfristx", max_size=20),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
)
def test_no_text_of_an_attribute_raises(name: str, text: str, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    assert unread(name, text) in text
    if holds(name, text, now):
        assert never_holds(name, text) is None
