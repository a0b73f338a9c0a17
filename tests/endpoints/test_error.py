"""The endpoint that only fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed
from softswitch.switch.originate import originate
from tests.support.switch import bench

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("user_busy", "USER_BUSY"),
        ("USER_BUSY", "USER_BUSY"),
        ("34", "NORMAL_CIRCUIT_CONGESTION"),
        ("NONE", "DESTINATION_OUT_OF_ORDER"),
        ("0", "DESTINATION_OUT_OF_ORDER"),
        ("SUCCESS", "DESTINATION_OUT_OF_ORDER"),
        ("nonsense", "NORMAL_CLEARING"),
    ],
)
async def test_it_fails_with_the_cause_asked_for(tmp_path: Path, target: str, cause: str) -> None:
    async with bench(tmp_path) as b:
        with pytest.raises(CallFailed) as failed:
            await originate(b.switch, f"error/{target}")
        assert failed.value.cause.name == cause
        assert "CHANNEL_CREATE" not in b.names()
