from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.support.switch import DOCUMENT, Bench, bench

pytestmark = pytest.mark.virtual_time
CONFIGURATION = (
    '<configuration name="translate.conf"><profiles><profile name="US">'
    r'<rule regex="^\+(\d+)$" replace="$1"/>'
    r'<rule regex="^(1[2-9]\d{2}[2-9]\d{6})$" replace="$1"/>'
    r'<rule regex="^([2-9]\d{2}[2-9]\d{6})$" replace="1$1"/>'
    r'<rule regex="^([2-9]\d{6})$" replace="1${areacode}$1"/>'
    r'<rule regex="^011(\d+)$" replace="$1"/>'
    r'</profile><profile name="HK"><rule regex="\+(\d+)$" replace="$1"/>'
    r'<rule regex="^(\d{8})$" replace="852$1"/><rule regex="^#(.)-(.+)$" replace="$1$2"/></profile>'
    "</profiles></configuration>"
)


async def loaded(b: Bench) -> Bench:
    assert await b.switch.modules.load("mod_translate") is None
    return b


@pytest.mark.parametrize(
    ("arguments", "translated"),
    [
        ("+4930123456", "4930123456"),
        ("12125551234", "12125551234"),
        ("2125551234", "12125551234"),
        ("5551234", "17775551234"),
        ("5551234 US", "17775551234"),
        ("011442071234567", "442071234567"),
        ("123", ""),
        ("22345678 HK", "85222345678"),
        ("22345678 hk", ""),
        ("x+1 HK", "1"),
        ("22345678 nosuch", ""),
        ("#$-{system} HK", "%{system}"),
    ],
)
async def test_the_first_rule_that_matches_translates(
    tmp_path: Path, arguments: str, translated: str
) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=CONFIGURATION) as b:
        await loaded(b)
        assert await b.switch.run_command(f"translate {arguments}") == translated


async def test_profiles_are_read_anew_by_reloadxml(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=CONFIGURATION) as b:
        await loaded(b)
        changed = CONFIGURATION.replace("852$1", "+852$1")
        text = DOCUMENT.format(configuration=changed, dialplan="", directory="", languages="")
        (tmp_path / "conf/freeswitch.xml").write_text(text)
        assert (await b.switch.run_command("reloadxml")).startswith("+OK")
        await b.after(0.1)
        assert await b.switch.run_command("translate 22345678 HK") == "+85222345678"
        assert await b.switch.modules.unload("mod_translate") is None
        assert (await b.switch.run_command("reloadxml")).startswith("+OK")
        assert "not loaded" in await b.switch.run_command("translate 22345678 HK")


async def test_it_starts_without_its_file(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        await loaded(b)
        assert await b.switch.run_command("translate 1") == ""
