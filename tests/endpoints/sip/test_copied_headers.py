"""What one far end says in headers of its own, told to the other one."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip import copied_headers
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

__all__ = ["copied_headers"]
TO_BOB = f"bridge sofia/internal/1001@{BOB[0]}:{BOB[1]}"


async def call(running: SipBench) -> None:
    """Alice calls Bob, who has his INVITE."""
    await running.invite("200")
    await running.settle()


async def test_headers_of_responses_come_back_to_the_caller(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("200", TO_BOB)) as running:
        await call(running)
        invite = running.bob.request("INVITE")
        running.bob.answer(invite, 180, X_Way="ring", P_Charge="none")
        await running.settle()
        ringing = running.alice.response(180)
        assert ringing.headers.get("X-Way") == "ring"
        assert ringing.headers.get("P-Charge") == "none"
        running.bob.answer(invite, 200, body=sdp(), X_Way="answer")
        await running.settle()
        answered = running.alice.response(200)
        assert answered.headers.all("X-Way") == ["answer"]
        assert "P-Charge" not in answered.headers
        running.alice.ack(answered)
        running.bob.ask("BYE", within=running.bob.request("ACK"), X_Why="tired")
        await running.settle()
        bye = running.alice.request("BYE")
        assert bye.headers.get("X-Why") == "tired"
        running.alice.answer(bye, 200)
        await running.settle()


async def test_so_do_those_of_a_refusal(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("200", TO_BOB)) as running:
        await call(running)
        running.bob.answer(running.bob.request("INVITE"), 486, X_Way="busy")
        await running.settle()
        assert running.alice.response(486).headers.get("X-Way") == "busy"


@pytest.mark.parametrize(
    "wish", ["set sip_copy_custom_headers=false", "export nolocal:sip_copy_custom_headers=false"]
)
async def test_either_leg_may_keep_them(tmp_path: Path, wish: str) -> None:
    async with sip_bench(tmp_path, extension("200", wish, TO_BOB)) as running:
        await call(running)
        running.bob.answer(running.bob.request("INVITE"), 486, X_Way="busy")
        await running.settle()
        assert "X-Way" not in running.alice.response(486).headers
