from __future__ import annotations

import pytest

from softswitch.config.timezones import SYSTEM_ZONES
from softswitch.switch.time_text import format_time, zone_of


@pytest.mark.parametrize(
    ("form", "epoch", "zone", "text"),
    [
        ("%Y-%m-%d", 86400, "UTC", "1970-01-02"),
        ("", 0, "UTC", "1970-01-01 00:00:00"),
        ("%H", 1_700_000_000, "Europe/Berlin", "23"),
        ("%H", 1_700_000_000, "-18000", "17"),
        ("%T", 1_700_000_000, "19800", "03:43:20"),
        ("%Y", 10**20, "UTC", ""),
        ("no letters", 0, "UTC", "no letters"),
    ],
)
def test_times_are_formatted(form: str, epoch: float, zone: str, text: str) -> None:
    assert format_time(form, epoch, zone_of(zone, SYSTEM_ZONES)) == text


def test_no_name_is_local_time() -> None:
    assert zone_of(None, SYSTEM_ZONES) is None and zone_of("", SYSTEM_ZONES) is None


@pytest.mark.parametrize(
    "name", ["Nowhere/Land", "../../etc/passwd", "\0", "999999", "inf", "1e400", "nan"]
)
def test_unknown_zones_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        zone_of(name, SYSTEM_ZONES)
