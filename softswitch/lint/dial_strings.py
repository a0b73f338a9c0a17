"""Rules about dial strings: endpoints, profiles, gateways, users and groups that are not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from softswitch import registry
from softswitch.config.errors import CODES, Finding
from softswitch.directory.lookup import Directory
from softswitch.lint.rules import PlacedAction, Subject, each_once, nearest, rule
from softswitch.switch.causes import CallFailed
from softswitch.switch.dialstring import DialedLeg, parse_enterprise

CODES.update(
    {
        "L871": "an endpoint is not known",
        "L872": "a gateway does not exist",
        "L873": "a SIP profile does not exist",
        "L874": "a user does not exist",
        "L875": "a group does not exist",
        "L876": "a dial string is not well formed",
        "L877": "an endpoint of FreeSWITCH is not here",
    }
)

_UNKNOWN = "\ue000"
"""Stands for what is only known during a call."""
_CAPTURE = re.compile(r"\$\d+|\$\{\d+\}")
_FOREIGN = frozenset(
    """verto verto.rtc skinny rtmp freetdm opal alsa signalwire null rtc rtp pickup conference
    modem khomp gsmopen h323 unicall dingaling xmpp portaudio""".split()
)
"""Endpoints of FreeSWITCH that are not here."""


@rule
def dial_strings(subject: Subject) -> Iterator[Finding]:
    """What ``bridge`` would ring, as far as it is written out."""
    yield from each_once(_wrong_legs(subject))


def _wrong_legs(subject: Subject) -> Iterator[Finding]:
    known = _Known(subject)
    for action in subject.actions:
        if action.application.lower() != "bridge" or not action.data.strip():
            continue
        text = without_references(action.data)
        try:
            strings = parse_enterprise(text)
        except CallFailed as refused:
            if text.strip(_UNKNOWN + " "):
                reason = str(refused).replace(_UNKNOWN, "...")
                yield action.finding("L876", f"this rings nobody: {reason}")
            continue
        told: set[str] = set()
        for leg in (leg for s in strings for group in s.groups for leg in group):
            found = known.look(action, leg)
            if found is not None and found.message not in told:
                told.add(found.message)
                yield found


def without_references(text: str) -> str:
    """``text`` with one character in place of each ``${...}`` and ``$1``."""
    text = _CAPTURE.sub(_UNKNOWN, text)
    output, position = [], 0
    while (start := text.find("${", position)) >= 0:
        output.append(text[position:start])
        depth, end = 1, start + 2
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        output.append(_UNKNOWN)
        position = end
    return "".join([*output, text[position:]])


class _Known:
    """The names that dial strings may use."""

    def __init__(self, subject: Subject) -> None:
        self.directory: Directory = subject.directory
        self.domain = subject.configuration.globals.get("domain", "")
        self.gateways = {gateway.get("name", "") for _, gateway in subject.gateways()}
        self.gateways.update(
            gateway.get("name", "")
            for domain in subject.directory
            for user in domain.users.values()
            for gateway in user.gateways
        )
        self.profiles: set[str] = set()
        for profile in subject.profiles():
            self.profiles.add(profile.get("name", ""))
            for tag in ("alias", "domain"):
                self.profiles.update(item.get("name", "") for item in profile.iter(tag))
        self.profiles.update(domain.name for domain in subject.directory)

    def look(self, action: PlacedAction, leg: DialedLeg) -> Finding | None:
        """What is wrong with one leg."""
        if _UNKNOWN in leg.endpoint:
            return None
        name = leg.endpoint.lower()
        if name in ("sofia", "sip"):
            return self._sip(action, leg.target)
        if name == "user":
            return self._user(action, leg.target)
        if name == "group":
            return self._group(action, leg.target)
        if name in registry.endpoint:
            return None
        if name in _FOREIGN:
            message = f"the endpoint {name!r} of FreeSWITCH is not here"
            return action.finding("L877", message, "such a leg fails with CHAN_NOT_IMPLEMENTED")
        message = f"there is no endpoint {leg.endpoint!r}"
        hint = nearest(name, [entry.name for entry in registry.endpoint])
        return action.finding("L871", message, hint or "write sofia/..., user/... or group/...")

    def _sip(self, action: PlacedAction, target: str) -> Finding | None:
        first, _, rest = target.partition("/")
        if first.lower() == "gateway":
            gateway = rest.partition("/")[0].rpartition("::")[2]
            if _UNKNOWN in gateway or gateway in self.gateways:
                return None
            hint = nearest(gateway, self.gateways) or _listed("gateways", self.gateways)
            return action.finding("L872", f"there is no gateway {gateway!r}", hint)
        if _UNKNOWN in first or first.lower() in {item.lower() for item in self.profiles}:
            return None
        hint = nearest(first, self.profiles) or _listed("profiles", self.profiles)
        return action.finding("L873", f"there is no SIP profile {first!r}", hint)

    def _user(self, action: PlacedAction, target: str) -> Finding | None:
        name, _, domain = target.partition("@")
        domain = domain or self.domain
        if _UNKNOWN in target or self.directory.user(name, domain) is not None:
            return None
        return action.finding(
            "L874", f"there is no user {name!r} in domain {domain!r}", self._near(domain, "users")
        )

    def _group(self, action: PlacedAction, target: str) -> Finding | None:
        name, _, domain = target.partition("+")[0].partition("@")
        domain = domain or self.domain
        if _UNKNOWN in name + domain or self.directory.group(name, domain) is not None:
            return None
        return action.finding(
            "L875", f"there is no group {name!r} in domain {domain!r}", self._near(domain, "groups")
        )

    def _near(self, domain: str, what: str) -> str:
        found = self.directory.domain(domain)
        if found is None:
            return _listed("domains", {item.name for item in self.directory})
        if what == "groups":
            return _listed("groups", {group.name for group in found.groups.values()})
        return f"the domain has {len(found.users)} users"


def _listed(what: str, names: set[str]) -> str:
    return f"{what} are {', '.join(sorted(names))}" if names else f"there are no {what}"
