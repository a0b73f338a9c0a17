"""``sofia::bye_response``: what the far end answers to a BYE of ours (fire-bye-response-events).

The call is over by then, so the event has no more of it than its uuid and Call-ID.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.sip.headers import WELL_KNOWN

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.invite_usage import InviteUsage
    from softswitch.sip.message import Response

_TOLD = frozenset(
    """Diversion Flow-Timer History-Info Identity Info-Package Join Max-Breadth
    P-Access-Network-Info P-Called-Party-ID P-Charging-Vector Publication Recv-Info
    Resource-Priority Target-Dialog""".split()
)
"""Headers known here that FreeSWITCH's SIP library does not know: it tells those alone."""
ORDINARY = WELL_KNOWN - _TOLD
"""Headers that FreeSWITCH's SIP library knows, so that no event repeats them."""
_OURS = re.compile("(?i)(event|core|freeswitch)-")
"""Names of what the switch itself says of an event: none of them comes from the network."""


@dataclass(frozen=True, slots=True)
class ByeAnswer:
    """Waits for what the far end of a call that we end says to that."""

    profile: Profile
    uuid: str

    def handle(self, response: Response) -> None:
        """Tell it."""
        told = {"call-id": response.call_id, "Unique-ID": self.uuid}
        for name, value in response.headers.pairs:
            if value and name not in ORDINARY and not _OURS.match(name):
                told.setdefault(name, value)
        self.profile.switch.publish("CUSTOM", told, subclass="sofia::bye_response")


def leave(profile: Profile, usage: InviteUsage, uuid: str) -> None:
    """Let go of a call that is over for us, or wait for the answer to its BYE."""
    if profile.settings.fire_bye_response_events:
        usage.user = ByeAnswer(profile, uuid)
        usage.follows_bye = True
    else:
        usage.user = None
