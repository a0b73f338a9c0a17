from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.switch import Bench, bench, extension


@asynccontextmanager
async def parked(folder: Path) -> AsyncIterator[tuple[Bench, str]]:
    async with bench(folder, extension("1", "set a=1", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        yield b, session.uuid
        session.hangup()
        await b.ended(session)


async def test_variables_are_read_and_written(tmp_path: Path) -> None:
    async with parked(tmp_path) as (b, uuid):
        run = b.switch.run_command
        assert await run(f"uuid_exists {uuid}") == "true"
        assert await run(f"uuid_getvar {uuid} a") == "1"
        assert await run(f"uuid_getvar {uuid} caller_id_number") == "1000"
        assert await run(f"uuid_getvar {uuid} b") == "_undef_"
        await run(f"uuid_setvar {uuid} list ARRAY::one|:two")
        assert await run(f"uuid_getvar {uuid} list[1]") == "two"
        assert await run(f"uuid_getvar {uuid} list[9]") == "_undef_"
        assert await run(f"uuid_getvar {uuid} ''") == "-ERR No variable name specified!\n"
        assert await run(f"uuid_setvar {uuid} b two words") == "+OK\n"
        assert await run(f"uuid_getvar {uuid} b") == "two words"
        assert await run(f"uuid_setvar {uuid} b") == "+OK\n"
        assert await run(f"uuid_getvar {uuid} b") == "_undef_"
        assert await run(f"uuid_setvar_multi {uuid} b=1;c=x y") == "+OK\n"
        assert await run(f"uuid_getvar {uuid} c") == "x y"
        assert await run(f"uuid_setvar_multi {uuid} =1") == (
            "-ERR No variable specified\n-USAGE: <uuid> <var>=<value>;<var>=<value>...\n"
        )


async def test_uuid_dump_shows_all_in_three_forms(tmp_path: Path) -> None:
    async with parked(tmp_path) as (b, uuid):
        run = b.switch.run_command
        text = await run(f"uuid_dump {uuid}")
        assert text.startswith("Event-Name: CHANNEL_DATA\nCore-UUID: ")
        assert "variable_a: 1\n" in text and text.endswith("\n\n")
        assert json.loads(await run(f"uuid_dump {uuid} json"))["variable_a"] == "1"
        root = ElementTree.fromstring(await run(f"uuid_dump {uuid} xml"))
        assert root.findtext("headers/variable_a") == "1"
        assert "\nvariable_a: [1]\n" in await run(f"uuid_dump {uuid} plain")
        assert "\nvariable_a: 1\n" in await run(f"uuid_dump {uuid} pdf")


async def test_uuid_loglevel_takes_known_levels(tmp_path: Path) -> None:
    async with parked(tmp_path) as (b, uuid):
        assert await b.switch.run_command(f"uuid_loglevel {uuid} debug") == "+OK\n"
        assert "Invalid log level" in await b.switch.run_command(f"uuid_loglevel {uuid} loud")


@pytest.mark.parametrize(
    "line", ["uuid_getvar x a", "uuid_setvar x a 1", "uuid_setvar_multi x a=1"]
)
async def test_calls_that_are_not_there_are_told(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(line)).startswith("-ERR No such channel!\n")
        assert await b.switch.run_command("uuid_loglevel x 1") == "-ERR No such channel x!\n"
        assert await b.switch.run_command("uuid_exists x") == "false"


@pytest.mark.parametrize(
    "line",
    ["uuid_getvar x", "uuid_setvar x", "uuid_setvar_multi x", "uuid_dump", "uuid_loglevel x"],
)
async def test_without_arguments_the_usage_is_told(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(line)).startswith("-USAGE: <uuid>")
