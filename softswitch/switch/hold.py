"""What the other party hears while one of a bridge holds it: music."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.switch.broadcast import loop_on

if TYPE_CHECKING:
    from softswitch.switch.session import Session


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
