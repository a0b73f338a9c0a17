"""``httapi.conf``: the web servers, and what each may do with calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator
from softswitch.modules.httapi.permissions import Permissions, read_permissions

DEFAULT = "default"
_CURL = "connections are made as curl and xml_curl make them here"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``<params>`` of a profile."""

    place: ClassVar[str] = "<params> of a <profile>"

    url: str = param("gateway-url", "", help="asked first, where the application names no other")
    credentials: str = param("gateway-credentials", "", help="user:password for the server")
    method: str = param("method", "", help="post sends a form; anything else asks by GET")
    timeout: float = param(
        "timeout", 0.0, unit=Unit.SECONDS, minimum=0, help="for an answer; 0 is half a minute"
    )
    connect_timeout: float = param(
        "connect-timeout", 0.0, unit=Unit.SECONDS, minimum=0, help="to reach the server; 0: none"
    )
    check_certificate: bool = param(
        "enable-cacert-check", True, help="believe no unknown certificate"
    )
    post_vars: tuple[str, ...] = param(
        "enable-post-var", (), help="send these parameters and no others"
    )
    user_agent: str = param("user-agent", "", help="told to the server")

    accepted: ClassVar[dict[str, str]] = {
        "auth-scheme": "basic is the one there is",
        "disable-100-continue": "nobody waits for 100 Continue",
        "enable-ssl-verifyhost": "part of enable-cacert-check",
        "cookie-file": "HTTAPI has session_id for that",
        "bind-local": _CURL,
        "ssl-cert-path": _CURL,
        "ssl-key-path": _CURL,
        "ssl-key-password": _CURL,
        "ssl-version": _CURL,
        "ssl-cacert-file": _CURL,
    }


@dataclass(frozen=True, slots=True)
class ConferenceDefaults:
    """``<conference>`` of a profile."""

    place: ClassVar[str] = "<conference> of a <profile>"

    profile: str = param("default-profile", "default", help="the profile of conferences")


@dataclass(frozen=True, slots=True)
class HttapiSettings:
    """``<settings>`` of ``httapi.conf``."""

    also: ClassVar[tuple[type, ...]] = (ServerSettings, ConferenceDefaults)

    debug: bool = param("debug", False, help="log each document")

    accepted: ClassVar[dict[str, str]] = {
        name: "files of web servers are kept as http_cache.conf says"
        for name in ("file-cache-ttl", "abs-file-cache-ttl", "file-not-found-expires")
    }


@dataclass(frozen=True, slots=True)
class Profile:
    """A web server and its rights."""

    name: str
    server: ServerSettings
    permissions: Permissions = field(default_factory=Permissions)
    conference_profile: str = "default"


@dataclass(frozen=True, slots=True)
class HttapiFile:
    """All of ``httapi.conf``."""

    settings: HttapiSettings = field(default_factory=HttapiSettings)
    profiles: dict[str, Profile] = field(default_factory=dict)


def read_file(element: Element | None) -> tuple[HttapiFile, list[Finding]]:
    """The settings and profiles, and what is wrong with them."""
    settings, findings = read_params(element.find("settings") if element else None, HttapiSettings)
    profiles: dict[str, Profile] = {}
    block = element.find("profiles") if element else None
    for item in block.findall("profile") if block else ():
        name = item.get("name", "")
        if not name or name in profiles:
            message = "this <profile> has no name" if not name else f"{name!r} stands twice"
            findings.append(
                item.finding("C306" if not name else "C305", message, "", Severity.WARNING)
            )
            continue
        server, more = read_params(item.find("params"), ServerSettings)
        permissions, wrong = read_permissions(item.find("permissions"))
        conference, odd = read_params(item.find("conference"), ConferenceDefaults)
        profiles[name] = Profile(name, server, permissions, conference.profile)
        findings += [*more, *wrong, *odd]
    return HttapiFile(settings, profiles), findings


register_validator(
    "configuration",
    lambda configuration: read_file(configuration.configuration("httapi.conf"))[1],
)
