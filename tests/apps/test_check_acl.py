from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import HangupCause
from tests.support.switch import bench, extension


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        ("10.1.1.1 rfc1918.auto", HangupCause.NORMAL_CLEARING),
        ("10.1.1.1 10.0.0.0/8", HangupCause.NORMAL_CLEARING),
        ("8.8.8.8 rfc1918.auto", HangupCause.CALL_REJECTED),
        ("8.8.8.8 nosuchlist", HangupCause.CALL_REJECTED),
        ("no-address rfc1918.auto", HangupCause.CALL_REJECTED),
        ("8.8.8.8 rfc1918.auto USER_BUSY", HangupCause.USER_BUSY),
    ],
)
async def test_who_is_not_in_the_list_is_hung_up(
    tmp_path: Path, data: str, cause: HangupCause
) -> None:
    async with bench(tmp_path, extension("1", f"check_acl {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.channel.hangup_cause is cause
        assert session.get("after") == ("yes" if cause is HangupCause.NORMAL_CLEARING else None)


async def test_check_acl_wants_an_address_and_a_list(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "check_acl 10.1.1.1", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert "check_acl: <ip>" in caplog.text
