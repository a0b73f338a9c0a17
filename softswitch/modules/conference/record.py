"""The record of a room: who was in it, when and how, who was not let in, what was recorded.

Written when the room ends, in the shape of FreeSWITCH's ``conference_cdr``: a file
``UUID.cdr.xml`` below ``cdr-log-dir``, an event ``conference::cdr``, or both.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.modules.conference.member import Member
    from softswitch.modules.conference.room import Room
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.session import Session

SUBCLASS = "conference::cdr"
FOLDER = "conference_cdr"
"""Below the folder of logs, where ``cdr-log-dir`` is ``auto``."""
LOCKED, FULL, PIN = "conference_locked", "max_members_reached", "invalid_pin"
"""Why somebody was not let in."""
_PROFILE = """username dialplan caller_id_name ani aniii caller_id_number network_addr rdnis
destination_number uuid source context chan_name""".split()
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Stay:
    """One stay of a member in the room, or a recording of it."""

    joined: int
    """Seconds since 1970, as is ``left``."""
    left: int = 0
    member: Member | None = None
    profile: CallerProfile | None = None
    path: str = ""
    """Where it was recorded."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Somebody was not let in."""

    reason: str
    at: int
    profile: CallerProfile


class RoomRecord:
    """Takes notes while a room goes on."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._began = self._ended = self._now()
        self._stays: list[Stay] = []
        self._refusals: list[Refusal] = []
        self.forced = False
        """The room ended because nobody was left whom it existed for."""

    def __repr__(self) -> str:
        return f"<RoomRecord {len(self._stays)} stays, {len(self._refusals)} refused>"

    @property
    def wanted(self) -> bool:
        """Whether anybody asks for it."""
        profile = self._room.profile
        return bool(profile.cdr_log_dir) or profile.cdr_event_mode != "none"

    def joined(self, member: Member) -> None:
        """A member came in."""
        if self.wanted:
            caller = member.session.channel.profile
            self._stays.append(Stay(self._now(), member=member, profile=caller))

    def left(self, member: Member) -> None:
        """A member is gone."""
        for stay in self._stays:
            if stay.member is member:
                stay.left = self._now()

    def recorded(self, path: Path, begun_us: int) -> None:
        """A recording is complete."""
        if self.wanted:
            self._stays.append(Stay(begun_us // 1_000_000, self._now(), path=str(path)))

    def refused(self, session: Session, reason: str) -> None:
        """Somebody was not let in."""
        if self.wanted:
            self._refusals.append(Refusal(reason, self._now(), session.channel.profile))

    def close(self) -> None:
        """The room ends, with all who are in it."""
        self._ended = self._now()
        for stay in self._stays:
            stay.left = stay.left or self._ended

    async def write(self) -> None:
        """Write what is to be written, and tell it."""
        if not self._stays and not self._refusals:
            return
        room, text = self._room, self._text()
        path = self._path()
        if path is not None:
            try:
                await room.switch.loop.run_in_executor(None, _write, path, text)
            except OSError as error:
                room.log.error("the record of the room cannot be written to %s: %s", path, error)
                path = None
        mode = room.profile.cdr_event_mode
        headers = {"CDR-Source": SUBCLASS}
        if mode == "file" and path is not None:
            headers["CDR-Path"] = str(path)
        elif mode != "content":
            return
        if room.switch.bus.wants("CUSTOM"):
            body = text if mode == "content" else ""
            room.switch.bus.publish(Event("CUSTOM", headers, body, SUBCLASS))

    def _path(self) -> Path | None:
        written, switch = self._room.profile.cdr_log_dir, self._room.switch
        if not written:
            return None
        logs = Path(switch.globals.get("log_dir") or switch.folders.data / "log")
        folder = logs / (FOLDER if written.lower() == "auto" else written)
        return folder / f"{self._room.uuid}.cdr.xml"

    def _text(self) -> str:
        room = self._room
        root = ElementTree.Element("cdr")
        conference = ElementTree.SubElement(root, "conference")
        _add(conference, "name", room.name)
        _add(conference, "hostname", room.switch.hostname)
        _add(conference, "rate", str(room.mixer.settings.rate))
        _add(conference, "interval", str(room.mixer.settings.interval_ms))
        _add_time(conference, "start_time", self._began)
        end = _add_time(conference, "end_time", self._ended)
        end.set("endconference_forced", _truth(self.forced))
        members = ElementTree.SubElement(conference, "members")
        # The newest first, as in FreeSWITCH.
        for stay in reversed(self._stays):
            _add_stay(members, stay)
        rejected = ElementTree.SubElement(conference, "rejected")
        for refusal in reversed(self._refusals):
            attempt = ElementTree.SubElement(rejected, "attempt")
            _add(attempt, "reason", refusal.reason)
            _add_time(attempt, "reject_time", refusal.at)
            _add_profile(attempt, refusal.profile)
        ElementTree.indent(root)
        return f'<?xml version="1.0"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'

    def _now(self) -> int:
        return self._room.switch.now_us() // 1_000_000


def _add_stay(members: ElementTree.Element, stay: Stay) -> None:
    kind = "caller" if stay.profile is not None else "recording_node"
    element = ElementTree.SubElement(members, "member", type=kind)
    _add_time(element, "join_time", stay.joined)
    _add_time(element, "leave_time", stay.left)
    member = stay.member
    if member is not None and stay.profile is not None:
        flags = ElementTree.SubElement(element, "flags")
        _add(flags, "is_moderator", _truth(member.moderator))
        _add(flags, "end_conference", _truth("endconf" in member.flags))
        _add(flags, "was_kicked", _truth(member.kicked_sound is not None))
        _add(flags, "is_ghost", _truth(member.ghost))
        _add_profile(element, stay.profile)
    if stay.path:
        _add(element, "record_path", stay.path)


def _add_profile(parent: ElementTree.Element, profile: CallerProfile) -> None:
    element = ElementTree.SubElement(parent, "caller_profile")
    for name in _PROFILE:
        _add(element, name, getattr(profile, name))


def _add_time(parent: ElementTree.Element, name: str, seconds: int) -> ElementTree.Element:
    element = _add(parent, name, str(seconds))
    element.set("type", "UNIX-epoch")
    return element


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = _NOT_IN_XML.sub("?", text)
    return element


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _write(path: Path, text: str) -> None:
    """Who looks into the folder finds whole records alone. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(text, "utf-8")
    os.replace(unfinished, path)
