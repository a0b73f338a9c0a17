from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from softswitch import registry
from softswitch.switch.switch import Switch
from tests.support.switch import bench, extension


class Lamp:
    """A module that counts how often it was switched on."""

    on: ClassVar[int] = 0
    starts: ClassVar[int] = 0

    async def start(self, switch: Switch) -> None:
        Lamp.on += 1
        Lamp.starts += 1

    async def stop(self) -> None:
        Lamp.on -= 1


@pytest.fixture
def lamp() -> object:
    registry.module("mod_lamp")(Lamp)
    yield Lamp
    registry.module.remove("mod_lamp")


def configuration(folder: Path) -> Path:
    return folder / "conf/freeswitch.xml"


async def test_reloadxml_takes_what_was_changed(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set a=old")) as b:
        path = configuration(tmp_path)
        path.write_text(path.read_text().replace("a=old", "a=new"))
        assert await b.switch.run_command("reloadxml") == "+OK [Success]\n"
        assert (await b.ended(b.call("1"))).get("a") == "new"


async def test_a_broken_configuration_is_refused_with_its_place(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set a=old")) as b:
        path = configuration(tmp_path)
        path.write_text(path.read_text().replace("</section>", "", 1))
        for line in ("reloadxml", "reloadacl"):
            answer = await b.switch.run_command(line)
            assert answer.startswith("-ERR [")
            assert f"{path}:" in answer
        assert (await b.ended(b.call("1"))).get("a") == "old"


async def test_reloadacl_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("reloadacl") == "+OK acl reloaded\n"


async def test_modules_are_loaded_reloaded_and_unloaded(tmp_path: Path, lamp: type[Lamp]) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert await run("module_exists mod_lamp") == "false"
        assert await run("load mod_lamp") == "+OK Reloading XML\n+OK\n"
        assert await run("module_exists mod_lamp") == "true"
        assert (await run("load mod_lamp")).endswith("-ERR [Module already loaded]\n")
        starts = lamp.starts
        answer = await run("reload -f mod_lamp")
        assert answer == "+OK Reloading XML\n+OK module unloaded\n+OK module loaded\n"
        assert lamp.starts == starts + 1 and lamp.on == 1
        assert await run("unload mod_lamp") == "+OK\n"
        assert lamp.on == 0
        assert (await run("reload mod_lamp")).endswith(
            "-ERR unloading module [No such module!]\n+OK module loaded\n"
        )


async def test_what_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        run = b.switch.run_command
        assert "module load file routine returned an error" in await run("load nosuch")
        assert await run("unload nosuch") == "-ERR [No such module!]\n"
        assert await run("unload mod_dptools") == "-ERR [it is part of the core]\n"
        for name in ("load", "unload", "reload"):
            assert (await run(name)).startswith("-USAGE: ")
