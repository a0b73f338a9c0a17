"""Legs without a network: they do what their dial string says, and remember what was asked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.indications import Display

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.switch.indications import Indication
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


class ScriptedLeg:
    """A far end played from a script such as ``ring@1 answer@3 digit:5@4 hangup:USER_BUSY@9``.

    Times are seconds after the INVITE. ``verbs`` lists what the switch asked of the leg.
    """

    def __init__(self, switch: Switch, script: str = "") -> None:
        self._switch = switch
        self._script = script
        self._timers: list[asyncio.TimerHandle] = []
        self._media: Stream | None = None
        self.verbs: list[str] = []
        self.session: Session = None  # type: ignore[assignment]
        self.cause: HangupCause | None = None

    digits_by = "rfc2833"

    @property
    def media(self) -> Stream | None:
        return self._media

    def attach(self, session: Session) -> None:
        self.session = session

    def invite(self) -> None:
        self.verbs.append("invite")
        self.open_media()
        self.play(self._script)

    def play(self, script: str) -> None:
        """Do the steps of a script, timed from now."""
        for step in script.split():
            what, _, when = step.partition("@")
            self._timers.append(self._switch.loop.call_later(float(when or 0), self.step, what))

    def step(self, what: str) -> None:
        """What the far end does at once."""
        what, _, argument = what.partition(":")
        if what == "ring":
            self.session.on_ringing()
        elif what == "early":
            self.session.on_early_media()
        elif what == "answer":
            self.session.on_answer()
        elif what == "digit":
            for digit in argument:
                self.session.on_digit(digit, 100, "rtp")
        elif what == "hangup":
            self.session.on_hangup(HangupCause.parse(argument or "NORMAL_CLEARING"))
        else:
            raise AssertionError(f"a leg cannot {what}")

    def open_media(self) -> None:
        if self._media is None:
            self._media = self._switch.engine.open_stream("127.0.0.1")

    def ring(self, *, queued: bool = False) -> None:
        self.verbs.append("queue" if queued else "ring")

    def pre_answer(self) -> None:
        self.verbs.append("pre_answer")
        self.open_media()

    def answer(self) -> None:
        self.verbs.append("answer")
        self.open_media()

    def hangup(self, cause: HangupCause) -> None:
        self.verbs.append(f"hangup {cause.name}")
        self.cause = cause
        for timer in self._timers:
            timer.cancel()
        if self._media is not None:
            self._media.close()
            self._media = None

    def hold(self) -> None:
        self.verbs.append("hold")

    def unhold(self) -> None:
        self.verbs.append("unhold")

    def send_digits(self, digits: str, duration_ms: int) -> None:
        self.verbs.append(f"digits {digits} {duration_ms}")

    def redirect(self, target: str) -> None:
        self.verbs.append(f"redirect {target}")

    def respond(self, status: int, phrase: str) -> None:
        self.verbs.append(f"respond {status} {phrase}".rstrip())

    def deflect(self, target: str) -> None:
        self.verbs.append(f"deflect {target}")

    def note_media(self) -> None:
        self.verbs.append("note_media")

    def indicate(self, what: Indication) -> None:
        if not isinstance(what, Display) or what.asked:
            self.verbs.append(repr(what))


class ScriptedEndpoint:
    """``test/<name>`` dials the script that the test put under that name."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.scripts: dict[str, str] = {}
        self.legs: dict[str, ScriptedLeg] = {}
        """The last leg dialled under each name."""

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> tuple[str, ScriptedLeg]:
        name = target.partition("/")[0]
        if name not in self.scripts:
            raise CallFailed(HangupCause.UNALLOCATED_NUMBER, f"no script {name}")
        leg = ScriptedLeg(self._switch, self.scripts[name])
        self.legs[name] = leg
        return f"test/{name}", leg
