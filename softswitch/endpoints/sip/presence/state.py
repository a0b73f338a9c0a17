"""What is known of a watched user: calls, registrations, and what scripts and phones say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch.states import CallState

if TYPE_CHECKING:
    from softswitch.switch.session import Session

MOST_DIALOGS = 64
"""Calls of one user that watchers are told."""
_OVER = ("hangup", "terminated")
_TALKING = ("answered", "confirmed")


@dataclass(frozen=True, slots=True)
class DialogState:
    """One call as the watched user sees it (RFC 4235 §3.4)."""

    uuid: str
    recipient: bool
    """Whether the user was called, not calling."""
    state: str
    """``trying``, ``early``, ``confirmed`` or ``terminated``."""
    name: str = ""
    """The other party."""
    number: str = ""
    call_id: str = ""
    local_tag: str = ""
    """The watched phone's tag."""
    remote_tag: str = ""
    held: bool = False


@dataclass(slots=True)
class Person:
    """What a user, or a program on its behalf, says of it."""

    rpid: str = ""
    status: str = ""
    open: bool | None = None
    """Whether it is to be reached; None where nothing is said."""


@dataclass(slots=True)
class Known:
    """What is known of one watched user beside its channels."""

    person: Person = field(default_factory=Person)
    features: dict[str, str] = field(default_factory=dict)
    """Do-not-disturb and forwarding, as PHONE_FEATURE tells them."""
    others: dict[str, DialogState] = field(default_factory=dict)
    """Dialogs that are no channels of this switch: lots, conferences, keys of scripts."""

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to remember."""
        return not self.others and not self.features and self.person == Person()

    def take(self, headers: Mapping[str, str], *, of_channel: bool) -> None:
        """Take what a PRESENCE_IN says."""
        lower = {name.lower(): value for name, value in headers.items()}
        uuid, answer = lower.get("unique-id", ""), lower.get("answer-state", "").lower()
        if uuid and not of_channel:
            if answer in _OVER or not answer:
                self.others.pop(uuid, None)
            elif uuid in self.others or len(self.others) < MOST_DIALOGS:
                self.others[uuid] = DialogState(
                    uuid,
                    recipient=lower.get("presence-call-direction", "inbound") == "inbound",
                    state="confirmed" if answer in _TALKING else "early",
                    name=lower.get("caller-caller-id-name", ""),
                    number=lower.get("caller-caller-id-number", ""),
                )
        elif not uuid:
            rpid, status = lower.get("rpid", ""), lower.get("status", "")
            self.person = Person("" if rpid == "unknown" else rpid, status, _is_open(lower))


def _is_open(headers: Mapping[str, str]) -> bool | None:
    text = headers.get("presence-open")
    if text is not None:
        return is_true(text)
    status = headers.get("status", "").lower()
    return False if status in ("unregistered", "offline", "closed") else None


def dialog_of(session: Session, *, hold_state: str, hide_early: bool) -> DialogState | None:
    """A channel as its user's watchers see it; None where they shall see nothing."""
    channel, caller = session.channel, session.channel.profile
    if not channel.up:
        return None
    if channel.answered:
        held = channel.callstate is CallState.HELD
        state = hold_state if held and hold_state else "confirmed"
    elif hide_early:
        return None
    else:
        held, state = False, "early"
    if state == "terminated":
        return None
    if channel.outbound:
        name, number = caller.caller_id_name, caller.caller_id_number
    else:
        name, number = caller.callee_id_name, caller.destination_number
    key = getattr(getattr(session.leg, "usage", None), "dialog", None)
    call_id, ours, theirs = key.key if key is not None else ("", "", "")
    return DialogState(
        session.uuid,
        recipient=channel.outbound,
        state=state,
        name=name,
        number=number,
        call_id=call_id,
        local_tag=theirs,
        remote_tag=ours,
        held=held,
    )
