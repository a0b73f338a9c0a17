"""What is wrong with the parameters of SIP profiles; part of ``reloadxml`` and ``check``."""

from __future__ import annotations

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding
from softswitch.config.params import read_params
from softswitch.config.validators import register_validator
from softswitch.endpoints.sip.settings import GatewaySettings, ProfileSettings


def validate_profiles(configuration: Configuration) -> list[Finding]:
    """Unknown names and wrong values of each ``<profile>`` and ``<gateway>``."""
    findings: list[Finding] = []
    element = configuration.configuration("sofia.conf")
    profiles = element.find("profiles") if element else None
    for profile in profiles.findall("profile") if profiles else ():
        findings.extend(read_params(profile.find("settings"), ProfileSettings)[1])
        gateways = profile.find("gateways")
        for gateway in gateways.findall("gateway") if gateways else ():
            findings.extend(read_params(gateway, GatewaySettings)[1])
    return findings


register_validator("configuration", validate_profiles)
