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
MOST_DIGITS = 127


def caller_of(session: Session) -> tuple[str, str]:
    """Name and number of who calls, as the dialplan may have set them for others."""
    profile = session.channel.profile
    return (
        session.get("effective_caller_id_name") or profile.caller_id_name,
        session.get("effective_caller_id_number") or profile.caller_id_number,
    )


class Talk:
    """One caller, and the keys of a profile."""

    def __init__(self, session: Session, settings: ProfileSettings) -> None:
        self.session = session
        self.settings = settings
        self._steering = {
            settings.pause_key: "pause",
            settings.restart_key: "restart",
            settings.ff_key: f"seek:+{FORWARD_MS}",
            settings.rew_key: f"seek:-{BACK_MS}",
            settings.louder_key: "volume:+1",
            settings.quieter_key: "volume:-1",
            settings.faster_key: "speed:+1",
            settings.slower_key: "speed:-1",
        }

    async def say(self, macro: str, data: str = "") -> None:
        """Say ``voicemail_<macro>`` to its end; keys that come meanwhile wait for what follows."""
        waiting: list[Digit] = []

        def press(digit: Digit) -> bool:
            waiting.append(digit)
            return False

        await phrases.phrase(self.session, f"voicemail_{macro}", data, terminators="", input=press)
        for digit in reversed(waiting):
            self.session.digits.put_back(digit)

    async def tell(self, macro: str, data: str = "", *, exits: str = ivr.EVERY_KEY) -> str:
        """Say ``voicemail_<macro>``; the key of ``exits`` that interrupted it, or nothing.

        Other keys are lost.
        """
        pressed: list[str] = []

        def press(digit: Digit) -> bool:
            if digit.digit in exits:
                pressed.append(digit.digit)
            return bool(pressed)

        await phrases.phrase(self.session, f"voicemail_{macro}", data, terminators="", input=press)
        return "".join(pressed)

    async def play(self, sound: str) -> str:
        """Play a file or stream; the key that interrupted it, or nothing."""
        pressed: list[str] = []
        await ivr.play(self.session, sound, terminators="", input=ivr.keep_first(pressed))
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
        """Play a message; keys pause, wind and restart it, or make it louder and faster.

        The key of ``exits`` that ended it, or nothing. Keys of ``exits`` win over the others;
        keys that mean nothing are ignored.
        """
        pressed: list[str] = []

        def press(digit: Digit) -> bool:
            if digit.digit in exits:
                pressed.append(digit.digit)
                return True
            command = self._steering.get(digit.digit)
            if command is not None and self.session.player is not None:
                self.session.player.command(command)
            return False

        await ivr.play(self.session, sound, terminators="", input=press)
        return "".join(pressed)
