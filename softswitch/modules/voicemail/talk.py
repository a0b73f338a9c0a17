"""Talking to a caller: phrases that a key interrupts, questions, sounds that keys steer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.modules.voicemail.settings import ProfileSettings
from softswitch.switch import ivr, phrases

if TYPE_CHECKING:
    from softswitch.switch.digits import Digit
    from softswitch.switch.session import Session

FORWARD_MS = 3000
BACK_MS = 6000
"""24,000 and 48,000 samples at 8 kHz."""
STEP_DB = 3.0
LOUDEST_DB = 12.0
MOST_DIGITS = 127


class Talk:
    """One caller, and the keys of a profile."""

    def __init__(self, session: Session, settings: ProfileSettings) -> None:
        self.session = session
        self.settings = settings

    async def tell(self, macro: str, data: str = "") -> str:
        """Say ``voicemail_<macro>``; the key that interrupted it, or nothing."""
        pressed: list[str] = []
        await phrases.phrase(
            self.session,
            f"voicemail_{macro}",
            data,
            terminators="",
            input=_first(pressed),
        )
        return "".join(pressed)

    async def play(self, sound: str) -> str:
        """Play a file or stream; the key that interrupted it, or nothing."""
        pressed: list[str] = []
        await ivr.play(self.session, sound, terminators="", input=_first(pressed))
        return "".join(pressed)

    async def ask(self, macro: str, data: str = "") -> str:
        """Say a phrase and wait for one key; nothing where none comes in time."""
        return await self.tell(macro, data) or await self.key()

    async def key(self) -> str:
        """Wait for one key; nothing where none comes in time."""
        return (await self._collect(1, "", "")).digits

    async def ask_number(self, macro: str, data: str = "", *, begun: str = "") -> str | None:
        """Say a phrase and take digits up to the terminator; None where none came in time.

        An empty text is the terminator alone.
        """
        terminator = self.settings.terminator_key
        first = begun or await self.tell(macro, data)
        if first and first == terminator:
            return ""
        collected = await self._collect(MOST_DIGITS, terminator, first)
        if not collected.digits and collected.terminator is None:
            return None
        return collected.digits

    async def _collect(self, most: int, terminators: str, begun: str) -> ivr.Collected:
        timeout = round(self.settings.digit_timeout * 1000)
        return await ivr.collect_digits(
            self.session,
            minimum=0,
            maximum=most,
            timeout_ms=timeout,
            digit_timeout_ms=timeout,
            terminators=terminators,
            begun=begun,
        )

    async def listen(self, sound: str, exits: str) -> str:
        """Play a message; keys pause, wind and restart it, or make it louder.

        The key of ``exits`` that ended it, or nothing. Keys of ``exits`` win over the others;
        keys that mean nothing are ignored.
        """
        settings = self.settings
        position, gain, paused = 0, 0.0, False
        steering = (
            settings.pause_key
            + settings.restart_key
            + settings.ff_key
            + settings.rew_key
            + settings.louder_key
            + settings.quieter_key
        )
        try:
            while True:
                if paused:
                    key = await self.key()
                    if not key:
                        return ""
                    paused = False
                    key = "" if key == settings.pause_key else key
                else:
                    key, heard, ended = await self._hear(sound, position, exits + steering)
                    position += heard
                    if ended:
                        return ""
                if not key:
                    continue
                if key in exits:
                    return key
                if key == settings.pause_key:
                    paused = True
                elif key == settings.restart_key:
                    position = 0
                elif key == settings.ff_key:
                    position += FORWARD_MS
                elif key == settings.rew_key:
                    position = max(position - BACK_MS, 0)
                elif key in (settings.louder_key, settings.quieter_key):
                    gain += STEP_DB if key == settings.louder_key else -STEP_DB
                    gain = max(min(gain, LOUDEST_DB), -LOUDEST_DB)
                    self.session.media.set_gain(hear_db=gain)
        finally:
            if gain and self.session.leg.media is not None and not self.session.media.closed:
                self.session.media.set_gain()

    async def _hear(self, sound: str, position: int, keys: str) -> tuple[str, int, bool]:
        """Play from a position in ms; the key, how much was heard, and whether it is over."""
        pressed: list[str] = []

        def press(digit: Digit) -> bool:
            if digit.digit in keys:
                pressed.append(digit.digit)
            return bool(pressed)

        # Offsets count samples of 8 kHz, whatever the codec.
        result = await ivr.play(
            self.session, f"{sound}@@{position * 8}", terminators="", input=press
        )
        return "".join(pressed), result.milliseconds, not pressed


def _first(pressed: list[str]) -> ivr.DigitHandler:
    """A handler that keeps one digit and ends the playback."""

    def press(digit: Digit) -> bool:
        pressed.append(digit.digit)
        return True

    return press
