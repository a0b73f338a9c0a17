from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench

CASES = [
    ("echo a b  c", "a b  c"),
    ("echo", ""),
    ("escape a b\tc\n$x", r"a\sb\tc\n\$x"),
    ("url_encode a b&c=d/é", "a%20b%26c%3Dd/%C3%A9"),
    ("url_decode a%20b%26%C3%A9", "a b&é"),
    ("url_decode 100%", "100%"),
    ("toupper abcß1", "ABCß1"),
    ("tolower ABCÉ1", "abcÉ1"),
    ("sql_escape it's 'x'", "it''s ''x''"),
    ("quote_shell_arg a'b c", "'a'\\''b c'"),
    ("md5 hello", "5d41402abc4b2a76b9719d911017c592"),
    ("sha1 hello", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
    ("md5", "!err!"),
    ("sha1", "!err!"),
    ("coalesce ,,b,c", "b"),
    ("coalesce ^^;;;a,b;c", "a,b"),
    ("coalesce ,,", ""),
    ("replace a-b-c|-|+", "a+b+c"),
    ("replace m:~a|b~|~x", "axb"),
    ("replace abc|b|", "-ERR"),
    ("replace a||b", "a"),
]


@pytest.mark.parametrize(("line", "answer"), CASES)
async def test_texts_are_turned_into_others(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


@pytest.mark.parametrize("line", ["replace", "replace a|b"])
async def test_replace_wants_three_parts(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == "-ERR"
