from __future__ import annotations

from pathlib import Path

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_digits_in_the_voice_are_listened_for_until_stopped(tmp_path: Path) -> None:
    for start, stop in [("start_dtmf", "stop_dtmf"), ("spandsp_start_dtmf", "spandsp_stop_dtmf")]:
        plan = extension("1", "answer", start, start, "sleep 1000", stop, "sleep 1000")
        async with bench(tmp_path, plan) as b:
            session = b.call("1")
            await b.after(0.5)
            assert far_end(session.media).detecting
            assert [bug.function for bug in session.bugs] == ["inband_dtmf"]
            await b.after(1)
            assert not far_end(session.media).detecting and not session.bugs
            await b.ended(session)


async def test_digits_are_blocked_and_unblocked(tmp_path: Path) -> None:
    plan = extension("1", "answer", "block_dtmf", "sleep 1000", "unblock_dtmf", "park")
    async with bench(tmp_path, plan) as b:
        session = b.call("1", script="digit:1@0.5 digit:2@1.5")
        await b.after(2)
        assert [digit.digit for digit in iter(session.digits.take, None)] == ["2"]
        session.hangup()
        await b.ended(session)


async def test_digits_are_counted_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "deduplicate_dtmf only_rtp", "park")) as b:
        session = b.call("1")
        await b.after(0.1)
        session.on_digit("1", 100, "inband")
        session.on_digit("1", 100, "rtp")
        session.on_digit("2", 100, "app")
        assert [d.digit for d in (session.digits.take(), session.digits.take()) if d] == ["1", "2"]
        seen = ("inband", "rtp", "endpoint")
        told = [session.get(f"deduplicate_dtmf_seen_{how}") for how in seen]
        assert told == ["true", "true", None]
        session.hangup()
        await b.ended(session)


async def test_digits_become_tones_in_either_direction(tmp_path: Path) -> None:
    for data, rule in [("", "tones_to_partner"), ("write", "tones_to_us")]:
        plan = extension(
            "1", "answer", f"start_dtmf_generate {data}", "sleep 1000", "stop_dtmf_generate", "park"
        )
        async with bench(tmp_path, plan) as b:
            session = b.call("1")
            await b.after(0.5)
            assert getattr(session.digit_rules, rule) is True
            await b.after(1)
            assert getattr(session.digit_rules, rule) is False
            session.hangup()
            await b.ended(session)
