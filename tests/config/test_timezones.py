"""Time zones by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.timezones import SYSTEM_ZONES, posix_zone, read_timezones

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)
DOCUMENT = """<document type="freeswitch/xml"><section name="configuration">
<configuration name="timezones.conf"><timezones>{zones}</timezones></configuration>
</section></document>"""


@pytest.mark.parametrize(
    ("rule", "winter", "summer"),
    [
        ("GMT0", 0, 0),
        ("EAT-3", 180, 180),
        ("CET-1CEST,M3.5.0,M10.5.0/3", 60, 120),
        ("EST5EDT,M3.2.0,M11.1.0", -300, -240),
        ("STD-3:30", 210, 210),
        ("IST-2IDT,M3.4.4/26,M10.5.0", 120, 180),
        ("<-03>3", -180, -180),
    ],
)
def test_a_rule_gives_its_hours(rule: str, winter: int, summer: int) -> None:
    zone = posix_zone(rule)
    assert WINTER.astimezone(zone).utcoffset() == timedelta(minutes=winter)
    assert SUMMER.astimezone(zone).utcoffset() == timedelta(minutes=summer)


def test_a_rule_changes_its_hours_at_the_minute() -> None:
    zone = posix_zone("CET-1CEST,M3.5.0,M10.5.0/3")
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert (change - timedelta(seconds=1)).astimezone(zone).hour == 1
    assert change.astimezone(zone).hour == 3


@pytest.mark.parametrize("rule", ["", "nonsense rule", "CET-1CEST,M13.5.0,M10", "é", "a\nb", "X99"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError):
        posix_zone(rule)


@pytest.mark.parametrize("name", ["Nowhere/Land", "../../etc/passwd", "", "\0", "a" * 5000])
def test_names_of_no_zone_find_none(name: str) -> None:
    assert SYSTEM_ZONES.find(name) is None


def test_the_operators_rules_win_and_wrong_ones_are_told(tmp_path: Path) -> None:
    zones = (
        '<zone name="Office" value="OFF-5:30"/>\n<zone name="Europe/Berlin" value="GMT0"/>\n'
        '<zone name="Asia/Tokyo" value="what?"/><zone name="Asia/Seoul" value="EEST"/>'
    )
    (tmp_path / "freeswitch.xml").write_text(DOCUMENT.format(zones=zones))
    found, [finding] = read_timezones(load(tmp_path, {}))

    def hour(name: str) -> int:
        zone = found.find(name)
        assert zone is not None
        return SUMMER.astimezone(zone).hour

    assert [hour(n) for n in ("Office", "Europe/Berlin", "Asia/Tokyo", "UTC")] == [17, 12, 21, 12]
    assert (finding.line, finding.code) == (4, "S408")
    assert finding.message == (
        "'what?' is no rule for a time zone: the system's own holds for Asia/Tokyo, Asia/Seoul"
    )
