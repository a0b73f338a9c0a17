"""The shipped configuration as an office: a running switch, registered phones, what it plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from softswitch.config import secrets
from softswitch.media.engine import MediaEngine
from softswitch.phone.call import PhoneCall
from softswitch.phone.phone import Phone
from tests.support.patience import PATIENCE
from tests.support.process import SwitchProcess, shipped_switch

TONES = {"1000": 440, "1001": 880, "1002": 1320, "1003": 600, "1004": 1600, "1011": 1800}
"""What each phone says: a tone of its own."""


@dataclass(slots=True)
class Office:
    """A running switch, its registered phones, and the files that it played so far."""

    switch: SwitchProcess
    phones: dict[str, Phone]
    played: list[str] = field(default_factory=list)
    """The paths of PLAYBACK_START, as the dialplan or the menu names them."""
    more: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when one more is played."""

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

    async def speak(self, *calls: tuple[str, PhoneCall]) -> None:
        """Each phone says its tone, until the call ends."""
        for user, call in calls:
            await call.play(f"tone_stream://%(60000,0,{TONES[user]})", loops=-1)

    async def hear_each_other(
        self, one: tuple[str, PhoneCall], other: tuple[str, PhoneCall]
    ) -> None:
        await self.speak(one, other)
        await one[1].hear(TONES[other[0]], PATIENCE)
        await other[1].hear(TONES[one[0]], PATIENCE)

    async def told(self, command: str, text: str) -> None:
        """Ask the console until it says so."""
        answer = ""
        for _ in range(600):
            answer = await self.switch.api(command)
            if text in answer:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{command} never told {text}, but {answer}")

    async def plays(self, name: str, count: int = 1) -> None:
        """Wait until a file was begun so often."""
        try:
            async with asyncio.timeout(PATIENCE):
                while sum(path.endswith(name) for path in self.played) < count:
                    self.more.clear()
                    await self.more.wait()
        except TimeoutError:
            raise AssertionError(f"{name} was not played, but {self.played}") from None

    async def feature(self, user: str, number: str, tone: float) -> None:
        """Dial a code and hear its last tone."""
        call = self.call(user, number)
        await call.expect_answer()
        await call.hear(tone, PATIENCE)
        await call.expect_end(PATIENCE)


@asynccontextmanager
async def shipped_office(
    engine: MediaEngine, folder: Path, users: Sequence[str] = ("1000", "1001", "1002")
) -> AsyncIterator[Office]:
    """The shipped configuration with a phone for each of ``users``."""
    async with shipped_switch(folder) as switch, AsyncExitStack() as stack:
        office = Office(switch, {})
        listener = asyncio.get_running_loop().create_task(_listen(office))
        try:
            for user in users:
                phone = await Phone.open(
                    engine, ("127.0.0.1", switch.sip_port), user=user, password=switch.password
                )
                office.phones[user] = await stack.enter_async_context(phone)
                await phone.register()
            yield office
        finally:
            listener.cancel()
            await asyncio.wait([listener])


async def _listen(office: Office) -> None:
    """Note what the switch plays, told by its event socket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", office.switch.console_port)
    password = secrets.read(office.switch.folder / "data")["event_socket_password"]
    writer.write(f"auth {password}\n\nevent plain PLAYBACK_START\n\n".encode())
    try:
        while line := (await reader.readline()).decode():
            if line.startswith("Playback-File-Path: "):
                office.played.append(unquote(line.partition(": ")[2].strip()))
                office.more.set()
    finally:
        writer.close()


async def leave_message_for_absent(phone: Phone, user: str) -> None:
    """Say four seconds of 440 Hz to the voicemail of a user of the shipped conf, who is away."""
    call = phone.call(user)
    await call.expect_answer()
    await asyncio.sleep(2)
    call.send_digits("#")
    await call.hear(640, 30)
    await asyncio.sleep(1.2)
    await call.play_to_end("tone_stream://%(4000,0,440)")
    call.hangup()
