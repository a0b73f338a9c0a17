"""Calls that the switch itself answers."""

from __future__ import annotations

from tests.calls.conftest import Serve
from tests.support.switch import extension


async def test_echo_says_back_what_the_caller_says(serve: Serve) -> None:
    server = await serve(extension("9196", "answer", "echo"))
    alice = await server.phone("1000")
    call = alice.call("9196")
    await call.expect_answer()
    await call.play("tone_stream://%(2000,0,440)")
    await call.hear(440)
    call.hangup()
