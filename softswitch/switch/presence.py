"""What a call means for its user's presence, told as PRESENCE_IN as FreeSWITCH tells it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true
from softswitch.switch.causes import HangupCause
from softswitch.switch.states import CallState

if TYPE_CHECKING:
    from softswitch.switch.events import Subscription
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

PRESENCE = ("PRESENCE_IN", "PRESENCE_OUT", "PRESENCE_PROBE")


class PresenceInterest:
    """Whose presence somebody watches, so that all other calls cost nothing."""

    def __init__(self) -> None:
        self.watched: Counter[str] = Counter()
        """How many watch each ``user@domain``, in lower case."""
        self.own: Subscription | None = None
        """The subscription of those who tell watchers: it alone wants nothing of others."""
        self.told = 0

    def __repr__(self) -> str:
        return f"<PresenceInterest {len(self.watched)} watched>"

    def wants(self, switch: Switch, identity: str) -> bool:
        """Whether anybody would hear of that user."""
        if self.watched and identity.lower() in self.watched:
            return True
        return switch.bus.wanted_beside(self.own, "PRESENCE_IN")


def call_changed(session: Session, before: str) -> None:
    """The call state of a channel is another one than ``before``: tell its user's watchers."""
    channel, switch = session.channel, session.switch
    identity = channel.variables.peek("presence_id")
    if not identity or not switch.presence.wants(switch, identity):
        return
    state = channel.callstate
    if (state.name, before) in _SAID:
        return
    status = _STATUS.get(state, state.name)
    if state is CallState.HANGUP and channel.hangup_cause is HangupCause.LOSE_RACE:
        status = "cancelled"
    tell(session, "unknown", status)


_SAID = (("EARLY", "RINGING"), ("ACTIVE", "UNHELD"))
"""States that change nothing for watchers after what was before."""
_STATUS = {
    CallState.RINGING: "CS_ROUTING",
    CallState.EARLY: "CS_ROUTING",
    CallState.ACTIVE: "answered",
    CallState.HELD: "hold",
    CallState.UNHELD: "unhold",
    CallState.HANGUP: "CS_HANGUP",
}
"""The words that FreeSWITCH has for what a call does."""


def tell(session: Session, rpid: str, status: str, identity: str = "") -> None:
    """Publish PRESENCE_IN for a call's ``presence_id``, or for another identity."""
    switch, channel = session.switch, session.channel
    identity = identity or session.get("presence_id") or ""
    if not identity or is_true(session.get("presence_privacy")):
        return
    switch.presence.told += 1
    direction = "outbound" if channel.outbound else "inbound"
    appearance = channel.variables.peek("presence_call_info")
    switch.fire(
        session,
        "PRESENCE_IN",
        {
            "proto": "any",
            "login": "switch.py",
            "from": identity,
            "rpid": rpid or "unknown",
            "status": status,
            "event_type": "presence",
            "alt_event_type": "dialog",
            "presence-call-info-state": info_state(session),
            **({"presence-call-info": appearance} if appearance else {}),
            "presence-call-direction": direction,
            "event_count": str(switch.presence.told),
            "Presence-Calling-File": "presence.py",
            "Presence-Calling-Function": "tell",
            "Presence-Calling-Line": "1",
        },
    )


def info_state(session: Session) -> str:
    """What a call means for its appearance of a shared line, in the words of FreeSWITCH's event."""
    channel = session.channel
    if not channel.up:
        return "idle"
    if channel.callstate is CallState.HELD:
        private = "private" in (channel.variables.peek("presence_call_info") or "").lower()
        return "held-private" if private else "held"
    if channel.answered:
        return "active"
    return "progressing" if channel.outbound else "alerting"
