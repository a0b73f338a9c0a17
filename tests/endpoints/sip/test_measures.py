from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

from softswitch.endpoints.sip.measures import measures


def test_profiles_gateways_and_registrations_have_figures() -> None:
    gateways = {
        "up": SimpleNamespace(name="up", up=True),
        "down": SimpleNamespace(name="down", up=False),
    }
    stack = SimpleNamespace(malformed=6)
    profile = SimpleNamespace(
        calls_in=5,
        calls_in_failed=1,
        calls_out=3,
        calls_out_failed=2,
        gateways=gateways,
        stack=stack,
    )
    endpoint: Any = SimpleNamespace(
        profiles={"internal": profile}, location=SimpleNamespace(counts=Counter(internal=4))
    )
    found = {
        (one.name, *one.labels.values()): (one.value, one.counter) for one in measures(endpoint)
    }
    assert found == {
        ("sip_calls_total", "internal", "inbound"): (5, True),
        ("sip_calls_failed_total", "internal", "inbound"): (1, True),
        ("sip_calls_total", "internal", "outbound"): (3, True),
        ("sip_calls_failed_total", "internal", "outbound"): (2, True),
        ("sip_malformed_total", "internal"): (6, True),
        ("sip_registrations", "internal"): (4, False),
        ("sip_gateway_up", "internal", "up"): (1, False),
        ("sip_gateway_up", "internal", "down"): (0, False),
    }
