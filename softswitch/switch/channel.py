"""A channel: one leg's state, variables, caller profile and times. Data and rules, no tasks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter

from softswitch.switch.caller import FIELDS, CallerProfile
from softswitch.switch.causes import HangupCause
from softswitch.switch.states import CallState, ChannelState, Direction, may_move
from softswitch.switch.variables import Variables

_PROFILE_HEADERS = (
    ("Direction", "direction"),
    ("Logical-Direction", "logical_direction"),
    ("Username", "username"),
    ("Dialplan", "dialplan"),
    ("Caller-ID-Name", "caller_id_name"),
    ("Caller-ID-Number", "caller_id_number"),
    ("Orig-Caller-ID-Name", "orig_caller_id_name"),
    ("Orig-Caller-ID-Number", "orig_caller_id_number"),
    ("Callee-ID-Name", "callee_id_name"),
    ("Callee-ID-Number", "callee_id_number"),
    ("Network-Addr", "network_addr"),
    ("ANI", "ani"),
    ("ANI-II", "aniii"),
    ("Destination-Number", "destination_number"),
    ("Unique-ID", "uuid"),
    ("Source", "source"),
    ("Transfer-Source", "transfer_source"),
    ("Context", "context"),
    ("RDNIS", "rdnis"),
    ("Channel-Name", "chan_name"),
)
_TIME_HEADERS = (
    ("Profile-Created-Time", "profile_created"),
    ("Channel-Created-Time", "created"),
    ("Channel-Answered-Time", "answered"),
    ("Channel-Progress-Time", "progress"),
    ("Channel-Progress-Media-Time", "progress_media"),
    ("Channel-Hangup-Time", "hungup"),
    ("Channel-Transfer-Time", "transferred"),
    ("Channel-Resurrect-Time", "resurrected"),
    ("Channel-Bridged-Time", "bridged"),
    ("Channel-Last-Hold", "last_hold"),
    ("Channel-Hold-Accum", "hold_accum"),
)
_PARTNERS = {"aleg_": "originator", "bleg_": "originatee"}
"""Whose profile names with these prefixes mean."""


class Channel:
    """One leg as the rest of the switch sees it."""

    __slots__ = (
        "_watcher",
        "answered",
        "bridged_to",
        "callstate",
        "direction",
        "early_media",
        "endpoint",
        "external_id",
        "hangup_cause",
        "held",
        "holds",
        "name",
        "originatee",
        "originator",
        "other_profile",
        "outbound",
        "profile",
        "profiles",
        "read_codec",
        "ringing",
        "running_state",
        "state",
        "up",
        "uuid",
        "variables",
        "write_codec",
    )

    def __init__(
        self,
        uuid: str,
        name: str,
        direction: Direction,
        profile: CallerProfile,
        now_us: int,
        watcher: Callable[[Channel, str], None] | None = None,
    ) -> None:
        """``watcher`` is told ``"state"`` and ``"callstate"`` after each change."""
        self.uuid = uuid
        self.name = name
        self.direction = direction
        self.outbound = direction is Direction.OUTBOUND
        self.up = True
        """True until the channel is hung up."""
        self.state = ChannelState.CS_NEW
        self.running_state = ChannelState.CS_NEW
        self.callstate = CallState.DOWN
        self.variables = Variables()
        self.hangup_cause = HangupCause.NONE
        self.answered = False
        self.early_media = False
        self.ringing = False
        self.held = False
        """True while the far end holds us."""
        self.holds: list[tuple[int, int]] = []
        """Begin and end of each hold, in microseconds since 1970."""
        self.external_id = ""
        """A name of its maker's own by which it can be found."""
        self.endpoint = name.split("/", 1)[0]
        self.bridged_to: str | None = None
        self.originator: str | None = None
        self.originatee: str | None = None
        self.other_profile: tuple[str, CallerProfile] | None = None
        self.read_codec: tuple[str, int, int] | None = None
        self.write_codec: tuple[str, int, int] | None = None
        self._watcher = watcher
        profile.uuid = uuid
        profile.chan_name = name
        profile.direction = profile.logical_direction = direction.value
        profile.times.profile_created = profile.times.created = now_us
        self.profile = profile
        self.profiles = [profile]
        """Every caller profile, the newest last."""
        self.variables.load(
            {
                "direction": direction.value,
                "uuid": uuid,
                "call_uuid": uuid,
                "channel_name": name,
            }
        )

    def __repr__(self) -> str:
        return (
            f"<Channel {self.uuid[:8]} {self.name} {self.state.name} {self.callstate.name}"
            f" {self.profile.caller_id_number}->{self.profile.destination_number}>"
        )

    @property
    def initial(self) -> CallerProfile:
        """The profile the channel was made with."""
        return self.profiles[0]

    def move(self, state: ChannelState) -> bool:
        """Request a state; refused silently after hang-up.

        Raises AssertionError on a move that the table of states does not allow.
        """
        if self.state >= ChannelState.CS_HANGUP and state <= self.state:
            return False
        if not may_move(self.state, state):
            raise AssertionError(f"{self!r} may not go to {state.name}")
        self.state = state
        return True

    def hang_up(self, cause: HangupCause) -> bool:
        """Enter CS_HANGUP with that cause; False if it had been hung up before."""
        if self.state >= ChannelState.CS_HANGUP:
            return False
        self.state = ChannelState.CS_HANGUP
        self.up = False
        self.hangup_cause = cause
        return True

    def run(self, state: ChannelState) -> None:
        """Note that the session's task is now in ``state``."""
        self.running_state = state
        if state is ChannelState.CS_ROUTING and not self.outbound and not self.answered:
            self.set_callstate(CallState.EARLY if self.early_media else CallState.RINGING)
        if self._watcher is not None:
            self._watcher(self, "state")

    def set_callstate(self, state: CallState, *, passing: bool = False) -> None:
        """Change the call state; HANGUP is final. One that is ``passing`` lights no lamps."""
        if state is self.callstate or self.callstate is CallState.HANGUP:
            return
        before = self.callstate
        self.callstate = state
        if self._watcher is not None:
            self._watcher(self, f"{'passing' if passing else 'callstate'} {before.name}")

    @property
    def began_bridge(self) -> bool:
        """True on the first leg of a bridge (or of the last one)."""
        return self.other_profile is not None and self.other_profile[0] == "originatee"

    def hold(self, now_us: int) -> None:
        """The far end holds us from now on."""
        self.held = True
        self.profile.times.last_hold = now_us
        self.set_callstate(CallState.HELD)

    def release(self, now_us: int) -> None:
        """A hold, if there is one, is over; its time is added up."""
        if self.held:
            self.held = False
            times = self.profile.times
            times.hold_accum += now_us - times.last_hold
            self.holds.append((times.last_hold, now_us))
            self.set_callstate(CallState.UNHELD)

    @property
    def left_holding(self) -> bool:
        """True if its far end held us when it was hung up."""
        return not self.up and bool(self.holds) and self.holds[-1][1] == self.profile.times.hungup

    def new_profile(self, profile: CallerProfile, now_us: int) -> None:
        """Start a new routing: what happened so far stays with the channel."""
        before = self.profile.times
        before.transferred = now_us
        times = profile.times
        times.profile_created = now_us
        times.created = before.created
        times.answered = before.answered
        times.progress = before.progress
        times.progress_media = before.progress_media
        times.last_hold = before.last_hold
        times.hold_accum = before.hold_accum
        profile.profile_index = self.profile.profile_index + 1
        profile.uuid = self.uuid
        profile.chan_name = self.name
        self.profile = profile
        self.profiles.append(profile)

    def lookup(self, name: str) -> str | None:
        """A variable, else a profile field; ``aleg_``/``bleg_`` name the partner's profile."""
        key = name.lower()
        variables = self.variables
        value = variables.peek(key)
        if value is None and variables.deferred:
            value = variables.get(key)
        if value is not None:
            return value
        profile = self.profile
        if key in FIELDS:
            return profile.field(key)
        if (prefix := key[:5]) in _PARTNERS:
            if self.other_profile is not None and self.other_profile[0] == _PARTNERS[prefix]:
                return self.other_profile[1].field(key[5:])
            return None
        return profile.soft.get(key) if profile.soft else None

    @property
    def call_uuid(self) -> str:
        """The variable of that name: the caller's leg while there is one, else this channel."""
        return self.variables.peek("call_uuid") or self.uuid

    @property
    def answer_state(self) -> str:
        """``hangup answered early ringing``, as events say it."""
        if not self.up:
            return "hangup"
        if self.answered:
            return "answered"
        return "early" if self.early_media else "ringing"

    def event_headers(self, *, variables: bool) -> dict[str, str]:
        """The headers of every channel event, in FreeSWITCH's order."""
        headers = {
            "Channel-State": self.running_state.name,
            "Channel-Call-State": self.callstate.name,
            "Channel-State-Number": str(int(self.state)),
            "Channel-Name": self.name,
            "Unique-ID": self.uuid,
        }
        if self.external_id:
            headers["Session-External-ID"] = self.external_id
        headers |= {
            "Call-Direction": self.direction.value,
            "Presence-Call-Direction": self.direction.value,
            "Channel-HIT-Dialplan": "false" if self.outbound else "true",
        }
        presence = self.variables.get("presence_id")
        if presence:
            headers["Channel-Presence-ID"] = presence
        columns = self.variables.get("presence_data_cols")
        if columns:
            headers["Presence-Data-Cols"] = columns
            for name in columns.split(":"):
                if value := self.lookup(name):
                    headers[f"PD-{name}"] = value
        headers["Channel-Call-UUID"] = self.call_uuid
        headers["Answer-State"] = self.answer_state
        if self.hangup_cause is not HangupCause.NONE:
            headers["Hangup-Cause"] = self.hangup_cause.name
        for side, codec in (("Read", self.read_codec), ("Write", self.write_codec)):
            if codec is not None:
                headers[f"Channel-{side}-Codec-Name"] = codec[0]
                headers[f"Channel-{side}-Codec-Rate"] = str(codec[1])
                headers[f"Channel-{side}-Codec-Bit-Rate"] = str(codec[2])
        headers.update(profile_headers(self.profile, "Caller"))
        if self.other_profile is not None:
            headers["Other-Type"] = self.other_profile[0]
            headers.update(profile_headers(self.other_profile[1], "Other-Leg"))
        if variables:
            header_of = _variable_header
            for name, value in self.variables:
                headers[header_of[name]] = value
        return headers


