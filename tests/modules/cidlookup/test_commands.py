from __future__ import annotations

from pathlib import Path

from softswitch import registry as registries
from tests.modules.cidlookup.test_names import Registry, registry
from tests.support.switch import bench, extension

__all__ = ["registry"]
STAY = "sleep 100000"


def configuration(server: Registry) -> str:
    return (
        '<configuration name="cidlookup.conf"><settings>'
        f'<param name="url" value="{server.url}"/></settings></configuration>'
    )


async def test_without_the_module_nobody_is_looked_up(tmp_path: Path) -> None:
    registries.discover("softswitch.modules")
    async with bench(tmp_path, extension("1", "cidlookup", STAY)) as b:
        assert await b.switch.run_command("cidlookup 1") == "-ERR mod_cidlookup is not loaded\n"
        call = b.call("1")
        await b.after(0.05)
        assert call.channel.profile.caller_id_name == "Alice"


async def test_the_command_answers_a_name(tmp_path: Path, registry: Registry) -> None:
    registry.answers = {"8": "Bob", "9": "${system(id)}"}
    async with bench(tmp_path, configuration=configuration(registry)) as b:
        run = b.switch.run_command
        assert await b.switch.modules.load("mod_cidlookup") is None
        assert await run("cidlookup 8") == "Bob"
        assert await run("cidlookup 8 verbose") == "Bob (UNKNOWN) [url]"
        assert await run("cidlookup 8 skipurl verbose") == "UNKNOWN (UNKNOWN) [UNKNOWN]"
        assert await run("cidlookup 8 SkipUrl skipcitystate") == "8"
        assert await run("cidlookup 9") == (
            "-ERR Invalid CID data {${system(id)}} contains a variable\n"
        )
        assert await run("cidlookup") == (
            "-ERR\ncidlookup status|number [skipurl] [skipcitystate] [verbose]\n"
        )
        assert "url: http://me:***@127" in await run("cidlookup status")


async def test_the_application_names_the_caller(tmp_path: Path, registry: Registry) -> None:
    registry.answers = {"1000": "Bob", "9": "${system(id)}", "8": "Eve"}
    numbers = [
        extension("1", "cidlookup", STAY),
        extension("2", "cidlookup 9", STAY),
        extension("3", "cidlookup 8 skipurl skipcitystate", STAY),
    ]
    async with bench(tmp_path, *numbers, configuration=configuration(registry)) as b:
        assert await b.switch.modules.load("mod_cidlookup") is None
        first, second, third = (b.call(number) for number in "123")
        await b.reached("sleep", first, second, third)
        assert first.get("caller_id_name") == "Bob"
        assert first.get("original_caller_id_name") == "Alice"
        assert (first.get("cidlookup_source"), first.get("cidlookup_area")) == ("url", "UNKNOWN")
        assert "CALL_UPDATE" in b.names(first)
        assert second.get("caller_id_name") == "Alice"
        assert second.get("original_caller_id_name") is None
        assert third.get("caller_id_name") == "8"
