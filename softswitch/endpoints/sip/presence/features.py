"""Features that phones set by SUBSCRIBE (as-feature-event): do-not-disturb and forwarding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm

if TYPE_CHECKING:
    from softswitch.endpoints.sip.presence.agent import PresenceAgent
    from softswitch.endpoints.sip.presence.watcher import Watcher
    from softswitch.endpoints.sip.profile import Profile
    from softswitch.sip.message import Request

_FEATURE = re.compile(r"<(Set\w{1,40}|\w{1,40}:Set\w{1,40})[\s>]")
_VALUE = re.compile(r"<(?:\w+:)?(doNotDisturbOn|forwardingType|activateForward|forwardDN)>([^<]*)<")


def feature_headers(profile: Profile, watcher: Watcher, request: Request) -> dict[str, str]:
    """What PHONE_FEATURE_SUBSCRIBE says of a SUBSCRIBE and the feature in it."""
    text = request.body.decode("utf-8", "replace")
    headers = {
        "user": watcher.user,
        "host": watcher.domain,
        "profile_name": profile.name,
        "expires": str(watcher.subscription.expires),
        "call-id": request.call_id,
    }
    action = _FEATURE.search(text)
    if action is not None:
        headers["Feature-Action"] = action[1].rpartition(":")[2]
    names = {"forwardingType": "forward_type", "activateForward": "forward_enabled"}
    names |= {"forwardDN": "forward_to", "doNotDisturbOn": "doNotDisturbOn"}
    for name, value in _VALUE.findall(text):
        headers[names[name]] = disarm(value.strip())
    return headers


def feature_change(profile: Profile, watcher: Watcher, request: Request) -> None:
    """A phone sets one of its features by a SUBSCRIBE within its subscription."""
    if request.body:
        headers = feature_headers(profile, watcher, request)
        profile.switch.publish("PHONE_FEATURE_SUBSCRIBE", headers)


def remember_features(agent: PresenceAgent, headers: dict[str, str]) -> None:
    """PHONE_FEATURE: some program knows the features of a phone; who asked for them is told."""
    resource = f"{headers.get('user', '')}@{headers.get('host', '')}".lower()
    states = agent.known(resource).features
    for name, value in headers.items():
        if name in ("doNotDisturbOn", "ringCount") or name.startswith("forward_"):
            states[name] = value
    for watcher in agent.of(resource, "as-feature-event"):
        agent.tell(watcher)
        watcher.profile.pump()
