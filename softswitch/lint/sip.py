"""Rules about gateways and the passwords that guard the switch."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.lint.rules import Subject, more, params, rule, value

CODES.update(
    {
        "L841": "a password of the event socket is well known",
        "L843": "a user has no password",
        "L844": "a gateway does not say where it is",
        "L852": "two gateways have one name",
    }
)

WELL_KNOWN = frozenset({"cluecon", "1234", "password", "admin", "freeswitch", "softswitch"})
_LOOPBACK = frozenset({"", "127.0.0.1", "::1", "localhost"})


@rule
def event_socket(subject: Subject) -> Iterator[Finding]:
    """A password for the event socket that everybody tries first."""
    settings = params(subject.configuration.configuration("event_socket.conf"), "settings")
    password = value(settings, "password")
    if password.lower() not in WELL_KNOWN:
        return
    outside = value(settings, "listen-ip") not in _LOOPBACK
    yield settings["password"].finding(
        "L841",
        "everybody tries this password of the event socket first",
        "leave it empty to have one made; whoever knows it controls every call",
        Severity.WARNING if outside else Severity.NOTE,
        attribute="name",
    )


@rule
def gateways(subject: Subject) -> Iterator[Finding]:
    """Gateways without an address, or with a name that is taken."""
    names: dict[str, Element] = {}
    for _, gateway in subject.gateways():
        name = gateway.get("name", "")
        first = names.setdefault(name.lower(), gateway)
        if first is not gateway:
            yield gateway.finding(
                "L852",
                f"gateway {name!r} is already in {first.file}:{first.line}, which is called",
                "give it another name",
                Severity.WARNING,
                attribute="name",
            )
        settings = params(gateway)
        if not any(value(settings, item) for item in ("proxy", "realm", "outbound-proxy")):
            yield gateway.finding(
                "L844",
                f"gateway {name!r} has neither proxy nor realm, so its name is its address",
                "write the provider's host as proxy",
                Severity.NOTE if "." in name else Severity.WARNING,
                attribute="name",
            )


@rule
def users(subject: Subject) -> Iterator[Finding]:
    """Users who cannot register since nothing says their password; told once for a domain."""
    for domain in subject.directory:
        without = [
            user
            for user in domain.users.values()
            if not (user.is_pointer or user.password or user.a1_hash or user.networks)
        ]
        if without:
            yield without[0].element.finding(
                "L843",
                f"{without[0]} has no password, so no phone can register{more(len(without))}",
                'write <param name="password" value="..."/>, or a cidr to let an address in',
                Severity.WARNING,
                attribute="id",
            )
