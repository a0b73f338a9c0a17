from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.modules.translate.test_module import CONFIGURATION, loaded
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time
STAY = "sleep 100000"


async def test_without_the_module_nothing_is_translated(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    one = extension("1", "translate 2125551234", STAY)
    two = extension("2", "transfer 1 translate,XML", STAY)
    async with bench(tmp_path, one, two, configuration=CONFIGURATION) as b:
        assert await b.switch.run_command("translate 1") == "-ERR mod_translate is not loaded\n"
        assert "translate" not in await b.switch.run_command("show dialplan")
        first, second = b.call("1"), b.call("2")
        await b.after(1)
        assert first.get("translated") is None
        assert second.channel.profile.destination_number == "1"


async def test_the_command_without_a_number_tells_its_usage(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=CONFIGURATION) as b:
        await loaded(b)
        usage = "USAGE: translate <number> [<profile>]\n"
        assert await b.switch.run_command("translate") == usage


async def test_the_application_sets_or_removes_translated(tmp_path: Path) -> None:
    numbers = [
        extension("1", "set areacode=212", "translate 5551234", STAY),
        extension("2", "translate 5551234 US", "translate 12", STAY),
        extension("3", "set areacode=310", "set translated=${translate(5551234)}", STAY),
        extension("4", "translate", STAY),
    ]
    async with bench(tmp_path, *numbers, configuration=CONFIGURATION) as b:
        await loaded(b)
        calls = [b.call(number) for number in "1234"]
        await b.after(1)
        translated = [call.get("translated") for call in calls]
        assert translated == ["12125551234", None, "13105551234", None]


@pytest.mark.parametrize(
    ("dialplan", "variables", "numbers"),
    [
        ("translate,XML", {}, ("12125551234", "13105550000")),
        ("translate:HK,XML", {}, ("2125551234", "3105550000")),
        ("translate,XML", {"translate_profile": "HK"}, ("2125551234", "3105550000")),
        ("translate,XML", {"country": "HK"}, ("2125551234", "3105550000")),
        ("translate,XML", {"default_areacode": "415"}, ("12125551234", "13105550000")),
    ],
)
async def test_the_dialplan_translates_for_the_one_behind_it(
    tmp_path: Path, dialplan: str, variables: dict[str, str], numbers: tuple[str, str]
) -> None:
    go = extension("9", f"transfer 2125551234 {dialplan}")
    plain, translated = extension("2125551234", STAY), extension("12125551234", STAY)
    async with bench(tmp_path, go, plain, translated, configuration=CONFIGURATION) as b:
        await loaded(b)
        call = b.call("9", caller="3105550000", variables=variables)
        await b.after(1)
        profile = call.channel.profile
        assert (profile.destination_number, profile.caller_id_number) == numbers
        assert profile.ani == numbers[1]
        assert call.get("areacode") == variables.get("default_areacode")
        assert "dialplan,translate,mod_translate" in await b.switch.run_command("show dialplan")
