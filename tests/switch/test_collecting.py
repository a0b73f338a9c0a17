from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import ivr
from tests.support.waiting_call import waiting_call


async def test_digits_are_collected_until_there_are_enough(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:12@1 digit:3@2") as (_, session):
        collected = await ivr.collect_digits(
            session, minimum=1, maximum=3, timeout_ms=5000, digit_timeout_ms=2000, terminators="#"
        )
        assert collected == ivr.Collected("123", None, "maximum")


async def test_the_first_digit_may_take_longer_than_the_next(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:1@4.4 digit:2@6") as (b, session):
        begun = b.switch.loop.time()
        collected = await ivr.collect_digits(
            session, minimum=1, maximum=3, timeout_ms=4000, digit_timeout_ms=1000, terminators="#"
        )
        assert collected == ivr.Collected("1", None, "timeout")
        assert b.switch.loop.time() - begun == pytest.approx(4.9, abs=0.05)


async def test_a_break_ends_the_collecting(tmp_path: Path) -> None:
    async with waiting_call(tmp_path) as (b, session):
        b.switch.loop.call_later(1, session.break_)
        collected = await ivr.collect_digits(
            session, minimum=1, maximum=3, timeout_ms=4000, digit_timeout_ms=1000, terminators="#"
        )
        assert collected.reason == "break"


async def test_a_terminator_during_the_prompt_ends_the_input(tmp_path: Path) -> None:
    async with waiting_call(tmp_path, script="digit:#@1") as (_, session):
        collected = await ivr.play_and_collect(
            session,
            "silence_stream://5000",
            minimum=1,
            maximum=4,
            timeout_ms=3000,
            digit_timeout_ms=3000,
            terminators="#",
        )
        assert collected == ivr.Collected("", "#", "terminator")
