"""The operator's folder, loaded and reloaded under running calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch import registry
from softswitch.modules.python.module import OperatorFiles
from softswitch.switch.causes import HangupCause
from tests.support.switch import Bench, bench, extension

APPLICATION = """from softswitch.registry import application
@application("{name}")
async def run(session, data):
    session.set("ran", "{says}")
    {then}
"""


def write(folder: Path, file: str, says: str, *, name: str = "mine", then: str = "pass") -> None:
    (folder / "conf" / "python").mkdir(parents=True, exist_ok=True)
    text = APPLICATION.format(name=name, says=says, then=then)
    (folder / "conf" / "python" / file).write_text(text)


@asynccontextmanager
async def loaded(folder: Path) -> AsyncIterator[tuple[Bench, OperatorFiles]]:
    async with bench(folder, extension("100", "mine x", "set went=on")) as b:
        assert await b.switch.modules.load("mod_python") is None
        module = b.switch.modules.running["mod_python"]
        assert isinstance(module, OperatorFiles)
        yield b, module


async def ran(b: Bench) -> str | None:
    return (await b.ended(b.call("100"))).get("ran")


async def test_a_file_is_an_application_until_the_module_stops(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "first")
    async with loaded(tmp_path) as (b, _):
        assert await ran(b) == "first"
        await b.switch.modules.unload("mod_python")
        assert "mine" not in registry.application


async def test_a_reload_takes_the_new_file_and_forgets_what_is_gone(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "first")
    write(tmp_path, "b.py", "other", name="also_mine")
    async with loaded(tmp_path) as (b, module):
        write(tmp_path, "a.py", "second")
        assert await ran(b) == "first", "nothing changes by itself"
        (tmp_path / "conf/python/b.py").unlink()
        assert await module.reload() == []
        assert await ran(b) == "second"
        assert "also_mine" not in registry.application


async def test_a_call_finishes_with_the_application_it_began(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "first", then="await session.sleep(5000); session.set('end', '1st')")
    async with loaded(tmp_path) as (b, module):
        session = b.call("100")
        await b.after(1)
        write(tmp_path, "a.py", "second")
        await module.reload("a")
        await b.ended(session)
        assert (session.get("end"), session.get("went")) == ("1st", "on")
        assert await ran(b) == "second"


@pytest.mark.parametrize(
    ("broken", "told"),
    [("(", "a.py:1: '(' was never closed"), ("raise KeyError('k')", "a.py:1: KeyError: 'k'")],
)
async def test_a_broken_file_leaves_what_was_there(tmp_path: Path, broken: str, told: str) -> None:
    write(tmp_path, "a.py", "first")
    async with loaded(tmp_path) as (b, module):
        (tmp_path / "conf/python/a.py").write_text(broken)
        [problem] = await module.reload()
        assert told in problem
        assert await ran(b) == "first"


async def test_names_that_are_taken_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "first")
    write(tmp_path, "b.py", "second")
    write(tmp_path, "c.py", "third", name="answer")
    (tmp_path / "conf/python/d.py").write_text(
        APPLICATION.format(name="d1", says="", then="pass") * 2
    )
    async with loaded(tmp_path) as (b, module):
        problems = await module.reload()
        assert "b.py: application mine is there already (mod_python)" in problems[0]
        assert "c.py: application answer is there already (mod_dptools)" in problems[1]
        assert "d.py: application 'd1' is registered twice" in problems[2]
        assert await ran(b) == "first"
        assert "d1" not in registry.application
        assert await module.reload("none") == [f"{module.folder / 'none'}: there is no such file"]


async def test_a_failing_application_ends_its_call_and_tells_where(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "a.py", "first", then="int('many')")
    async with loaded(tmp_path) as (b, module):
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.NORMAL_TEMPORARY_FAILURE
        assert session.get("went") is None
        place = f"{module.folder / 'a.py'}:5: ValueError: invalid literal"
    assert f"application mine(x) failed at {place}" in caplog.text


async def test_without_a_folder_nothing_is_loaded(tmp_path: Path) -> None:
    async with loaded(tmp_path) as (_, module):
        assert module.loaded == {}
