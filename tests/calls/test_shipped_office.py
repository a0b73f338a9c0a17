"""The shipped configuration as an office uses it: real phones, real keys, real tones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from tests.support.office import Office, shipped_office
from tests.support.patience import PATIENCE
from tests.support.server import until

pytestmark = pytest.mark.slow


@pytest.fixture
async def office(tmp_path: Path, engine: MediaEngine) -> AsyncIterator[Office]:
    async with shipped_office(engine, tmp_path) as office:
        yield office


ON, OFF = 659, 440
"""The last tone of what is switched on, and off."""


async def test_calls_are_forwarded_until_that_is_taken_back(office: Office) -> None:
    await office.feature("1000", "*721002", ON)
    a, c = await office.talk("1001", "1002", number="1000")
    a.hangup()
    await c.expect_end()
    await office.feature("1000", "*73", OFF)
    a, b = await office.talk("1001", "1000")
    a.hangup()
    await b.expect_end()


async def test_who_wants_no_calls_is_busy(office: Office) -> None:
    await office.feature("1000", "*78", ON)
    assert await office.call("1001", "1000").expect_end(PATIENCE) == 486
    await office.feature("1000", "*79", OFF)
    call = office.call("1001", "1000")
    ringing = await office.rings("1000")
    call.hangup()
    await ringing.expect_end()


@pytest.mark.parametrize("code", ["*8", "**1000"])
async def test_a_ringing_call_is_picked_up_elsewhere(office: Office, code: str) -> None:
    caller = office.call("1001", "1000")
    ringing = await office.rings("1000")
    await caller.expect_ringing()
    taker = office.call("1002", code)
    await taker.expect_answer()
    await caller.expect_answer()
    await ringing.expect_end()
    await office.hear_each_other(("1001", caller), ("1002", taker))
    caller.hangup()
    await taker.expect_end()


async def test_a_call_is_parked_by_key_and_taken_by_its_place(office: Office) -> None:
    caller, called = await office.talk("1001", "1000")
    called.send_digits("*7")
    await office.told("valet_info office", "6001")
    taker = office.call("1002", "6001")
    await taker.expect_answer()
    await office.hear_each_other(("1001", caller), ("1002", taker))
    taker.hangup()
    await caller.expect_end()


async def test_a_caller_is_sent_on_by_key(office: Office) -> None:
    caller, called = await office.talk("1001", "1000")
    called.send_digits("*1")
    await called.hear(350, PATIENCE)
    called.send_digits("1002#")
    ringing = await office.rings("1002")
    await called.expect_end(PATIENCE)
    ringing.answer()
    await office.hear_each_other(("1001", caller), ("1002", ringing))
    caller.hangup()
    await ringing.expect_end()


async def test_a_caller_is_announced_and_handed_over(office: Office) -> None:
    caller, called = await office.talk("1001", "1000")
    called.send_digits("*3")
    await called.hear(350, PATIENCE)
    called.send_digits("1002#")
    third = await office.rings("1002")
    third.answer()
    await office.hear_each_other(("1000", called), ("1002", third))
    called.hangup()
    await office.hear_each_other(("1001", caller), ("1002", third))
    caller.hangup()
    await third.expect_end()


async def test_the_last_number_and_the_last_caller_are_dialled_again(office: Office) -> None:
    caller = office.call("1001", "1000")
    first = await office.rings("1000")
    caller.hangup()
    await first.expect_end()
    for user, code, expected in (("1001", "*66", "1000"), ("1000", "*69", "1001")):
        again = office.call(user, code)
        ringing = await office.rings(expected)
        again.hangup()
        await ringing.expect_end()


async def test_groups_ring_and_confirm(office: Office) -> None:
    caller = office.call("1001", "100")
    first, second = await office.rings("1000"), await office.rings("1002")
    second.answer()
    await caller.expect_answer()
    await first.expect_end()
    await office.hear_each_other(("1001", caller), ("1002", second))
    caller.hangup()
    await second.expect_end()


async def test_numbers_without_a_way_are_told(office: Office) -> None:
    assert await office.call("1000", "112").expect_end(PATIENCE) in (502, 503)
    told = "emergency call to 112 from 1000 has no way out"
    await until(lambda: told in office.switch.log, "the log line")
    assert await office.call("1000", "103").expect_end(PATIENCE) in (480, 404, 503)
    assert await office.call("1000", "1020").expect_end(PATIENCE) == 404


async def test_the_operators_own_application_runs(office: Office) -> None:
    assert await office.switch.api("python list") == (
        "file|kind|name\ngreeting.py|application|say_hello\n"
    )
    await office.feature("1000", "*91", ON)
    assert ", 1000" in office.switch.log
    assert await office.switch.api("python reload greeting") == "+OK\n"


async def test_what_is_not_there_is_told_by_falling_tones(office: Office) -> None:
    for code in ("*8", "**1001", "*69", "*721000"):
        await office.feature("1000", code, OFF)
    # What has rung and rings no more is not picked up.
    caller = office.call("1001", "1000")
    ringing = await office.rings("1000")
    caller.hangup()
    await ringing.expect_end()
    await office.told("show calls count", "0 total")
    await office.told("show channels count", "0 total")
    await office.feature("1002", "*8", OFF)
    assert "[ERROR]" not in office.switch.log
