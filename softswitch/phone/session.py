"""What ``softswitch phone`` does at the command line: one call, or waiting for calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine, SourceError, StreamClosed
from softswitch.phone.call import CallFailed, CallState, PhoneCall
from softswitch.phone.microphone import NoSoundCard, find_card
from softswitch.phone.phone import Phone
from softswitch.sdp.crypto import Secure

FIRST_PORT, LAST_PORT = 40000, 48000
"""RTP ports of phones: away from those of a switch on the same machine."""
LONGEST_RINGING = 120.0
"""Seconds until a call that nobody takes is given up."""
FAILURES = (CallFailed, NoSoundCard, SourceError, OSError, ValueError)
"""What ends a call and is told."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are, and where the server is."""

    user: str
    password: str
    server: tuple[str, int]
    domain: str
    transport: str = "udp"
    codecs: str = "PCMU,PCMA"
    """What we speak, the first best, as a codec string."""
    secure: Secure = Secure.FORBIDDEN
    """Whether we offer SRTP; what is offered to us is taken."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is said and kept of each call."""

    play: str = ""
    """An absolute path or ``tone_stream://…``; nothing is said if empty."""
    record: str = ""
    """An absolute path; nothing is kept if empty."""
    digits: str = ""
    """Keys to press once the call is up."""
    echo: bool = False
    """Say back what is heard."""
    duration: float | None = None
    """Seconds until we hang up; None hangs up after ``play``, or when the far end does."""
    microphone: bool = False
    """Say what the microphone hears, after ``play``, and let the loudspeaker say what we hear."""


@asynccontextmanager
async def open_phone(account: Account, tell: Callable[[str], None]) -> AsyncIterator[Phone]:
    """A phone with an engine of its own."""
    loop = asyncio.get_running_loop()
    native = Engine(rtp_start_port=FIRST_PORT, rtp_end_port=LAST_PORT)
    engine = MediaEngine(loop, native)
    try:
        phone = await Phone.open(
            engine,
            account.server,
            user=account.user,
            password=account.password,
            domain=account.domain,
            transport=account.transport,
            codecs=account.codecs,
            secure=account.secure,
            tell=tell,
        )
        async with phone:
            yield phone
    finally:
        engine.close()


async def place_call(
    account: Account, target: str, sound: Sound, tell: Callable[[str], None]
) -> bool:
    """Call, speak, record and hang up; True if the call was answered and nothing failed."""
    if not await _has_devices(sound, tell):
        return False
    async with open_phone(account, tell) as phone:
        call = phone.call(target)
        try:
            async with asyncio.timeout(LONGEST_RINGING):
                await call.until(lambda: call.state is CallState.ANSWERED)
            await _talk(call, sound)
        except TimeoutError:
            tell("nobody answers")
            return False
        except FAILURES as error:
            tell(str(error))
            return False
        finally:
            call.hangup()
        return True


async def take_calls(
    account: Account,
    sound: Sound,
    tell: Callable[[str], None],
    *,
    answer_after: float = 0.0,
    once: bool = False,
) -> bool:
    """Register and answer calls until cancelled, or with ``once`` until the first has ended."""
    if not await _has_devices(sound, tell):
        return False
    async with open_phone(account, tell) as phone:
        try:
            await phone.register()
        except (CallFailed, TimeoutError) as error:
            tell(str(error) or "the server does not answer")
            return False
        async with asyncio.TaskGroup() as calls:
            while True:
                call = await phone.expect_call(patience=None)
                answering = calls.create_task(_answer(call, sound, answer_after, tell))
                if once:
                    return await answering


async def _has_devices(sound: Sound, tell: Callable[[str], None]) -> bool:
    """False, and told, where live sound is wanted and cannot be: nobody is rung for that."""
    try:
        if sound.microphone:
            await asyncio.to_thread(find_card)
    except NoSoundCard as error:
        tell(str(error))
        return False
    return True


async def _answer(call: PhoneCall, sound: Sound, after: float, tell: Callable[[str], None]) -> bool:
    try:
        if after > 0:
            async with asyncio.timeout(after):
                await call.until_end()
    except TimeoutError:
        pass
    try:
        call.answer()
        await _talk(call, sound)
    except FAILURES as error:
        tell(str(error))
        return False
    finally:
        call.hangup()
    return True


async def _talk(call: PhoneCall, sound: Sound) -> None:
    """Be in an answered call until it is over."""
    if sound.record:
        call.record(sound.record)
    if sound.echo:
        call.open_audio().echo()
    if sound.digits:
        call.send_digits(sound.digits)
    async with AsyncExitStack() as leaving:
        ended = asyncio.get_running_loop().create_task(call.until_end())
        leaving.callback(ended.cancel)
        try:
            if sound.microphone:
                await leaving.enter_async_context(call.open_audio().live())
            async with asyncio.timeout(sound.duration):
                if sound.play:
                    await _say(call, sound, ended)
                if sound.microphone or not sound.play:
                    await ended
        except (TimeoutError, StreamClosed):
            # It is time to go, or the far end went while something was being opened.
            pass


async def _say(call: PhoneCall, sound: Sound, ended: asyncio.Task[None]) -> None:
    """Say ``play``: once where something follows it or the call ends then, else again and again."""
    once = sound.microphone or sound.duration is None
    number = await call.play(sound.play, loops=1 if once else -1)
    finished = call.open_audio().stream.finished(number)
    await asyncio.wait((ended, finished), return_when=asyncio.FIRST_COMPLETED)
    if not sound.microphone and call.state is not CallState.ENDED:
        await _last_words(call)


async def _last_words(call: PhoneCall) -> None:
    """Let what we said come back before we hang up: an echo is heard a moment later."""
    try:
        async with asyncio.timeout(0.5):
            await call.until_end()
    except TimeoutError:
        pass
