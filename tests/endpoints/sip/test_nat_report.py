"""What ``softswitch doctor nat`` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.endpoints.sip.nat_report import report
from tests.support.sip_bench import settings_xml

PROVIDERS = {"sip-ip": "10.0.0.5", "disable-register": "true"}


async def say(tmp_path: Path, settings: dict[str, str]) -> tuple[str, bool]:
    """The report on one profile."""
    (tmp_path / "freeswitch.xml").write_text(
        '<document><section name="configuration"><configuration name="sofia.conf"><profiles>'
        f'<profile name="external"><settings>{settings_xml(settings)}</settings></profile>'
        "</profiles></configuration></section></document>"
    )
    return await report(load(tmp_path, {}), {"local_ip_v4": "10.0.0.5"})


async def test_all_is_well_where_both_addresses_are_outside(tmp_path: Path) -> None:
    outside = {"ext-sip-ip": "203.0.113.1", "ext-rtp-ip": "autonat:203.0.113.1"}
    text, well = await say(tmp_path, {**PROVIDERS, **outside, "ext-sip-port": "15060"})
    assert well, text
    assert "listens on 10.0.0.5:5060 (udp, tcp)" in text
    assert "in SIP:  203.0.113.1:15060 (as the setting says)" in text
    assert "in SDP:  203.0.113.1 (as the setting says)" in text
    assert "whoever is in localnet.auto is told 10.0.0.5" in text


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({}, "providers outside of your network cannot send media to 10.0.0.5"),
        ({"ext-sip-ip": "203.0.113.1"}, "media to 10.0.0.5, which is nowhere outside"),
        ({"ext-rtp-ip": "203.0.113.1"}, "answers and BYEs of others go to 10.0.0.5"),
        ({"ext-rtp-ip": "auto-nat"}, "routers are not asked; write stun:<server>"),
        ({"sip-ip": "127.0.0.1"}, "127.0.0.1 is reached from this machine alone: set sip-ip"),
        ({"sip-ip": "::1"}, "::1 is reached from this machine alone: set rtp-ip"),
        ({"rtp-ip": "127.0.0.1"}, "127.0.0.1 is reached from this machine alone: set rtp-ip"),
        (
            {"ext-sip-ip": "127.0.1.1"},
            "look for us at 127.0.1.1, which is themselves: set ext-sip-ip",
        ),
        ({"ext-rtp-ip": "host:::1"}, "look for us at ::1, which is themselves: set ext-rtp-ip"),
        ({"ext-rtp-ip": "stun:127.0.0.1:x"}, "was of no help: 'x' is no port"),
    ],
)
async def test_who_will_hear_nothing_is_told(
    tmp_path: Path, changes: dict[str, str], trouble: str
) -> None:
    text, well = await say(tmp_path, {**PROVIDERS, **changes})
    assert not well
    assert trouble in text


async def test_a_profile_for_phones_in_the_house_is_fine(tmp_path: Path) -> None:
    text, well = await say(tmp_path, {"sip-ip": "0.0.0.0", "auth-calls": "true"})
    assert well, text
    assert "listens on 10.0.0.5:5060" in text


async def test_loopback_is_told_also_where_only_phones_are_served(tmp_path: Path) -> None:
    text, well = await say(tmp_path, {"sip-ip": "127.0.0.1", "auth-calls": "true"})
    assert not well
    assert "reached from this machine alone" in text
