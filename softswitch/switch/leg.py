"""What an endpoint gives the core: a leg. The core knows no other word for SIP.

Verbs are immediate: they send and return. What comes of them is reported through the
session's ``on_…`` methods. A verb that cannot be carried out raises `CallFailed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol

from softswitch.media.engine import Stream
from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.indications import Indication

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch


class Leg(Protocol):
    """One party's connection to the switch."""

    @property
    def media(self) -> Stream | None:
        """The leg's RTP, None while nothing was negotiated (or where it has none)."""

    @property
    def digits_by(self) -> str:
        """How digits reach the far end: ``rfc2833`` inside RTP, ``info``, ``app`` or ``none``."""

    def attach(self, session: Session) -> None:
        """Say whose leg it is; called once, before anything else."""

    def invite(self) -> None:
        """Outbound: start calling. Reports on_ringing, on_early_media, on_answer, on_hangup."""

    def ring(self, *, queued: bool = False) -> None:
        """Inbound: tell the caller that it rings (180) or is queued (182)."""

    def pre_answer(self) -> None:
        """Inbound: open media before the answer (183)."""

    def answer(self) -> None:
        """Inbound: answer; does nothing when answered already."""

    def hangup(self, cause: HangupCause) -> None:
        """End the leg: BYE, CANCEL or the refusal that fits ``cause``; frees its media.

        Called exactly once by the session, even when the far end hung up first.
        """

    def hold(self) -> None:
        """Ask the far end to stop sending."""

    def unhold(self) -> None:
        """Undo `hold`."""

    def send_digits(self, digits: str, duration_ms: int) -> None:
        """Send DTMF to the far end in the way it understands."""

    def redirect(self, target: str) -> None:
        """Inbound, not answered: send the caller elsewhere (302); then hang up follows."""

    def respond(self, status: int, phrase: str) -> None:
        """Refuse with that very status (inbound, not answered)."""

    def deflect(self, target: str) -> None:
        """Answered: ask the far end to call ``target`` instead (REFER)."""

    def note_media(self) -> None:
        """Leave the figures of its media so far in the call's variables."""

    def indicate(self, what: Indication) -> None:
        """Say something to the far end beside the sound; `CallFailed` where it cannot be said."""


class GoneLeg:
    """Stands in for a leg that ended, so that a finished session holds on to nothing."""

    media: Stream | None = None
    digits_by = "none"

    def attach(self, session: Session) -> None: ...
    def hangup(self, cause: HangupCause) -> None: ...

    def note_media(self) -> None:
        """They were left when it ended."""

    def _gone(self, *_: object, **__: object) -> NoReturn:
        raise CallFailed(HangupCause.WRONG_CALL_STATE, "the call is over")

    invite = ring = pre_answer = answer = hold = unhold = _gone
    send_digits = redirect = respond = deflect = indicate = _gone


class Endpoint(Protocol):
    """Maker of legs for one prefix of dial strings."""

    def __init__(self, switch: Switch) -> None: ...

    def dial(
        self,
        target: str,
        profile: CallerProfile,
        parent: Session | None,
        variables: dict[str, str],
    ) -> tuple[str, Leg]:
        """The new leg's channel name and the leg for ``target`` (what follows ``name/``).

        ``variables`` are those of the new leg; the endpoint may add to them. Raises
        `CallFailed` with the cause that FreeSWITCH gives.
        """


class Expanding(Protocol):
    """An endpoint that turns its target into another dial string (``user/``, ``group/``)."""

    def __init__(self, switch: Switch) -> None: ...

    async def expand(self, target: str, parent: Session | None, variables: dict[str, str]) -> str:
        """The dial string that stands for ``target``; may add to the leg's ``variables``.

        Raises `CallFailed` with the cause that FreeSWITCH gives.
        """
