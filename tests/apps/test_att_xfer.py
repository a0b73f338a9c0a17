"""The application ``att_xfer``; what it does is tested with the consultation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "told"),
    [("", "<channel_url> is missing"), ("test/bob", "has no partner to hand over")],
)
async def test_what_cannot_be_is_told_and_the_call_goes_on(
    tmp_path: Path, data: str, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("100", f"att_xfer {data}", "set went=on")) as b:
        session = await b.ended(b.call("100"))
        assert session.get("went") == "on"
    assert told in caplog.text
