"""What the caller hears while the called legs ring: 180, or a tone of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch.causes import CallFailed

if TYPE_CHECKING:
    from softswitch.switch.session import Session


class Ringback:
    """Ringing handed on to one caller, or played to it where ``ringback`` says so."""

    def __init__(self, parent: Session | None, options: dict[str, str]) -> None:
        self._parent = parent
        self._ignored = is_true(options.get("ignore_ring_ready"))
        self._instant = is_true(options.get("instant_ringback"))
        self._tone = ""
        self._playback: int | None = None
        self._wanted = False
        if parent is not None:
            self._tone = parent.get("ringback") or ""
            if parent.channel.answered:
                self._tone = parent.get("transfer_ringback") or self._tone

    def begin(self) -> None:
        """The legs start: play at once where ``instant_ringback`` asks for it."""
        if self._instant and self._tone:
            self._play()

    def rings(self, leg: Session) -> None:
        """A called leg rings, or does as if."""
        parent = self._parent
        if parent is None or not parent.channel.up or self._ignored:
            return
        if self._tone:
            self._play()
        elif not parent.channel.answered and not parent.channel.early_media:
            parent.indicate_ringing()

    def end(self) -> None:
        """The legs are done: silence."""
        self._wanted = False
        parent = self._parent
        if self._playback is not None and parent is not None and parent.leg.media is not None:
            parent.leg.media.stop(self._playback)
        self._playback = None

    def _play(self) -> None:
        parent = self._parent
        if parent is None or self._wanted:
            return
        self._wanted = True
        parent.spawn(self._start(parent), "ringback")

    async def _start(self, parent: Session) -> None:
        specification = self._tone
        if "/" not in specification:
            specification = f"tone_stream://{specification}"
        try:
            await parent.pre_answer()
            if self._tone.startswith("silence"):
                return
            source = await parent.switch.open_source(specification, parent)
        except (CallFailed, OSError, ValueError) as failure:
            parent.log.warning("cannot play the ringback %s: %s", self._tone, failure)
            return
        if self._wanted and parent.channel.up and parent.leg.media is not None:
            self._playback = parent.leg.media.play(source, loops=-1)
        else:
            source.close()
