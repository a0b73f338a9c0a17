from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench

SAID: list[tuple[str, str]] = [
    ("hash insert/r/k/v", "+OK\n"),
    ("hash select/r/k", "v"),
    ("hash insert_ifempty/r/k/w", "-ERR key already exists\n"),
    ("hash insert_ifempty/r/j/w", "+OK\n"),
    ("hash select/r/no", ""),
    ("hash_dump db", "D/r_k/v\nD/r_j/w\n"),
    ("hash_dump db other", ""),
    ("hash_dump all", "D/r_k/v\nD/r_j/w\n"),
    ("hash delete_ifmatch/r/k/x", "-ERR Doesn't match\n"),
    ("hash delete_ifmatch/r/k/v", "+OK\n"),
    ("hash delete_ifmatch/r/k/v", "-ERR Not found\n"),
    ("hash delete/r/j", "+OK\n"),
    ("hash delete/r/j", "-ERR Not found\n"),
    ("db insert/r/k/v", "+OK"),
    ("db insert/r/j/w", "+OK"),
    ("db select/r/k", "v"),
    ("db select/r/no", ""),
    ("db exists/r/k", "true"),
    ("db exists/r/no", "false"),
    ("db count/r", "2"),
    ("db count", "1"),
    ("db list/r", "k,j"),
    ("db list/", "r"),
    ("db delete/r/k", "+OK"),
    ("db delete/r", "+OK"),
    ("db list/r", ""),
    ("group insert:g:user/1", "+OK"),
    ("group insert:g:user/2", "+OK"),
    ("group call:g", "user/1,user/2"),
    ("group call:g:order", "user/1|user/2"),
    ("group call:g:multi", "user/1:_:user/2"),
    ("group delete:g:user/1", "+OK"),
    ("group call:g", "user/2"),
]


async def test_what_is_stored_is_found_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        for line, answer in SAID:
            assert await b.switch.run_command(line) == answer, line


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("hash", "-ERR Usage: hash insert|insert_ifempty|"),
        ("hash insert/r", "-ERR Usage: hash insert|insert_ifempty|"),
        ("hash insert/r/k", "-ERR Usage: hash insert|insert_ifempty|"),
        ("hash insert/r/k/", "-ERR Usage: hash insert|insert_ifempty|"),
        ("hash insert_ifempty/r/k", "-ERR Usage: hash insert|insert_ifempty|"),
        ("hash delete_ifmatch/r/k", "-ERR Usage: hash insert|insert_ifempty|"),
        ("hash_dump everything", "Usage: all|"),
        ("db", "!err!"),
        ("db insert/r/k", "!err!"),
        ("group", "!err!"),
        ("group call", "!err!"),
    ],
)
async def test_what_is_wrong_is_told(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(line)).startswith(answer)


async def test_limits_are_dumped(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.limits.hash.take("call", "r", "x", 5, 60)
        assert await b.switch.run_command("hash_dump limit") == "L/r_x/1/1/60/0\n"
