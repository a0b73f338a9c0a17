from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("eval ${domain}", "example.test"),
        ("eval plain text", "plain text"),
        ("eval ${nothing}", ""),
        ("eval ${toupper(${domain})}", "EXAMPLE.TEST"),
        ("expand echo ${domain} there", "example.test there"),
        ("expand toupper ${domain:0:7}", "EXAMPLE"),
        ("expand nosuch x", "-ERR nosuch Command not found!\n"),
        ("eval", ""),
        ("expand", "-ERR No input\n"),
    ],
)
async def test_texts_are_expanded(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


async def test_a_call_can_be_named_whose_variables_count(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set a=x", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        run = b.switch.run_command
        assert await run(f"eval uuid:{session.uuid} ${{a}}${{caller_id_number}}") == "x1000"
        assert await run(f"expand uuid:{session.uuid} echo ${{a}}") == "x"
        assert await run("eval uuid:nosuch ${domain}") == "example.test"
        session.hangup()
        await b.ended(session)


async def test_create_uuid_makes_new_ones(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        first, second = [await b.switch.run_command("create_uuid") for _ in range(2)]
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first)
        assert first != second
