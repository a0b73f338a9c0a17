"""What a hold does to the other party of a bridge: music, and recordings that go over to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch import recording
from softswitch.switch.broadcast import loop_on

if TYPE_CHECKING:
    from softswitch.switch.session import Session


def flip_recordings(holder: Session) -> None:
    """Let the holder's recordings go on with its partner, if ``flip_record_on_hold`` says so."""
    peer = holder.peer
    if holder.recordings and peer is not None and holder.is_true("flip_record_on_hold"):
        holder.spawn(recording.follow_transfer(holder, peer), "flip_record_on_hold")


def play_hold_music(holder: Session) -> None:
    """Play to the holder's partner until it is taken back, or one of them goes elsewhere.

    What is heard is ``temp_hold_music``, else ``hold_music``, of the holder; ``silence`` is none.
    """
    peer = holder.peer
    music = holder.get("temp_hold_music") or holder.get("hold_music") or ""
    if peer is None or not music or music.lower() == "silence":
        return
    if peer.leg.media is None:
        # Its media goes past the switch: what cannot be played must not end the call.
        holder.log.debug("no hold music: media goes past the switch")
        return
    task = loop_on(peer, music)

    def stop(_: Session, what: str) -> None:
        if what in ("unhold", "hangup", "moved"):
            task.cancel()

    def forget(_: object) -> None:
        for each in (holder, peer):
            each.unwatch(stop)

    for each in (holder, peer):
        each.watchers.append(stop)
    task.add_done_callback(forget)
