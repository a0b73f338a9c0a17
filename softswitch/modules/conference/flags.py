"""The flags of members and of rooms, as profiles, dial strings and variables write them."""

from __future__ import annotations

from collections.abc import Iterable

SEPARATOR = "|"

MEMBER = frozenset(
    """mute deaf moderator nomoh endconf mandatory_member_endconf mintwo mute-detect dist-dtmf
    ghost join-only waste talk-data-events positional no-positional""".split()
)
"""Flags of a member that do something."""
MEMBER_IDLE = frozenset(
    """vmute blind skip-dtmf video-bridge flip-video rotate-video mirror-video join-vid-floor
    no-video-blanks no-minimize-encoding second-screen none""".split()
)
"""Flags of a member that are known and change nothing: there are no videos, digits that another
member should have skipped go nowhere, and ``none`` is FreeSWITCH's example for having no flag."""
ROOM = frozenset("wait-mod audio-always restart-auto-record auto-3d-position".split())
"""Flags of a room that do something."""
ROOM_IDLE = frozenset(
    """video-floor-only video-bridge video-bridge-first-two video-required-for-canvas
    video-mute-exit-canvas video-muxing-personal-canvas manage-inbound-video-bitrate
    minimize-video-encoding transcode-video ded-vid-layer-audio-floor json-events livearray-sync
    livearray-json-status rfc-4579 breakable mute-detect""".split()
)
"""Flags of a room that are known and change nothing here."""


def split(text: str | None) -> frozenset[str]:
    """The words of ``a|b``, in lower case."""
    return frozenset(word.strip().lower() for word in (text or "").split(SEPARATOR) if word.strip())


def unknown(words: Iterable[str], known: frozenset[str]) -> list[str]:
    """Those of the words that are not known, in order of the alphabet."""
    return sorted(set(words) - known)
