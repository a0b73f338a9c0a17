"""``enum.conf``: where numbers are looked up, and what becomes of the URIs that are found."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.params import Unit, param, read_params
from softswitch.config.validators import register_validator
from softswitch.dialplan.pcre import Expression, PatternError, compile_expression


@dataclass(frozen=True, slots=True)
class EnumSettings:
    """``<settings>`` of ``enum.conf``."""

    default_root: str = param("default-root", "e164.org", help="the zone of numbers")
    default_isn_root: str = param(
        "default-isn-root", "freenum.org", help="the zone of numbers such as 1234*256 (ITAD)"
    )
    auto_reload: bool = param("auto-reload", False, help="take the file anew at each reloadxml")
    timeout: float = param(
        "query-timeout", 5.0, unit=Unit.SECONDS, minimum=0.01, help="for one try at a name server"
    )
    timeout_ms: float | None = param(
        "query-timeout-ms",
        None,
        unit=Unit.MILLISECONDS,
        minimum=10,
        help="the same in milliseconds; goes before query-timeout",
    )
    tries: int = param(
        "query-timeout-retry", 3, minimum=1, maximum=20, help="tries at each name server"
    )
    random_nameserver: bool = param(
        "random-nameserver", False, help="ask name servers in random order"
    )
    nameservers: tuple[str, ...] = param(
        "nameserver",
        (),
        aliases=("use-server",),
        help="who is asked in place of the machine's name servers: ADDRESS or ADDRESS:PORT",
    )

    @property
    def patience(self) -> float:
        """Seconds for one try."""
        return self.timeout if self.timeout_ms is None else self.timeout_ms


@dataclass(frozen=True, slots=True)
class Route:
    """What becomes of a URI of a service."""

    service: str
    expression: Expression
    replace: str
    """A dial string with ``$1`` and global variables."""

    @property
    def captures(self) -> bool:
        """Whether groups of the expression are filled in."""
        return self.expression.groups > 0


@dataclass(frozen=True, slots=True)
class EnumFile:
    """All of ``enum.conf``."""

    settings: EnumSettings = field(default_factory=EnumSettings)
    routes: tuple[Route, ...] = ()


def read_file(element: Element | None) -> tuple[EnumFile, list[Finding]]:
    """The settings and routes, and what is wrong with them."""
    written = element.find("settings") if element else None
    settings, findings = read_params(written, EnumSettings)
    for item in written.findall("param") if written else ():
        if item.get("name", "").lower() in ("nameserver", "use-server"):
            address = item.get("value", "")
            if address and server_address(address) is None:
                message = f"{address!r} is no ADDRESS or ADDRESS:PORT of a name server"
                findings.append(item.finding("S402", message, "", attribute="value"))
    routes = []
    block = element.find("routes") if element else None
    for item in block.findall("route") if block else ():
        missing = [name for name in ("service", "regex", "replace") if not item.get(name)]
        if missing:
            message = f"this <route> has no {missing[0]}"
            findings.append(item.finding("S406", message, "", Severity.WARNING))
            continue
        try:
            expression = compile_expression(item.get("regex", ""))
        except PatternError as error:
            message = f"regex={item.get('regex')!r}: {error}"
            findings.append(item.finding("S402", message, "", Severity.WARNING, attribute="regex"))
            continue
        routes.append(Route(item.get("service", ""), expression, item.get("replace", "")))
    return EnumFile(settings, tuple(routes)), findings


def server_address(text: str) -> tuple[str, int] | None:
    """Address and port of a name server as it is written; None where it is no address."""
    text, port = text.strip(), "53"
    if text.startswith("["):
        text, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
    try:
        address = str(ip_address(text))
    except ValueError:
        return None
    if not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65536):
        return None
    return address, int(port)


register_validator(
    "configuration",
    lambda configuration: read_file(configuration.configuration("enum.conf"))[1],
)
