"""Dial strings of ``sofia/``: which leg they make, and which they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.endpoints.sip.leg import SipLeg
from softswitch.switch.caller import CallerProfile
from softswitch.switch.causes import CallFailed
from tests.endpoints.sip.test_endpoint import TRUNK
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import SipBench, sip_bench

pytestmark = pytest.mark.virtual_time

DOWN = (
    '<gateway name="down"><param name="username" value="u"/><param name="password" value="p"/>'
    '<param name="proxy" value="192.0.2.99"/></gateway>'
)


def dial(running: SipBench, target: str) -> tuple[str, SipLeg, dict[str, str]]:
    """The channel name, the leg and the variables of a dial string."""
    variables: dict[str, str] = {}
    name, leg = running.sip.dial(target, CallerProfile(), None, variables)
    return name, leg, variables


def target_of(leg: SipLeg) -> str:
    assert leg.outgoing is not None
    return str(leg.outgoing.target)


@pytest.mark.parametrize(
    ("target", "name", "uri"),
    [
        ("internal/1001@192.0.2.20:5064", "1001@192.0.2.20:5064", "sip:1001@192.0.2.20:5064"),
        ("internal/x@far;transport=tcp", "x@far", "sip:x@far;transport=tcp"),
        ("internal/sip:x@far", "x@far", "sip:x@far"),
        ("internal/a%20b@far", "a%20b@far", "sip:a%20b@far"),
        ("internal/1000", "1000@192.0.2.10:5062", "sip:1000@192.0.2.10:5062"),
        ("internal/1000%example.test", "1000@192.0.2.10:5062", "sip:1000@192.0.2.10:5062"),
    ],
)
async def test_dial_strings_name_their_target(
    tmp_path: Path, target: str, name: str, uri: str
) -> None:
    async with sip_bench(tmp_path) as running:
        running.sip.location.put(replace(HOME, expires=2e9))
        shown, leg, variables = dial(running, target)
        assert shown == f"sofia/internal/{name}"
        assert target_of(leg) == uri
        assert variables["sip_profile_name"] == "internal"


@pytest.mark.parametrize(
    ("target", "to"),
    [
        ("internal/x@far^y", "sip:y@far"),
        ("internal/x@far:5070;transport=tcp^y", "sip:y@far:5070"),
        ("internal/sip:x@far^y@near", "sip:y@near"),
        ("internal/x@far", None),
    ],
)
async def test_a_dial_string_may_name_another_user_in_to(
    tmp_path: Path, target: str, to: str | None
) -> None:
    async with sip_bench(tmp_path) as running:
        _, leg, variables = dial(running, target)
        assert target_of(leg).startswith("sip:x@far")
        assert variables.get("sip_invite_to_uri") == to


@pytest.mark.parametrize(
    ("target", "cause"),
    [
        ("internal", "INVALID_URL"),
        ("internal/", "INVALID_URL"),
        ("nobody/1000@far", "INVALID_PROFILE"),
        ("internal/sip:<@", "INVALID_URL"),
        ("internal/a b@c d", "INVALID_URL"),
        ("internal/1001", "USER_NOT_REGISTERED"),
        ("internal/1001%example.test", "USER_NOT_REGISTERED"),
        ("gateway/nobody/1", "INVALID_GATEWAY"),
        ("gateway/down/1", "GATEWAY_DOWN"),
        ("gateway/trunk/a@b c", "INVALID_URL"),
        ("internal/x@y;fs_path=%3C", "INVALID_URL"),
    ],
)
async def test_dial_strings_that_lead_nowhere(tmp_path: Path, target: str, cause: str) -> None:
    async with sip_bench(tmp_path, gateways=TRUNK + DOWN) as running:
        with pytest.raises(CallFailed) as failure:
            dial(running, target)
        assert failure.value.cause.name == cause


async def test_a_gateway_dials_with_its_variables(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=TRUNK) as running:
        name, leg, variables = dial(running, "gateway/internal::trunk/900;transport=tcp")
        assert name == "sofia/internal/900"
        assert target_of(leg) == "sip:900@192.0.2.20;transport=tcp"
        assert variables == {"out": "1", "both": "1", "sip_gateway_name": "trunk"}
        assert running.profile.gateways["trunk"].calls_out == 1
