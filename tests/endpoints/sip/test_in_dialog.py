"""Requests within a call: what is answered, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sip_bench import sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time
ANSWER = extension("9196", "answer", "park")


@pytest.mark.parametrize(
    ("method", "status"),
    [("OPTIONS", 200), ("INFO", 200), ("MESSAGE", 200), ("NOTIFY", 400), ("PUBLISH", 501)],
)
async def test_requests_within_a_call_are_answered(
    tmp_path: Path, method: str, status: int
) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask(method, within=response)
        assert running.alice.response(status).cseq.method == method
        assert session.channel.up
        session.hangup()
