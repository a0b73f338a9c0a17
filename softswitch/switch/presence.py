"""What a call means for its user's presence, told as PRESENCE_IN as FreeSWITCH tells it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import is_true

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


def call_changed(session: Session) -> None:
    """The call state of a channel changed: tell its user's watchers."""
    variables = session.channel.variables
    identity = variables.peek("presence_id")
    switch = session.switch
    if identity and switch.presence.wants(switch, identity):
        tell(session, "unknown", session.channel.callstate.name)


def tell(session: Session, rpid: str, status: str, identity: str = "") -> None:
    """Publish PRESENCE_IN for a call's ``presence_id``, or for another identity."""
    switch, channel = session.switch, session.channel
    identity = identity or session.get("presence_id") or ""
    if not identity or is_true(session.get("presence_privacy")):
        return
    switch.presence.told += 1
    direction = "outbound" if channel.outbound else "inbound"
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
            "event_count": str(switch.presence.told),
            "channel-state": channel.state.name,
            "answer-state": channel.answer_state,
            "presence-call-direction": direction,
            "presence-call-info-state": _INFO_STATES.get(channel.callstate.name, "idle"),
        },
    )


_INFO_STATES = {
    "RINGING": "alerting",
    "EARLY": "progressing",
    "ACTIVE": "active",
    "HELD": "held",
    "UNHELD": "active",
    "RING_WAIT": "active",
}
