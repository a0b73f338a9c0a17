"""The figures of SIP profiles, gateways and registrations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from softswitch.switch.measures import Measure

if TYPE_CHECKING:
    from softswitch.endpoints.sip.endpoint import SipEndpoint


def measures(endpoint: SipEndpoint) -> Iterator[Measure]:
    """Calls and registrations of each profile, and whether each gateway is up."""
    for name, profile in sorted(endpoint.profiles.items()):
        for direction, calls, failed in (
            ("inbound", profile.calls_in, profile.calls_in_failed),
            ("outbound", profile.calls_out, profile.calls_out_failed),
        ):
            labels = {"profile": name, "direction": direction}
            yield Measure("sip_calls_total", "Calls of a profile.", calls, labels, counter=True)
            yield Measure(
                "sip_calls_failed_total", "Calls that failed.", failed, labels, counter=True
            )
        malformed = profile.stack.malformed
        yield Measure(
            "sip_malformed_total",
            "Messages that could not be understood.",
            malformed,
            {"profile": name},
            counter=True,
        )
        count = endpoint.location.counts[name]
        yield Measure("sip_registrations", "Registered contacts.", count, {"profile": name})
        for gateway in profile.gateways.values():
            labels = {"profile": name, "gateway": gateway.name}
            up = "1 while a gateway can be called through."
            yield Measure("sip_gateway_up", up, 1.0 if gateway.up else 0.0, labels)
