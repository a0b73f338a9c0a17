"""Loading and unloading of modules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from softswitch import registry
from softswitch.switch.modules import Loadable, NotLoadedError
from softswitch.switch.switch import Switch
from tests.support.switch import bench


class Recorder:
    """A module that notes what is asked of it."""

    told: ClassVar[list[str]] = []

    async def start(self, switch: Switch) -> None:
        self.told.append("start")
        await asyncio.sleep(1)

    async def stop(self) -> None:
        self.told.append("stop")


class Broken(Recorder):
    async def start(self, switch: Switch) -> None:
        raise OSError("the port is taken")


class Stubborn(Recorder):
    async def stop(self) -> None:
        raise RuntimeError("stuck")


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    Recorder.told.clear()
    made = {"mod_test_one": Recorder, "mod_test_broken": Broken, "mod_test_stuck": Stubborn}
    for name, target in made.items():
        registry.module(name)(target)
    yield
    for name in made:
        registry.module.remove(name)


async def test_a_module_is_loaded_once_and_unloaded_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        loader = b.switch.modules
        assert loader.known("mod_test_one") and not loader.exists("mod_test_one")
        assert await loader.load("mod_test_one") is None
        assert loader.exists("mod_test_one")
        assert await loader.load("MOD_test_one") == "already loaded"
        assert await loader.unload("Mod_Test_One") is None
        assert await loader.unload("mod_test_one") == "it is not loaded"
        assert Recorder.told == ["start", "stop"]
        told = [(event.name, event.headers["key"]) for event in b.events if "key" in event.headers]
        assert told == [("MODULE_LOAD", "mod_test_one"), ("MODULE_UNLOAD", "mod_test_one")]


async def test_what_a_module_brings_is_told_with_it(tmp_path: Path) -> None:
    @registry.command("test_one_verb", syntax="<what>", module="mod_test_one")
    async def verb(call: object, arguments: str) -> str:
        """Do it."""
        return arguments

    try:
        async with bench(tmp_path) as b:
            await b.switch.modules.load("mod_test_one")
            told = [event.headers for event in b.events if event.name == "MODULE_LOAD"]
            assert [(one["type"], one["name"]) for one in told] == [
                ("api", "test_one_verb"),
                ("generic", "mod_test_one"),
            ]
            assert (told[0]["description"], told[0]["syntax"]) == ("Do it.", "<what>")
            assert told[0]["filename"].endswith("test_modules.py")
    finally:
        registry.command.remove("test_one_verb")


async def test_a_module_that_is_starting_is_not_started_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        answers = await asyncio.gather(*(b.switch.modules.load("mod_test_one") for _ in range(2)))
        assert answers == [None, "already loaded"]
        assert Recorder.told == ["start"]


async def test_what_cannot_be_loaded_is_told_in_a_sentence(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        loader = b.switch.modules
        assert await loader.load("mod_nonsense") == "there is no such module"
        assert await loader.load("mod_test_broken") == "the port is taken"
        assert not loader.exists("mod_test_broken")
        assert await loader.load("mod_dptools") is None
        assert await loader.unload("mod_dptools") == "it is part of the core"
        assert loader.exists("mod_dptools")


async def test_all_are_stopped_with_the_switch_though_one_fails(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        for name in ("mod_test_one", "mod_test_stuck"):
            assert await b.switch.modules.load(name) is None
        await b.switch.shutdown()
        assert Recorder.told[-1] == "stop"
        assert not b.switch.modules.running


async def test_verbs_find_their_module_while_it_runs(tmp_path: Path) -> None:
    module: Loadable[Recorder] = Loadable("mod_test_one")
    assert repr(module) == "<Loadable mod_test_one>"
    async with bench(tmp_path) as b:
        assert module.find(b.switch) is None
        with pytest.raises(NotLoadedError, match="mod_test_one is not loaded"):
            module.running(b.switch)
        await b.switch.modules.load("mod_test_one")
        assert module.running(b.switch) is module.find(b.switch) is not None
        assert module.part(b.switch, lambda one: one.told) is Recorder.told
        with pytest.raises(NotLoadedError):
            module.part(b.switch, lambda one: None)
        await b.switch.modules.unload("mod_test_one")
        assert module.find(b.switch) is None
