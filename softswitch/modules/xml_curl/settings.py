"""``xml_curl.conf``: which servers are asked about which sections, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from softswitch.config.document import SECTIONS, Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator

LONGEST = 30.0
"""Seconds that a binding with a timeout of 0 waits: SIP transactions last no longer."""
_WORDS = {("config" if name == "configuration" else name): name for name in SECTIONS}


@dataclass(frozen=True, slots=True)
class BindingSettings:
    """How one server is asked."""

    place: ClassVar[str] = "<binding> of <bindings>"

    url: str = param("gateway-url", "", help="where to ask: http:, https: or file:")
    credentials: str = param("gateway-credentials", "", help="user:password for the server")
    auth_scheme: str = param(
        "auth-scheme",
        "basic",
        choices=("basic", "digest", "any"),
        help="how to log in; any answers whatever the server asks for",
    )
    method: str = param("method", "POST", choices=("POST", "GET"), help="of the request")
    timeout: float = param(
        "timeout",
        5.0,
        minimum=0,
        unit=Unit.SECONDS,
        help=f"longest wait for an answer; 0 is {LONGEST:g}",
    )
    dynamic_url: bool = param(
        "use-dynamic-url", False, help="replace ${name} in gateway-url from what is sent"
    )
    post_variables: tuple[str, ...] = param(
        "enable-post-var", (), help="the only headers to send; all if none is named"
    )
    response_max_bytes: int = param(
        "response-max-bytes", 1024 * 1024, minimum=1024, help="longer answers are refused"
    )
    check_certificate: bool = param(
        "enable-cacert-check", True, help="refuse servers with an unknown certificate"
    )
    check_host: bool = param(
        "enable-ssl-verifyhost", True, help="refuse certificates of other hosts"
    )
    ca_file: str = param("ssl-cacert-file", "", help="certificates to trust instead of usual ones")
    certificate: str = param("ssl-cert-path", "", help="our own certificate")
    key: str = param("ssl-key-path", "", help="its key")
    key_password: str = param("ssl-key-password", "", help="what opens the key")
    bind_local: str = param("bind-local", "", help="the own address to ask from")
    accepted: ClassVar[tuple[str, ...]] = (
        "cookie-file", "disable-100-continue", "ssl-version",
    )  # fmt: skip

    @property
    def patience(self) -> float:
        """Seconds to wait for an answer."""
        return self.timeout or LONGEST


@dataclass(frozen=True, slots=True)
class NamedBinding:
    """One ``<binding>``; no sections means all."""

    name: str
    sections: frozenset[str]
    settings: BindingSettings


def read_bindings(configuration: Configuration) -> tuple[list[NamedBinding], list[Finding]]:
    """The bindings in order, and what is wrong with them; one without URL is left out."""
    element = configuration.configuration("xml_curl.conf")
    block = element.find("bindings") if element else None
    bindings: list[NamedBinding] = []
    findings: list[Finding] = []
    for written in block.findall("binding") if block else ():
        settings, wrong = read_params(written, BindingSettings)
        findings += wrong
        urls = [item for item in written.findall("param", name="gateway-url") if item.get("value")]
        if not urls:
            message = "this binding has no gateway-url, so nothing is asked"
            findings.append(written.finding("S406", message, "", Severity.WARNING))
            continue
        # As of the value, the last one counts.
        sections = _sections(urls[-1], findings)
        if _check(urls[-1], findings) and sections is not None:
            bindings.append(NamedBinding(written.get("name", ""), sections, settings))
    return bindings, findings


def _sections(item: Element, findings: list[Finding]) -> frozenset[str] | None:
    """What ``bindings`` names, as FreeSWITCH finds it anywhere in the text; None for nothing."""
    text = item.get("bindings", "").lower()
    found = frozenset(name for word, name in _WORDS.items() if word in text)
    if text and not found:
        message = f"bindings={text!r} names no section"
        hint = f"known: {'|'.join(SECTIONS)}"
        findings.append(item.finding("S402", message, hint, attribute="bindings"))
        return None
    return found


def _check(item: Element, findings: list[Finding]) -> bool:
    url = item.get("value", "")
    try:
        parts = urlsplit(url)
        right = parts.scheme == "file" or (parts.scheme in ("http", "https") and parts.hostname)
    except ValueError:
        right = False
    if not right:
        message = f"{url!r} is no http:, https: or file: URL"
        findings.append(item.finding("S402", message, attribute="value"))
    return bool(right)


register_validator("configuration", lambda configuration: read_bindings(configuration)[1])
