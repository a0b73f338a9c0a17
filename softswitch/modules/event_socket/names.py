"""The names of all events, in FreeSWITCH's order, and the lists of them in commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ALL = "ALL"
CUSTOM = "CUSTOM"


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES = _split(
    """CUSTOM CLONE CHANNEL_CREATE CHANNEL_DESTROY CHANNEL_STATE CHANNEL_CALLSTATE CHANNEL_ANSWER
    CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HOLD
    CHANNEL_UNHOLD CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA
    CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_UNPARK CHANNEL_APPLICATION CHANNEL_ORIGINATE CHANNEL_UUID
    API LOG INBOUND_CHAN OUTBOUND_CHAN STARTUP SHUTDOWN PUBLISH UNPUBLISH TALK NOTALK SESSION_CRASH
    MODULE_LOAD MODULE_UNLOAD DTMF MESSAGE PRESENCE_IN NOTIFY_IN PRESENCE_OUT PRESENCE_PROBE
    MESSAGE_WAITING MESSAGE_QUERY ROSTER CODEC BACKGROUND_JOB DETECTED_SPEECH DETECTED_TONE
    PRIVATE_COMMAND HEARTBEAT TRAP ADD_SCHEDULE DEL_SCHEDULE EXE_SCHEDULE RE_SCHEDULE RELOADXML
    NOTIFY PHONE_FEATURE PHONE_FEATURE_SUBSCRIBE SEND_MESSAGE RECV_MESSAGE REQUEST_PARAMS
    CHANNEL_DATA GENERAL COMMAND SESSION_HEARTBEAT CLIENT_DISCONNECTED SERVER_DISCONNECTED SEND_INFO
    RECV_INFO RECV_RTCP_MESSAGE SEND_RTCP_MESSAGE CALL_SECURE NAT RECORD_START RECORD_STOP
    PLAYBACK_START PLAYBACK_STOP CALL_UPDATE FAILURE SOCKET_DATA MEDIA_BUG_START MEDIA_BUG_STOP
    CONFERENCE_DATA_QUERY CONFERENCE_DATA CALL_SETUP_REQ CALL_SETUP_RESULT CALL_DETAIL DEVICE_STATE
    TEXT SHUTDOWN_REQUESTED CERT_RELOAD ALL"""
)
_KNOWN = frozenset(NAMES)
_PREFIX = "SWITCH_EVENT_"

OF_A_CHANNEL = frozenset(
    _split(
        """CHANNEL_ANSWER CHANNEL_APPLICATION CHANNEL_BRIDGE CHANNEL_CREATE CHANNEL_DATA
        CHANNEL_DESTROY CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP
        CHANNEL_HANGUP_COMPLETE CHANNEL_ORIGINATE CHANNEL_UUID CHANNEL_OUTGOING CHANNEL_PARK
        CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_STATE CHANNEL_UNBRIDGE CHANNEL_UNPARK
        DETECTED_SPEECH DTMF NOTALK TALK"""
    )
)
"""What ``myevents`` subscribes to."""


def event_name(word: str) -> str | None:
    """The event a word names, in any case and with or without ``SWITCH_EVENT_``."""
    name = word.upper().removeprefix(_PREFIX)
    return name if name in _KNOWN else None


@dataclass(frozen=True, slots=True)
class Wish:
    """Events by name, and CUSTOM ones by subclass."""

    names: frozenset[str]
    subclasses: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.names or self.subclasses)


def parse_names(words: Iterable[str]) -> Wish:
    """What a list of names asks for. All that follows ``CUSTOM`` is a subclass; what is
    unknown is ignored. A mere ``CUSTOM`` asks for no subclass and is still a wish."""
    names: set[str] = set()
    subclasses: set[str] = set()
    for word in words:
        if CUSTOM in names:
            subclasses.add(word)
        elif (name := event_name(word)) is not None:
            names.add(name)
    return Wish(frozenset(names), frozenset(subclasses))
