"""What is wrong with SIP profiles and gateways; part of ``reloadxml`` and ``check``."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.config.params import read_params
from softswitch.config.validators import register_validator
from softswitch.dialplan.pcre import compile_expression
from softswitch.dialplan.pcre_characters import PatternError
from softswitch.endpoints.sip.gateway import why_unusable
from softswitch.endpoints.sip.settings import (
    GatewaySettings,
    GlobalSettings,
    ProfileSettings,
    SubscriptionSettings,
)
from softswitch.sip.headers import is_token

CODES.update(
    {
        "S412": "two SIP profiles have one name; the first one counts",
        "S409": "two SIP profiles would listen at one address",
        "S410": "a gateway cannot work as it is written",
        "S413": "a subscription of a gateway names no event",
        "S411": "user-agent-filter is no regular expression",
    }
)


def validate_profiles(configuration: Configuration) -> list[Finding]:
    """Unknown names and wrong values of each ``<profile>`` and ``<gateway>``, profiles that would
    listen at one address, and gateways that cannot work.
    """
    findings: list[Finding] = []
    element = configuration.configuration("sofia.conf")
    if element is not None:
        findings += read_params(element.find("global_settings"), GlobalSettings)[1]
    names: dict[str, Element] = {}
    places: dict[tuple[str, int], str] = {}
    for profile in _children(element, "profiles", "profile"):
        name = profile.get("name", "")
        settings, wrong = read_params(profile.find("settings"), ProfileSettings)
        findings += wrong
        if name in names:
            message = f"profile {name} stands twice; the first one counts"
            findings.append(profile.finding("S412", message, "", Severity.WARNING))
            continue
        names[name] = profile
        place = (settings.sip_ip, settings.sip_port)
        if settings.sip_port and place in places:
            where = f"{settings.sip_ip or 'the local address'}:{settings.sip_port}"
            message = f"profile {name} would listen at {where} as {places[place]} does"
            hint = "give it a sip-port of its own"
            findings.append(profile.finding("S409", message, hint, Severity.WARNING))
        places.setdefault(place, name)
        findings += _gateways(profile)
        findings += _filter(profile, settings.user_agent_filter)
    return findings


def _filter(profile: Element, wanted: str) -> Iterator[Finding]:
    try:
        compile_expression(wanted)
    except PatternError as error:
        message = f"user-agent-filter {wanted!r}: {error}"
        yield profile.finding("S411", message, "no phone can register", Severity.WARNING)


def _gateways(profile: Element) -> Iterator[Finding]:
    for gateway in _children(profile, "gateways", "gateway"):
        settings, wrong = read_params(gateway, GatewaySettings)
        yield from wrong
        reason = why_unusable(gateway.get("name", ""), settings)
        if reason:
            yield gateway.finding("S410", reason, "it is left out", Severity.WARNING)
        for subscription in _children(gateway, "subscriptions", "subscription"):
            yield from read_params(subscription, SubscriptionSettings)[1]
            event = subscription.get("event", "")
            if not is_token(event):
                yield subscription.finding(
                    "S413", f"{event!r} is no event", "nobody is asked for it", Severity.WARNING
                )


def _children(element: Element | None, container: str, tag: str) -> list[Element]:
    block = element.find(container) if element is not None else None
    return list(block.findall(tag)) if block is not None else []


register_validator("configuration", validate_profiles)
