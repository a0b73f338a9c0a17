from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("10/4", "2.5"),
        ("2^10", "1024"),
        ("1/3", "0.3333333333"),
        ("2-5", "-3"),
        ("100", "100"),
        ("0.10", "0.1"),
        ("1>2", "!err!"),
        ("1/0", "!err!"),
        ("", "!err!"),
    ],
)
async def test_expr_answers_without_needless_zeros(tmp_path: Path, text: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(f"expr {text}") == answer
