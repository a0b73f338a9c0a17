"""One call of the phone: what was done, what happened, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from softswitch.media.events import DigitReceived, MediaEvent, MediaStarted
from softswitch.phone.audio import NoAudio, PhoneAudio
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request, Response

if TYPE_CHECKING:
    from softswitch.phone.phone import Phone

PATIENCE = 10.0
"""Seconds that the ``expect_…`` methods wait."""


class CallState(Enum):
    """How far a call is."""

    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class CallFailed(Exception):
    """The call ended, or what was waited for did not happen in time; the message says which."""


class PhoneCall:
    """A call, ours or to us. All that waits raises `CallFailed` when the call ends first."""

    def __init__(self, phone: Phone, far_end: str, *, ours: bool) -> None:
        self.phone = phone
        self.far_end = far_end
        self.ours = ours
        self.state = CallState.CALLING
        self.early_media = False
        self.held = False
        """True while the far end holds us."""
        self.status = 0
        """The SIP status that ended it, or 200 after a BYE."""
        self.reason = ""
        """Why it ended, in words."""
        self.cause: str | None = None
        """The Reason header's Q.850 cause or text, if the far end gave one."""
        self.digits = ""
        """All digits heard so far."""
        self.audio: PhoneAudio | None = None
        self.media_from: tuple[str, int] | None = None
        """Where the first packet came from."""
        self.usage: InviteUsage | None = None
        self._waiting: list[asyncio.Future[None]] = []
        self._digits_taken = 0
        self._offering = False
        self._next_hold: bool | None = None

    def __repr__(self) -> str:
        return f"<PhoneCall {self.phone.user} {self.far_end} {self.state.value} {self.reason}>"

    # What one does

    def ring(self, status: int = 180) -> None:
        """Tell the caller that it rings."""
        self._usage().ring(status, now=self.phone.now)
        self.phone.pump()

    def answer(self) -> None:
        """Take the call. Raises `CallFailed` where no codec fits."""
        usage = self._usage()
        offered = usage.request.body.decode("utf-8", "replace")
        try:
            audio = self._open_audio()
            text = audio.answer(offered) if offered else audio.offer()
        except NoAudio as error:
            self.reject(488)
            raise CallFailed(str(error)) from None
        usage.accept(text, now=self.phone.now)
        self._enter(CallState.ANSWERED)
        self.phone.pump()

    def reject(self, status: int = 486) -> None:
        """Refuse the call: busy, if nothing else is said."""
        usage = self._usage()
        usage.reject(status, now=self.phone.now)
        self.phone.forget(usage)
        self.end(status, "refused by us")
        self.phone.pump()

    def hangup(self) -> None:
        """End the call, whatever its state."""
        usage, now = self.usage, self.phone.now
        if self.state is CallState.ENDED or usage is None:
            return
        if self.state is CallState.ANSWERED:
            usage.bye(now=now)
        elif self.ours:
            usage.cancel(now=now)
        else:
            usage.reject(480, now=now)
        self.phone.forget(usage)
        self.end(200, "hung up by us")
        self.phone.pump()

    def hold(self, held: bool = True) -> None:
        """Ask the far end to stop sending, or to go on; what is asked last counts."""
        usage = self._usage()
        if self._offering:
            self._next_hold = held
            return
        self._offering = True
        usage.reinvite(self._open_audio().offer(hold=held), now=self.phone.now)
        self.phone.pump()

    def transfer(self, target: str) -> None:
        """Ask the far end to call ``target`` instead (REFER)."""
        headers = [("Refer-To", f"<{target}>"), ("Referred-By", f"<{self.phone.address}>")]
        self._usage().request_in_dialog("REFER", headers, now=self.phone.now)
        self.phone.pump()

    def send_digits(self, digits: str, *, duration_ms: int = 100, method: str = "rfc4733") -> None:
        """Press keys; ``method`` is ``rfc4733``, ``inband`` or ``info``."""
        if method == "info":
            for digit in digits:
                body = f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()
                self._usage().info("application/dtmf-relay", body, now=self.phone.now)
            self.phone.pump()
        else:
            stream = self._open_audio().stream
            stream.send_digits(digits, duration_ms=duration_ms, method=method)

    async def play(self, specification: str, *, loops: int = 1) -> int:
        """Speak a file or a tone; returns at once with its number."""
        return await self._open_audio().play(specification, loops=loops)

    async def play_to_end(self, specification: str) -> None:
        """Speak a file or a tone, and come back when all of it was said."""
        audio = self._open_audio()
        number = await audio.play(specification)
        await audio.stream.finished(number)

    def record(self, path: str, *, hear: str = "read") -> int:
        """Write what is heard into a WAV file until the call ends; returns its number."""
        return self._open_audio().stream.record(path, hear=hear)

    async def stop_recording(self, number: int) -> None:
        """End a recording, and come back when its file is complete."""
        stream = self._open_audio().stream
        finished = stream.finished(number)
        stream.stop(number)
        await finished

    # What one waits for

    async def expect_ringing(self) -> None:
        """The far end rings."""
        await self._expect(lambda: self.state is not CallState.CALLING, "it does not ring")

    async def expect_early_media(self) -> None:
        """The far end sends sound before its answer."""
        await self._expect(lambda: self.early_media, "no early media")

    async def expect_answer(self) -> None:
        """The call is up."""
        await self._expect(lambda: self.state is CallState.ANSWERED, "nobody answers")

    async def expect_media(self) -> None:
        """The first packet of sound came."""
        await self._expect(lambda: self.media_from is not None, "no sound comes")

    async def expect_hold(self, held: bool = True) -> None:
        """The far end holds us, or takes us back."""
        await self._expect(lambda: self.held is held, "no hold" if held else "still on hold")

    async def expect_digits(self, count: int) -> str:
        """The next ``count`` digits the far end presses."""
        wanted = self._digits_taken + count
        await self._expect(lambda: len(self.digits) >= wanted, f"not {count} digits")
        taken = self.digits[self._digits_taken : wanted]
        self._digits_taken = wanted
        return taken

    async def expect_end(self, patience: float = PATIENCE) -> int:
        """The call is over; the status that ended it."""
        try:
            async with asyncio.timeout(patience):
                await self.until_end()
        except TimeoutError:
            raise CallFailed(f"{self!r} does not end") from None
        return self.status

    async def until_end(self) -> None:
        """Wait for the end, however long that takes."""
        while self.state is not CallState.ENDED:
            await self._change()

    async def until(self, condition: Callable[[], bool], otherwise: str = "not connected") -> None:
        """Wait for something, however long that takes."""
        while not condition():
            if self.state is CallState.ENDED:
                raise CallFailed(f"{otherwise}: the call ended with {self.status} {self.reason}")
            await self._change()

    async def hear(
        self, frequency: float, patience: float = PATIENCE, *, share: float = 0.5
    ) -> None:
        """Wait until the far end's sound is a tone of ``frequency`` Hz, or that has the share of
        its power.
        """
        try:
            async with asyncio.timeout(patience):
                over = self.state is CallState.ENDED
                if over or not await self._open_audio().hears(frequency, share=share):
                    raise CallFailed(f"{frequency} Hz was not heard: {self!r}")
        except TimeoutError:
            raise CallFailed(f"{self!r}: {frequency} Hz was not heard") from None

    async def _expect(self, condition: Callable[[], bool], otherwise: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.until(condition, otherwise)
        except TimeoutError:
            raise CallFailed(f"{self!r}: {otherwise}") from None

    async def _change(self) -> None:
        # Each waiter has its own future, so that several may wait at once.
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        await waiting

    def _tell_change(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    # What the phone tells

    def take(self, usage: InviteUsage) -> None:
        """This is the usage of the call."""
        self.usage = usage

    def progress(self, status: int, sdp: str) -> None:
        """A provisional response came."""
        if sdp and self.audio is not None:
            self.audio.accept(sdp)
            self.early_media = True
        if status in (180, 182) or sdp:
            self._enter(CallState.RINGING)
        self._tell_change()

    def answered(self, sdp: str) -> None:
        """The far end took our call."""
        if sdp and self.audio is not None:
            self.audio.accept(sdp)
        self._enter(CallState.ANSWERED)

    def offered(self, sdp: str) -> str:
        """The far end changes the session; our answer, or our offer where it has none."""
        audio = self._open_audio()
        text = audio.answer(sdp) if sdp else audio.offer()
        self.held = audio.agreed is not None and audio.agreed.held
        self._tell_change()
        return text

    def offer_settled(self, sdp: str | None) -> None:
        """Our offer within the call was answered, or refused (None)."""
        self._offering = False
        if sdp:
            self._open_audio().accept(sdp)
        self._tell_change()
        wanted, self._next_hold = self._next_hold, None
        if wanted is not None:
            self.hold(wanted)

    def end(self, status: int, reason: str, message: Request | Response | None = None) -> None:
        """The call is over; only the first end counts."""
        if self.state is CallState.ENDED:
            return
        self.status, self.reason = status, reason
        if message is not None:
            self.cause = message.headers.get("Reason")
        if self.audio is not None:
            self.audio.close()
        self._enter(CallState.ENDED)

    def heard(self, event: MediaEvent) -> None:
        """Something came with the sound, or a digit by INFO."""
        if isinstance(event, DigitReceived):
            self.digits += event.digit
            self.phone.tell(f"digit {event.digit}")
        elif isinstance(event, MediaStarted):
            self.media_from = (event.ip, event.port)
        self._tell_change()

    def open_audio(self) -> PhoneAudio:
        """The call's audio, opened when first needed. Raises `NoAudio`."""
        return self._open_audio()

    def _open_audio(self) -> PhoneAudio:
        if self.audio is None:
            self.audio = self.phone.open_audio(self.heard)
        return self.audio

    def _usage(self) -> InviteUsage:
        if self.usage is None or self.state is CallState.ENDED:
            raise CallFailed(f"{self!r} is over")
        return self.usage

    def _enter(self, state: CallState) -> None:
        if self.state is not state:
            self.state = state
            words = f" ({self.status} {self.reason})" if state is CallState.ENDED else ""
            self.phone.tell(f"{self.far_end}: {state.value}{words}")
        self._tell_change()
