"""The caller profile: who calls whom, from where, and when things happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from softswitch.dialplan.hunt import PlannedAction

FIELDS = frozenset(
    """dialplan username caller_id_name caller_id_number orig_caller_id_name
    orig_caller_id_number callee_id_name callee_id_number ani aniii network_addr rdnis
    destination_number uuid source transfer_source context chan_name profile_index
    caller_ton caller_numplan destination_number_ton destination_number_numplan ani_ton
    ani_numplan rdnis_ton rdnis_numplan screen_bit privacy_hide_name privacy_hide_number
    profile_created_time created_time answered_time progress_time progress_media_time
    hungup_time transferred_time""".split()
)
"""Names that a dialplan condition or ``${name}`` may use."""


@dataclass(slots=True)
class Times:
    """Moments of one caller profile in microseconds since 1970; 0 = has not happened."""

    profile_created: int = 0
    created: int = 0
    answered: int = 0
    progress: int = 0
    progress_media: int = 0
    hungup: int = 0
    transferred: int = 0
    resurrected: int = 0
    bridged: int = 0
    last_hold: int = 0
    hold_accum: int = 0


@dataclass(slots=True)
class CallerProfile:
    """One routing attempt of a channel; a transfer makes a new one.

    Empty names stay empty, an empty number becomes ``0000000000``, an empty ANI the
    caller's number and an empty context ``default``, as callers' dialplans expect.
    """

    destination_number: str = ""
    caller_id_name: str = ""
    caller_id_number: str = ""
    context: str = "default"
    dialplan: str = "XML"
    username: str = ""
    network_addr: str = ""
    ani: str = ""
    aniii: str = ""
    rdnis: str = ""
    source: str = ""
    transfer_source: str = ""
    orig_caller_id_name: str = ""
    orig_caller_id_number: str = ""
    callee_id_name: str = ""
    callee_id_number: str = ""
    uuid: str = ""
    chan_name: str = ""
    direction: str = "inbound"
    logical_direction: str = "inbound"
    privacy_hide_name: bool = False
    privacy_hide_number: bool = False
    screen_bit: bool = True
    profile_index: int = 1
    times: Times = field(default_factory=Times)
    soft: dict[str, str] = field(default_factory=dict)
    """Further names set by ``set_profile_var``."""
    route: tuple[str, tuple[PlannedAction, ...]] | None = field(default=None, repr=False)
    """The extension that a hunt found for it, with its actions (for the call's record)."""

    def __post_init__(self) -> None:
        self.caller_id_number = self.caller_id_number or "0000000000"
        self.ani = self.ani or self.caller_id_number
        self.context = self.context or "default"
        self.orig_caller_id_name = self.orig_caller_id_name or self.caller_id_name
        self.orig_caller_id_number = self.orig_caller_id_number or self.caller_id_number

    def field(self, name: str) -> str | None:
        """The value of a profile field (any case), or None if there is no such field."""
        name = name.lower()
        if name not in FIELDS:
            return self.soft.get(name)
        value = getattr(self, name, None)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        if name.endswith("_time"):
            return str(getattr(self.times, name.removesuffix("_time")))
        return ""

    def set_field(self, name: str, value: str) -> None:
        """Set a text field, or a soft variable where there is no such field."""
        name = name.lower()
        if name in FIELDS and isinstance(getattr(self, name, None), str):
            setattr(self, name, value)
        elif name in ("privacy_hide_name", "privacy_hide_number", "screen_bit"):
            setattr(self, name, value.lower() in ("true", "yes", "on", "1"))
        else:
            self.soft[name] = value

    def clone(self, **changes: object) -> CallerProfile:
        """A copy with fresh times and soft variables, for a new leg or a new routing."""
        copy = replace(self, **changes)  # type: ignore[arg-type]
        if "times" not in changes:
            copy.times = Times()
        copy.route = None
        copy.soft = dict(self.soft)
        return copy