def profile_headers(profile: CallerProfile, prefix: str) -> dict[str, str]:
    """A caller profile as event headers ``<prefix>-…``; empty texts are left out.

    Of another leg's profile neither its number nor where it was transferred from is told.
    """
    own = prefix in ("Caller", "Hunt")
    fields, times, index, screen, name_hidden, number_hidden = _named(prefix)
    headers = {name: text for name, text in zip(fields, _texts(profile), strict=True) if text}
    if own:
        headers[index] = str(profile.profile_index)
    else:
        headers.pop(f"{prefix}-Transfer-Source", None)
    for name, value in profile.soft.items():
        headers[f"{prefix}-{name}"] = value
    headers.update(zip(times, map(str, _moments(profile.times)), strict=True))
    headers[screen] = "true" if profile.screen_bit else "false"
    headers[name_hidden] = "true" if profile.privacy_hide_name else "false"
    headers[number_hidden] = "true" if profile.privacy_hide_number else "false"
    return headers


_texts = attrgetter(*(field for _, field in _PROFILE_HEADERS))
_moments = attrgetter(*(field for _, field in _TIME_HEADERS))


@lru_cache(maxsize=64)
def _named(prefix: str) -> tuple[tuple[str, ...], tuple[str, ...], str, str, str, str]:
    """The names of a profile's headers: its texts, its times, and each of the others."""
    return (
        tuple(f"{prefix}-{header}" for header, _ in _PROFILE_HEADERS),
        tuple(f"{prefix}-{header}" for header, _ in _TIME_HEADERS),
        f"{prefix}-Profile-Index",
        f"{prefix}-Screen-Bit",
        f"{prefix}-Privacy-Hide-Name",
        f"{prefix}-Privacy-Hide-Number",
    )


class _VariableHeaders(dict[str, str]):
    """The header of each variable. Every event of a call names all of them, those of other calls
    the same ones."""

    MOST = 4096

    def __missing__(self, name: str) -> str:
        if len(self) >= self.MOST:
            self.clear()
        header = self[name] = f"variable_{name}"
        return header


_variable_header = _VariableHeaders()
