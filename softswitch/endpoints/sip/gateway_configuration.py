"""Gateways as they are written: in a profile, and inside users of its domains."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from softswitch.config.element import Element
from softswitch.config.params import read_params
from softswitch.endpoints.sip.gateway import Gateway
from softswitch.endpoints.sip.gateway_subscriptions import SubscriptionWish
from softswitch.endpoints.sip.settings import GatewaySettings, SubscriptionSettings
from softswitch.sip.headers import is_token

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile

log = logging.getLogger(__name__)


def read_gateways(profile: Profile, element: Element) -> dict[str, Gateway]:
    """The gateways of a ``<profile>``; one that cannot work is logged and left out."""
    found: dict[str, Gateway] = {}
    for item in (*_children(element, "gateways", "gateway"), *_of_users(profile, element)):
        name = item.get("name", "")
        if name in found:
            continue
        settings, findings = read_params(item, GatewaySettings)
        for finding in findings:
            log.debug("%s", finding)
        inward: dict[str, str] = {}
        outward: dict[str, str] = {}
        for variable in _children(item, "variables", "variable"):
            direction = variable.get("direction", "both")
            pair = {variable.get("name", ""): variable.get("value", "")}
            if direction != "outbound":
                inward.update(pair)
            if direction != "inbound":
                outward.update(pair)
        try:
            found[name] = Gateway(profile, name, settings, inward, outward, _subscriptions(item))
        except ValueError as error:
            log.error("%s:%d: %s", item.file, item.line, error)
    return found


def rescan_gateways(profile: Profile, element: Element) -> None:
    """Start what is new or written otherwise now, stop what is gone; leave the others alone."""
    wanted = read_gateways(profile, element)
    for name, gateway in list(profile.gateways.items()):
        same = wanted.get(name)
        if same is not None and same.is_like(gateway):
            wanted[name] = gateway
        else:
            gateway.remove()
    before = set(profile.gateways.values())
    profile.gateways = wanted
    for gateway in wanted.values():
        if gateway not in before:
            gateway.start()


def _subscriptions(gateway: Element) -> tuple[SubscriptionWish, ...]:
    """What it subscribes to; an element that names no event is left out (S413)."""
    return tuple(
        SubscriptionWish(item.get("event", ""), read_params(item, SubscriptionSettings)[0])
        for item in _children(gateway, "subscriptions", "subscription")
        if is_token(item.get("event", ""))
    )


def _of_users(profile: Profile, element: Element) -> Iterator[Element]:
    """The gateways inside users of the domains with ``parse="true"``."""
    for domain in _children(element, "domains", "domain"):
        if domain.get("parse", "").lower() not in ("true", "yes", "on", "1"):
            continue
        wanted = domain.get("name", "").lower()
        for known in profile.switch.generation.directory:
            if wanted in ("all", known.name.lower()):
                for user in known.users.values():
                    yield from user.gateways


def _children(element: Element, container: str, tag: str) -> Iterator[Element]:
    block = element.find(container)
    if block is not None:
        yield from block.findall(tag)
