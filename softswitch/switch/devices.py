"""What the legs of one device together do: DEVICE_STATE, and CALL_DETAIL after the last.

A leg belongs to the device that ``device_id`` names, of its caller profile or of the variables in
front of its dial string.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from softswitch.switch.channel import Channel, profile_headers
from softswitch.switch.states import CallState

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.events import EventBus

MOST_LEGS = 1000
"""Ended legs that a device without a quiet moment remembers; the oldest are forgotten."""


class DeviceState(Enum):
    """What a device does."""

    DOWN = auto()
    RINGING = auto()
    ACTIVE = auto()
    ACTIVE_MULTI = auto()
    HELD = auto()
    UNHELD = auto()
    HANGUP = auto()


_TALKING = (DeviceState.ACTIVE, DeviceState.ACTIVE_MULTI)
_OWN_COUNTS = (
    CallState.HELD,
    CallState.UNHELD,
    CallState.EARLY,
    CallState.RINGING,
    CallState.RING_WAIT,
    CallState.HANGUP,
    CallState.DOWN,
)
"""Call states that do not count as active."""


@dataclass(slots=True)
class _Leg:
    channel: Channel
    profile: CallerProfile | None = None
    """The caller profile, once the leg is over."""


@dataclass(slots=True)
class Device:
    """The legs of a device since it was last idle."""

    id: str
    legs: list[_Leg] = field(default_factory=list)
    state: DeviceState = DeviceState.DOWN
    told: DeviceState = DeviceState.DOWN
    """The state as it was told last."""
    talking_since: int = 0
    """When it began to talk, in microseconds since 1970."""

    def note(self) -> Counter[CallState | str]:
        """Work out the state; how many legs are in each, ``active``, ``offhook`` and ``hup``."""
        counts: Counter[CallState | str] = Counter()
        rings = False
        for leg in self.legs:
            if leg.profile is not None:
                counts["hup"] += 1
                continue
            counts["offhook"] += 1
            state = leg.channel.callstate
            counts[state] += 1
            counts["active"] += state not in _OWN_COUNTS
            counts["hup"] += state is CallState.HANGUP
            # A device that calls hears it ring; one that is called is DOWN until it answers.
            calling = leg.channel.profile.logical_direction == "inbound"
            rings |= calling and state in (CallState.RINGING, CallState.EARLY)
        if self.state is not DeviceState.HANGUP:
            self.state = self._state(counts, rings or counts[CallState.RING_WAIT] > 0)
        return counts

    def _state(self, counts: Counter[CallState | str], rings: bool) -> DeviceState:
        if not counts["offhook"] or counts["hup"] == len(self.legs):
            return DeviceState.HANGUP
        if counts["active"]:
            return DeviceState.ACTIVE if counts["active"] == 1 else DeviceState.ACTIVE_MULTI
        if rings:
            return DeviceState.RINGING
        if counts[CallState.HELD]:
            return DeviceState.HELD
        return DeviceState.UNHELD if counts[CallState.UNHELD] else DeviceState.DOWN


class Devices:
    """The devices that have calls."""

    def __init__(
        self,
        bus: EventBus,
        publish: Callable[[str, dict[str, str]], None],
        now_us: Callable[[], int],
    ) -> None:
        self._bus, self._publish, self._now_us = bus, publish, now_us
        self._devices: dict[str, Device] = {}
        self._by_uuid: dict[str, Device] = {}
        self._finished: dict[str, Device] = {}
        """Devices by the leg that was their last."""

    def __repr__(self) -> str:
        return f"<Devices {len(self._devices)} with calls>"

    def attach(self, channel: Channel, device_id: str) -> bool:
        """Make a leg one of that device; False where it belongs to one."""
        if channel.uuid in self._by_uuid or not channel.up:
            return False
        device = self._devices.setdefault(device_id, Device(device_id))
        device.legs.append(_Leg(channel))
        self._by_uuid[channel.uuid] = device
        self._tell(device, channel.callstate)
        return True

    def changed(self, channel: Channel) -> None:
        """The call state of a leg changed."""
        if self._by_uuid and (device := self._by_uuid.get(channel.uuid)) is not None:
            self._tell(device, channel.callstate)

    def hung_up(self, channel: Channel) -> None:
        """A leg is over, its hook has run."""
        device = self._by_uuid.pop(channel.uuid, None) if self._by_uuid else None
        if device is None:
            return
        for leg in device.legs:
            if leg.channel is channel:
                leg.profile = channel.profile
        if all(leg.profile is not None for leg in device.legs):
            self._devices.pop(device.id, None)
            self._finished[channel.uuid] = device
        elif len(device.legs) > MOST_LEGS:
            device.legs.remove(next(leg for leg in device.legs if leg.profile is not None))

    def destroyed(self, channel: Channel) -> None:
        """A leg is gone: where it was a device's last, its calls are summed up."""
        device = self._finished.pop(channel.uuid, None) if self._finished else None
        if device is None or not self._bus.wants("CALL_DETAIL"):
            return
        headers = {"Type": "device", "Device-ID": device.id}
        for number, leg in enumerate(device.legs, 1):
            assert leg.profile is not None, "all legs are over"
            headers |= profile_headers(leg.profile, f"Call-{number}")
        self._publish("CALL_DETAIL", headers)

    def _tell(self, device: Device, callstate: CallState) -> None:
        counts = device.note()
        state, before = device.state, device.told
        if state is before and state in (DeviceState.DOWN, DeviceState.HANGUP):
            return
        now, ended = self._now_us(), 0
        if state in _TALKING and not device.talking_since:
            device.talking_since = now
        if device.talking_since and state not in _TALKING and callstate is not CallState.UNHELD:
            ended = now
        since, device.told = device.talking_since, state
        if ended:
            device.talking_since = 0
        if not self._bus.wants("DEVICE_STATE"):
            return
        headers = {
            "Device-ID": device.id,
            "Last-Device-State": before.name,
            "Device-State": state.name,
            "Device-Call-State": callstate.name,
            "Device-Total-Legs": str(len(device.legs)),
            "Device-Legs-Offhook": str(counts["offhook"]),
            "Device-Legs-Ringing": str(counts[CallState.RINGING]),
            "Device-Legs-Early": str(counts[CallState.EARLY]),
            "Device-Legs-Active": str(counts["active"]),
            "Device-Legs-Held": str(counts[CallState.HELD]),
            "Device-Legs-UnHeld": str(counts[CallState.UNHELD]),
            "Device-Legs-Hup": str(counts["hup"]),
            "Device-Talk-Time-Start-Uepoch": str(since),
        }
        if ended:
            headers["Device-Talk-Time-Stop-Uepoch"] = str(ended)
            headers["Device-Talk-Time-Milliseconds"] = str((ended - since) // 1000)
        self._publish("DEVICE_STATE", headers)
