from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.event_expansion import expand_event
from tests.support.switch import bench


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${user}@${domain}", "1000@example.test"),
        ("${nothing}|", "|"),
        ("${toupper(${user}x)}", "1000X"),
        ("${nosuchcommand(x)}|", "|"),
        ("$${user}|$${domain}", "|example.test"),
    ],
)
async def test_headers_come_before_global_variables(
    tmp_path: Path, text: str, expected: str
) -> None:
    async with bench(tmp_path) as b:
        assert await expand_event(b.switch, text, {"user": "1000"}) == expected
