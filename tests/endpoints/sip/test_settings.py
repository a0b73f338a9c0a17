"""Parameters of profiles and gateways under the names operators know."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.params import parameters, read_params
from softswitch.endpoints.sip.settings import GatewaySettings, ProfileSettings
from tests.support.sip_bench import settings_xml

REFERENCE = Path(__file__).resolve().parents[3] / "../shared/reference/freeswitch/xml-config.md"


def profile_of(tmp_path: Path, **params: str) -> ProfileSettings:
    """The settings that these parameters give."""
    text = settings_xml({name.replace("_", "-"): value for name, value in params.items()})
    document = f'<document><section name="configuration"><configuration name="x"><settings>{text}'
    (tmp_path / "freeswitch.xml").write_text(
        f"{document}</settings></configuration></section></document>"
    )
    configuration = load(tmp_path, {}).configuration("x")
    assert configuration is not None
    settings, findings = read_params(configuration.find("settings"), ProfileSettings)
    assert not findings, findings
    return settings


@pytest.mark.parametrize(
    ("text", "transports"),
    [
        ("", ("udp", "tcp")),
        ("transport=udp,tcp", ("udp", "tcp")),
        ("transport=tcp", ("tcp",)),
        ("maddr=x; transport=TCP,tls", ("tcp",)),
        ("transport=tls", ("udp",)),
    ],
)
def test_transports(text: str, transports: tuple[str, ...]) -> None:
    assert ProfileSettings(bind_params=text).transports == transports


def test_codecs_of_each_direction() -> None:
    assert ProfileSettings().codecs(inbound=True) == "PCMU,PCMA"
    both = ProfileSettings(codec_prefs=("G722", "PCMA"))
    assert both.codecs(inbound=True) == both.codecs(inbound=False) == "G722,PCMA"
    apart = ProfileSettings(codec_prefs=("G722",), inbound_codec_prefs=("PCMU",))
    assert (apart.codecs(inbound=True), apart.codecs(inbound=False)) == ("PCMU", "G722")


def test_values_are_read_in_their_units(tmp_path: Path) -> None:
    settings = profile_of(
        tmp_path,
        timer_T1="250",
        nonce_ttl="30",
        codec_prefs="G722,PCMU",
        apply_inbound_acl="a",
        inbound_codec_negotiation="greedy",
        max_registrations_per_extension="2",
    )
    assert settings.timer_t1 == 0.25
    assert settings.nonce_ttl == 30.0
    assert settings.codec_prefs == ("G722", "PCMU")
    assert settings.apply_inbound_acl == ("a",)
    assert settings.max_registrations == 2


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference is not here")
def test_the_parameters_of_gateways_are_all_known() -> None:
    names = """register realm proxy from-user from-domain auth-username password extension
    extension-in-contact caller-id-in-from context expire-seconds retry-seconds 908-retry-seconds
    timeout-seconds register-proxy outbound-proxy register-transport contact-host contact-params
    contact-in-ping ping ping-max ping-min ping-user-agent ping-monitoring distinct-to
    destination-prefix rfc-5626 reg-id gw-auth-acl scheme""".split()
    text = REFERENCE.read_text()
    assert all(name in text for name in names)
    known = {item.name for item in parameters(GatewaySettings)} | set(GatewaySettings.accepted)
    assert not set(names) - known


def test_no_parameter_is_both_known_and_without_effect() -> None:
    for settings in (ProfileSettings, GatewaySettings):
        names = {item.name for item in parameters(settings)}
        assert not names & set(settings.accepted)
