from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench

CASES = [
    ("regex 12345|^1", "true"),
    ("regex 12345|^2", "false"),
    ("regex 12345|^1(2)(3)|%1-$2", "2-3"),
    ("regex 12345|^1(2)|%0", "12"),
    ("regex 12345|^1(2)|${1}x", "2x"),
    ("regex 12345|^9|x", "12345"),
    ("regex 12345|^9|x|n", ""),
    ("regex 12345|^9|x|b", "false"),
    ("regex m:~a|b~^a\\|(b)~%1", "b"),
    ("regex ABC|/^abc$/i", "true"),
    ("regex abc|((", "false"),
    ("regex abc", "-ERR"),
    ("regex", "-ERR"),
    ("cond 1 == 1 ? t : f", "t"),
    ("cond 1 == 2 ? t : f", "f"),
    ("cond 2 > 10 ? t : f", "f"),
    ("cond 1.5 <= 1.5 ? t : f", "t"),
    ("cond -1 < 0 ? t : f", "t"),
    ("cond abc == abc ? t : f", "t"),
    ("cond abc != abd ? t : f", "t"),
    ("cond abc > ab ? t : f", "t"),
    ("cond zz > abc ? t : f", "f"),
    ("cond abc == 3 ? t : f", "t"),
    ("cond '1' == '01' ? t : f", "f"),
    ("cond 1 == 01 ? t : f", "t"),
    ("cond '' == '' ? t : f", "t"),
    ("cond 'a b' == 'a b' ? 'x y' : 'p q'", "x y"),
    ("cond 1 == 2 ? 'x y' : 'p q'", "p q"),
    ("cond 1 == 2 ? t", ""),
    ("cond 1 == 1 ? t", "t"),
    ("cond 1 == 1 ? 'sip:a@b:5060' : none", "sip:a@b:5060"),
    ("cond 1 == 1 ? sip:a@b:5060 : none", "sip"),
    ("cond 1 == 2 ? t : sip:a@b:5060", "sip:a@b:5060"),
    ("cond 1 == 1 ?", "-ERR"),
    ("cond 1==1 ? t : f", "-ERR"),
    ("cond 1 ~ 1 ? t : f", "-ERR"),
    ("cond", "-ERR"),
]


@pytest.mark.parametrize(("line", "answer"), CASES)
async def test_matching_and_choosing(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer
