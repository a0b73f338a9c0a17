from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench

USAGE = (
    "-ERR Usage: <module_name>[.<ext>] <lang>[.<ext>] <say_type> <say_method> [<say_gender>]"
    " <text>\n"
)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ("en.wav en number pronounced 21", "file_string://digits/20.wav!digits/1.wav"),
        ("en en.wav number pronounced 1", "file_string://digits/1.wav"),
        ("en en number pronounced 1", "file_string://digits/1"),
        ("de de number pronounced feminine 1", "file_string://digits/1-f"),
        ("en en name_spelled pronounced a b", "file_string://ascii/97!ascii/32!ascii/98"),
        ("en en number pronounced abc", ""),
        ("en en email_address pronounced a@b", USAGE),
        ("en en sums pronounced 1", USAGE),
        ("xx xx number pronounced 1", USAGE),
        ("en en number pronounced", USAGE),
        ("", USAGE),
    ],
)
async def test_say_string_gives_what_say_would_play(
    tmp_path: Path, arguments: str, answer: str
) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(f"say_string {arguments}") == answer
