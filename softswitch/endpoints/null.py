"""The endpoint ``null``: somebody who answers, hears nothing and says nothing; for tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_false, is_true
from softswitch.endpoints.loopback import open_media
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.registry import endpoint
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.indications import Indication
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

LONGEST_DELAY_MS = 60_000
"""``null_auto_answer_delay`` counts up to this."""

NOWHERE = ("127.0.0.1", 9)
"""Where its audio goes: the discard port (RFC 863)."""


@endpoint("null", module="mod_loopback")
class NullEndpoint:
    """``null/<anything>`` answers by itself; ``null/cause-<cause>`` fails with that cause.

    ``null_enable_auto_answer=false`` never answers, ``null_auto_answer_delay`` answers after
    milliseconds, ``null_pre_answer=true`` has early media before, ``null_hangup_cause`` fails.
    A caller who dials it is pre-answered unless ``null_no_pre_answer`` is true.
    """

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> tuple[str, NullLeg]:
        cause = variables.get("null_hangup_cause", "")
        if target.lower().startswith("cause-"):
            cause = cause or target[len("cause-") :]
        if cause:
            raise CallFailed(HangupCause.parse(cause), f"null/{target}")
        if parent is not None and not parent.is_true("null_no_pre_answer"):
            parent.spawn(open_media(parent), "pre-answer")
        delay = variables.get("null_auto_answer_delay", "")
        milliseconds = min(int(delay), LONGEST_DELAY_MS) if delay.isdigit() else 0
        return f"null/{target}", NullLeg(
            self._switch,
            answer_after=None
            if is_false(variables.get("null_enable_auto_answer"))
            else milliseconds / 1000,
            pre_answer=is_true(variables.get("null_pre_answer")),
        )


class NullLeg:
    """One such party: its stream sends to nobody and hears nobody."""

    def __init__(self, switch: Switch, *, answer_after: float | None, pre_answer: bool) -> None:
        """``answer_after`` seconds, never with None."""
        self._switch = switch
        self._answer_after = answer_after
        self._pre_answers = pre_answer
        self._timer: asyncio.TimerHandle | None = None
        self._media: Stream | None = None
        self.session: Session = None  # type: ignore[assignment]

    digits_by = "none"

    @property
    def media(self) -> Stream | None:
        return self._media

    def attach(self, session: Session) -> None:
        self.session = session

    def invite(self) -> None:
        try:
            self._media = self._switch.engine.open_stream("127.0.0.1")
        except OSError as error:
            raise CallFailed(HangupCause.DESTINATION_OUT_OF_ORDER, str(error)) from error
        codec = CodecParameters(96, "L16", 8000, 1, 20, "")
        self._media.configure(RtpParameters(NOWHERE, (codec,), symmetric=False))
        if self._pre_answers:
            self.session.on_early_media()
        if self._answer_after is not None:
            self._timer = self._switch.loop.call_later(self._answer_after, self.session.on_answer)

    def hangup(self, cause: HangupCause) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._media is not None:
            self._media.close()
            self._media = None

    def ring(self, *, queued: bool = False) -> None:
        """It was called, and calls nobody: nothing to tell it."""

    def pre_answer(self) -> None:
        """See `ring`."""

    def answer(self) -> None:
        """See `ring`."""

    def hold(self) -> None:
        """It hears nothing anyway."""

    def unhold(self) -> None:
        """See `hold`."""

    def send_digits(self, digits: str, duration_ms: int) -> None:
        """Nobody is there to hear them."""

    def redirect(self, target: str) -> None:
        raise CallFailed(HangupCause.WRONG_CALL_STATE, "null cannot be redirected")

    def respond(self, status: int, phrase: str) -> None:
        raise CallFailed(HangupCause.WRONG_CALL_STATE, "null waits for no response")

    def note_media(self) -> None:
        """Nothing of it is measured."""

    def indicate(self, what: Indication) -> None:
        raise CallFailed(HangupCause.FACILITY_REJECTED, "nobody is there to be told")

    def deflect(self, target: str) -> None:
        raise CallFailed(HangupCause.FACILITY_REJECTED, "null calls nobody")
