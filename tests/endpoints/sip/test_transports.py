"""What a profile cannot serve, and the addresses of its WebSockets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.endpoints.sip.transports import Transports, binding
from tests.support.sip_bench import sip_bench


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tls_only": True, "tls_verify_policy": "maybe"}, "tls-verify-policy: 'maybe'"),
        ({"tls_only": True, "tls_verify_policy": "in"}, "cafile.pem to check clients by"),
        ({"tls_only": True, "tls_ciphers": "NONSENSE"}, "tls-ciphers: none of 'NONSENSE'"),
    ],
)
async def test_what_cannot_be_served_is_said(
    tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    async with sip_bench(tmp_path) as running:
        profile = running.profile
        profile.settings = replace(profile.settings, **changes)  # type: ignore[arg-type]
        with pytest.raises(OSError, match=why):
            await Transports(profile).start()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (":5066", ("192.0.2.1", 5066)),
        ("192.0.2.9:7443", ("192.0.2.9", 7443)),
        ("[::1]:5066", ("::1", 5066)),
    ],
)
def test_bindings(text: str, address: tuple[str, int]) -> None:
    assert binding(text, "192.0.2.1") == address


@pytest.mark.parametrize("text", ["5066", "nowhere", ":", ":x", ":70000", ""])
def test_what_is_no_binding(text: str) -> None:
    with pytest.raises(OSError, match="write :5066 or 192"):
        binding(text, "192.0.2.1")


@pytest.mark.virtual_time
@pytest.mark.parametrize(("wish", "came_from"), [("false", False), ("true", True)])
async def test_a_client_that_does_not_ask_for_it_is_answered_where_it_sends_from(
    tmp_path: Path, wish: str, came_from: bool
) -> None:
    async with sip_bench(tmp_path, profile={"NDLB-force-rport": wish}) as running:
        via = "SIP/2.0/UDP 192.0.2.10:9999;branch=z9hG4bKx"
        running.alice.ask("OPTIONS", "x", Via=via)
        await running.settle()
        assert len(running.alice.received) == came_from
        assert len(running.air.lost) == (not came_from)
