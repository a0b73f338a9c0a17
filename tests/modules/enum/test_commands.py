from __future__ import annotations

from pathlib import Path

from softswitch import registry
from tests.modules.enum.test_module import configuration, loaded, server
from tests.support.name_server import NameServer
from tests.support.switch import bench, extension

__all__ = ["server"]
STAY = "sleep 100000"
LINE = "=" * 78


async def test_without_the_module_commands_say_so(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, extension("1", "enum 1", STAY)) as b:
        for line in ("enum 1", "enum_auto 1"):
            assert await b.switch.run_command(line) == "-ERR mod_enum is not loaded\n"
        call = b.call("1")
        await b.after(0.05)
        assert call.get("enum_route_count") is None


async def test_the_command_shows_what_there_is(tmp_path: Path, server: NameServer) -> None:
    async with bench(tmp_path, configuration=configuration(server)) as b:
        run = b.switch.run_command
        await loaded(b)
        assert await run("enum 12*256") == (
            f"\nOffered Routes:\nOrder\tPref\tService   \tRoute\n{LINE}\n"
            "1\t1\tE2U+sip   \ttest/out/isn@c.test\n"
            f"\nSupported Routes:\nOrder\tPref\tService   \tRoute\n{LINE}\n"
            "1\t1\tE2U+sip   \ttest/out/isn@c.test\n"
        )
        offered, _, supported = (await run("enum 4930123")).partition("Supported")
        assert "50\t1\tE2U+email:mailto\tmailto:a@b.test\n" in offered
        assert "mailto" not in supported and "late@b.test" in supported
        assert await run("enum") == "Usage: enum [reload | <number> [<root>] ]\n"
        assert await run("enum reload") == "+OK ENUM Reloaded.\n"


async def test_a_dial_string_is_answered(tmp_path: Path, server: NameServer) -> None:
    async with bench(tmp_path, configuration=configuration(server)) as b:
        run = b.switch.run_command
        await loaded(b)
        assert await run("enum_auto 4930123") == (
            "test/out/also@a.test,test/out/30123@a.test|test/out/late@b.test"
        )
        assert await run("enum_auto 4930123 other.test") == ""
        assert await run("enum_auto") == "none"


async def test_the_application_sets_variables(tmp_path: Path, server: NameServer) -> None:
    numbers = [
        extension("1", "set enum_old=x", "enum 4930123", STAY),
        extension("2", "enum 4930123", "enum 99", STAY),
        extension("3", "set x=${enum_auto(12*256)}", "set y=<${enum(12*256)}>", "enum", STAY),
    ]
    async with bench(tmp_path, *numbers, configuration=configuration(server)) as b:
        await loaded(b)
        first, second, third = (b.call(number) for number in "123")
        await b.reached("sleep", first, second, third)
        assert first.get("enum_route_count") == "3" and first.get("enum_old") is None
        assert first.get("enum_route_1") == "test/out/also@a.test"
        assert first.get("enum_route_3") == "test/out/late@b.test"
        assert (first.get("enum_auto_route") or "").count(",") == 1
        assert second.get("enum_route_count") == "0"
        assert second.get("enum_auto_route") is second.get("enum_route_1") is None
        assert (third.get("x"), third.get("y")) == ("test/out/isn@c.test", "<>")


async def test_the_dialplan_bridges_to_each_route(tmp_path: Path, server: NameServer) -> None:
    numbers = [
        extension("1", "transfer 4930123 enum,XML"),
        extension("2", "transfer 99 enum,XML"),
        extension("3", "transfer 4930123 enum:other.test,XML"),
        extension("99", "set landed=xml", STAY),
        extension("4930123", "set landed=xml", STAY),
    ]
    async with bench(tmp_path, *numbers, configuration=configuration(server)) as b:
        await loaded(b)
        b.script("out", "ring answer")
        first, second, third = (b.call(number) for number in "123")
        await b.reached("sleep", second, third)
        await b.reached("bridge", first)
        assert second.get("landed") == third.get("landed") == "xml"
        assert first.get("landed") is None and first.get("hangup_after_bridge") == "true"
        bridged = [(name, data) for name, data, _ in first.application_log if name == "bridge"]
        assert bridged[0] == ("bridge", "test/out/also@a.test")
        assert "dialplan,enum,mod_enum" in await b.switch.run_command("show dialplan")
