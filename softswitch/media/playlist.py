"""A source of several parts while it plays: the engine plays one part after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from softswitch.media.events import PlaybackFinished
from softswitch.media.interface import NativeSource


@dataclass(slots=True)
class Playlist:
    """A source of several parts while it plays. Its number is that of the first part."""

    number: int
    parts: tuple[NativeSource, ...]
    loops: int
    play: Callable[..., int]
    """Has the engine play a part, as the first one was played; returns its number of it."""
    position: int = 0
    samples: int = 0
    played: bool = False
    """Whether any part of this round could be played."""
    ended: bool = False
    """It was stopped or replaced while the engine was between two parts."""

    def next_part(self) -> NativeSource | None:
        """Go on to the next part; None behind the last one of the last loop."""
        self.position += 1
        if self.position == len(self.parts):
            self.position = 0
            self.loops -= self.loops > 0
            if self.loops == 0 or not self.played:
                return None
            self.played = False
        return self.parts[self.position]

    def after(self, event: PlaybackFinished) -> NativeSource | PlaybackFinished:
        """What follows when a part has ended: the next part, or the end of the whole."""
        self.samples += event.samples
        self.played |= event.reason == "done"
        event = replace(event, playback=self.number, samples=self.samples)
        if self.ended or event.reason == "stopped":
            return replace(event, reason="stopped")
        return self.next_part() or event


def find_offset(parts: tuple[NativeSource, ...], offset_ms: int) -> tuple[int, int]:
    """The part an offset falls into, and the offset within that part."""
    for index, part in enumerate(parts):
        if part.milliseconds is None or offset_ms < part.milliseconds:
            return index, offset_ms
        offset_ms -= part.milliseconds
    return len(parts) - 1, parts[-1].milliseconds or 0
