"""Many calls whose parties do anything at any moment: nothing may stick, leak or raise."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable

import pytest

from softswitch.phone.call import CallState, PhoneCall
from softswitch.phone.phone import Phone
from tests.support.far_end import send_early_media
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.switch import extension

SEEDS = int(os.environ.get("SOFTSWITCH_CHAOS", "3"))
CALLS = 25
LONGEST = 0.4
"""Seconds after which every call has been ended by somebody."""

NUMBERS = ("1001", "1001", "1001", "9196", "9197", "5900", "100", "9999", "1003")
EXTENSIONS = (
    extension("(100.)", f"bridge user/$1@{DOMAIN}"),
    extension("100", f"bridge user/1001@{DOMAIN},user/1002@{DOMAIN}"),
    extension("9196", "answer", "echo"),
    extension("9197", "answer", "playback {loops=-1}tone_stream://%(251,0,1004)"),
    extension("5900", "answer", "park"),
)


class Chaos:
    """Everybody does something at a random moment."""

    def __init__(self, server: Server, source: random.Random) -> None:
        self.server = server
        self.source = source
        self._loop = asyncio.get_running_loop()

    def later(self, action: Callable[[], object]) -> None:
        """Do something within `LONGEST`."""
        self._loop.call_later(self.source.random() * LONGEST, action)

    def called(self, call: PhoneCall) -> None:
        """What a called party does."""
        for _ in range(self.source.randrange(1, 4)):
            action = self.source.choice(
                (call.answer, call.answer, call.answer, call.reject, call.hangup, self.early(call))
            )
            self.later(self.when(call, action, CallState.CALLING, CallState.RINGING))
        self.talk(call)

    def early(self, call: PhoneCall) -> Callable[[], None]:
        """Send early media."""
        return lambda: send_early_media(call)

    def talk(self, call: PhoneCall) -> None:
        """What either party does while they talk."""
        for _ in range(self.source.randrange(4)):
            action = self.source.choice(
                (
                    lambda: call.hold(self.source.random() < 0.5),
                    lambda: call.send_digits("12#", duration_ms=40),
                    lambda: call.send_digits("5", method="info"),
                    lambda: call.transfer(f"sip:{self.source.choice(NUMBERS)}@{DOMAIN}"),
                )
            )
            self.later(self.when(call, action, CallState.ANSWERED))
        self.later(call.hangup)

    @staticmethod
    def when(call: PhoneCall, action: Callable[[], None], *states: CallState) -> Callable[[], None]:
        """The action, if the call is in one of these states by then."""

        def act() -> None:
            if call.state in states:
                action()

        return act

    async def steer(self) -> None:
        """What an operator does."""
        uuids = list(self.server.switch.sessions)
        if not uuids:
            return
        one, other = self.source.choice(uuids), self.source.choice(uuids)
        line = self.source.choice(
            (
                f"uuid_kill {one}",
                f"uuid_transfer {one} {self.source.choice(NUMBERS)}",
                f"uuid_transfer {one} -both 9196",
                f"uuid_bridge {one} {other}",
                f"uuid_park {one}",
                f"uuid_hold {one}",
                f"uuid_broadcast {one} tone_stream://%(100,0,440) both",
                "show channels",
            )
        )
        answer = await self.server.api(line)
        assert "Error" not in answer, f"{line}: {answer}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_any_sequence_of_actions_leaves_nothing(serve: Serve, seed: int) -> None:
    server = await serve(*EXTENSIONS)
    source = random.Random(seed)
    chaos = Chaos(server, source)
    alice = await server.phone("1000", codecs=source.choice(("PCMU", "PCMA")))
    for user in ("1001", "1002"):
        phone: Phone = await server.phone(user, register=True)
        phone.on_invite = chaos.called
    for _ in range(CALLS):
        chaos.talk(alice.call(source.choice(NUMBERS)))
        await asyncio.sleep(source.random() * 0.02)
        await chaos.steer()
    await until(lambda: all(over(phone) for phone in server.phones), "the end of the phones")
    await server.api("hupall")
    await until(lambda: not server.left_over(), "the end", then=server.left_over)


def over(phone: Phone) -> bool:
    """Whether that phone has no call any more."""
    return all(call.state is CallState.ENDED for call in phone.calls)
