"""What the caller hears while the called legs ring: 180, or a tone of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch.causes import CallFailed

if TYPE_CHECKING:
    from softswitch.switch.session import Session


_WISHES = ("ringback", "transfer_ringback", "bypass_media", "proxy_media")
DEFAULT_NOISE = "400"
"""How faint the noise of ``ringback=silence`` is, as ``silence_stream://`` counts it."""


class Ringback:
    """Ringing handed on to one caller, or played to it where ``ringback`` says so."""

    def __init__(self, parent: Session | None, options: dict[str, str]) -> None:
        self._parent = parent
        self._heard: Session | None = None
        self._ignored = is_true(options.get("ignore_ring_ready"))
        self._instant = is_true(options.get("instant_ringback")) or is_true(
            options.get("ring_ready")
        )
        self._tone = ""
        self._playback: int | None = None
        self._wanted = False
        if parent is not None:
            wishes = parent.pick(_WISHES)
            self._tone = wishes.get("ringback") or ""
            if parent.channel.answered:
                self._tone = wishes.get("transfer_ringback") or self._tone
            elif is_true(wishes.get("bypass_media")) or is_true(wishes.get("proxy_media")):
                # Media of ours now would keep that of the far ends from going past us.
                self._tone = ""

    def begin(self) -> None:
        """The legs start: play at once where ``instant_ringback`` or ``ring_ready`` ask for it."""
        if self._instant and self._tone:
            self._play()

    def rings(self, leg: Session) -> None:
        """A called leg rings, or does as if."""
        parent = self._parent
        self._unhear()
        if parent is None or not parent.channel.up or self._ignored:
            return
        if self._tone:
            self._play()
        elif not parent.channel.answered and not parent.channel.early_media:
            parent.indicate_ringing()

    def hear(self, leg: Session) -> None:
        """A called leg has early media that shall be heard while it rings; the first one is."""
        parent = self._parent
        if parent is not None and parent.channel.up and self._heard is None:
            self._heard = leg
            parent.spawn(self._connect(parent, leg), "early media")

    async def _connect(self, parent: Session, leg: Session) -> None:
        await parent.pre_answer()
        if self._heard is leg and parent.leg.media is not None and leg.leg.media is not None:
            parent.leg.media.connect(leg.leg.media)

    def _unhear(self) -> None:
        """End `hear`."""
        heard, self._heard = self._heard, None
        if heard is None or heard.leg.media is None or heard.leg.media.closed:
            return
        heard.leg.media.disconnect()

    def end(self) -> None:
        """The legs are done: silence."""
        self._wanted = False
        self._unhear()
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
        kind, _, divisor = specification.partition(":")
        if kind.lower() == "silence":
            noise = divisor if divisor.isdigit() and int(divisor) else DEFAULT_NOISE
            specification = f"silence_stream://-1,{noise}"
        elif "/" not in specification:
            specification = f"tone_stream://{specification}"
        try:
            await parent.pre_answer()
            source = await parent.switch.open_source(specification, parent)
        except (CallFailed, OSError, ValueError) as failure:
            parent.log.warning("cannot play the ringback %s: %s", self._tone, failure)
            return
        if self._wanted and parent.channel.up and parent.leg.media is not None:
            self._playback = parent.leg.media.play(source, loops=-1)
        else:
            source.close()
