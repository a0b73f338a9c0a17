"""The shipped configuration as an office uses it: real phones, real keys, real tones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from softswitch.phone.call import PhoneCall
from softswitch.phone.phone import Phone
from tests.support.process import SwitchProcess, shipped_switch
from tests.support.server import FIRST_PORT, until

pytestmark = pytest.mark.slow

TONES = {"1000": 440, "1001": 880, "1002": 1320}
"""What each phone says: a tone of its own."""
PATIENCE = 60.0


@dataclass(slots=True)
class Office:
    """A running switch and its registered phones."""

    switch: SwitchProcess
    phones: dict[str, Phone]

    def call(self, user: str, number: str) -> PhoneCall:
        return self.phones[user].call(number)

    async def rings(self, user: str) -> PhoneCall:
        call = await self.phones[user].expect_call()
        call.ring()
        return call

    async def talk(self, caller: str, called: str, number: str = "") -> tuple[PhoneCall, PhoneCall]:
        """Two phones in a call, each hearing the other's tone."""
        ours = self.call(caller, number or called)
        theirs = await self.rings(called)
        theirs.answer()
        await ours.expect_answer()
        await self.hear_each_other((caller, ours), (called, theirs))
        return ours, theirs

    async def hear_each_other(
        self, one: tuple[str, PhoneCall], other: tuple[str, PhoneCall]
    ) -> None:
        for user, call in (one, other):
            await call.play(f"tone_stream://%(60000,0,{TONES[user]})", loops=-1)
        await one[1].hear(TONES[other[0]], PATIENCE)
        await other[1].hear(TONES[one[0]], PATIENCE)

    async def told(self, command: str, text: str) -> None:
        """Ask the console until it says so."""
        for _ in range(600):
            if text in await self.switch.api(command):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{command} never told {text}")

    async def feature(self, user: str, number: str, tone: float) -> None:
        """Dial a code and hear its last tone."""
        call = self.call(user, number)
        await call.expect_answer()
        await call.hear(tone, PATIENCE)
        await call.expect_end(PATIENCE)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    native = Engine(rtp_start_port=FIRST_PORT + 500, rtp_end_port=FIRST_PORT + 999)
    engine = MediaEngine(asyncio.get_running_loop(), native)
    try:
        async with shipped_switch(tmp_path) as switch, AsyncExitStack() as stack:
            server = ("127.0.0.1", switch.sip_port)
            phones = {}
            for user in TONES:
                phone = await Phone.open(engine, server, user=user, password=switch.password)
                phones[user] = await stack.enter_async_context(phone)
                await phone.register()
            yield Office(switch, phones)
    finally:
        engine.close()


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
