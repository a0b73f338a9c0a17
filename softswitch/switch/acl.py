"""Access lists: which addresses may do what, by the longest matching prefix (acl.conf)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.config.errors import Finding, Severity
from softswitch.config.host import local_address, local_network
from softswitch.config.params import read_boolean
from softswitch.config.validators import register_validator
from softswitch.directory.lookup import Directory
from softswitch.directory.user import Network, parse_network

Address = IPv4Address | IPv6Address

_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_SHARED = "100.64.0.0/10"
_LOOPBACK = ("127.0.0.0/8", "::1/128")
_NOT_PUBLIC_V4 = (*_PRIVATE, "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16")
_NOT_PUBLIC_V6 = ("::/128", "::1/128", "fc00::/7", "fe80::/10")


@dataclass(frozen=True, slots=True)
class AclResult:
    """Whether an address may, and the directory user (``id@domain``) it is known as, if any."""

    allowed: bool
    token: str = ""


@dataclass(frozen=True, slots=True)
class Ports:
    """The source ports a node is limited to; none are all."""

    single: frozenset[int] = frozenset()
    lowest: int = 0
    highest: int = 0

    def __contains__(self, port: object) -> bool:
        # Port 0 is "not known": FreeSWITCH compares ports only where the caller gives one.
        if not isinstance(port, int) or port == 0:
            return True
        if self.single and port not in self.single:
            return False
        return not (self.lowest or self.highest) or self.lowest <= port <= self.highest


_ALL_PORTS = Ports()


@dataclass(slots=True)
class NetworkList:
    """A named list; the longest prefix decides, then the node added first, then the default."""

    name: str
    default: bool = False
    _tables: dict[int, dict[int, dict[int, list[tuple[AclResult, Ports]]]]] = field(
        default_factory=lambda: {4: {}, 6: {}}
    )
    """IP version → prefix length → prefix → nodes; lengths are kept longest first."""
    _count: int = 0

    def add(
        self, network: Network, allowed: bool, token: str = "", ports: Ports = _ALL_PORTS
    ) -> None:
        """Add a node."""
        table = self._tables[network.version]
        length = network.prefixlen
        if length not in table:
            table[length] = {}
            self._tables[network.version] = dict(sorted(table.items(), reverse=True))
        prefix = int(network.network_address) >> (network.max_prefixlen - length)
        nodes = self._tables[network.version][length].setdefault(prefix, [])
        nodes.append((AclResult(allowed, token), ports))
        self._count += 1

    def check(self, address: Address, port: int = 0) -> AclResult:
        """What the list says of an address and, if it is not 0, a source port."""
        number, bits = int(address), address.max_prefixlen
        for length, prefixes in self._tables[address.version].items():
            for result, ports in prefixes.get(number >> (bits - length), ()):
                if port in ports:
                    return result
        return AclResult(self.default)

    def __repr__(self) -> str:
        return f"<NetworkList {self.name}: {self._count} nodes, default {_word(self.default)}>"


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """The address, an IPv4 one where it is mapped into IPv6; None for what is no address."""
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


class AccessLists:
    """All lists, FreeSWITCH's automatic ones included; ``rebuild`` is ``reloadacl``."""

    def __init__(self, local: IPv4Network | None = None) -> None:
        """``local`` is this machine's own network; it is asked of the system if not given."""
        self._local = local or local_network(local_address())
        self._lists = {lst.name: lst for lst in automatic_lists(self._local)}

    @classmethod
    def from_configuration(
        cls,
        configuration: Configuration,
        directory: Directory,
        local: IPv4Network | None = None,
    ) -> AccessLists:
        """The lists of ``acl.conf`` and the users' addresses of a directory."""
        return cls.from_element(configuration.configuration("acl.conf"), directory, local)

    @classmethod
    def from_element(
        cls, element: Element | None, directory: Directory, local: IPv4Network | None = None
    ) -> AccessLists:
        """The same, of an ``acl.conf`` that is in no file."""
        lists = cls(local)
        lists.rebuild(element, directory)
        return lists

    def rebuild(self, element: Element | None, directory: Directory) -> list[Finding]:
        """Take all lists anew from ``acl.conf``; what is not understood is left out and told."""
        findings: list[Finding] = []
        lists = {lst.name: lst for lst in automatic_lists(self._local)}
        for network_list in _read(element, directory, findings.append):
            lists[network_list.name.lower()] = network_list
        self._lists = lists
        return findings

    def check(self, name: str, ip: str, port: int = 0) -> AclResult:
        """Whether a list, or literal ranges (``10.0.0.0/8,...``), allow an address.

        An unknown list, and what is not an address, are not allowed.
        """
        address = _address(ip)
        if address is None:
            return AclResult(False)
        if found := self._lists.get(name.lower()):
            return found.check(address, port)
        if "/" not in name:
            return AclResult(False)
        networks = (parse_network(text) for text in name.split(","))
        return AclResult(any(network and address in network for network in networks))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._lists

    def __iter__(self) -> Iterator[NetworkList]:
        return iter(self._lists.values())

    def __repr__(self) -> str:
        return f"<AccessLists: {', '.join(self._lists)}>"


def automatic_lists(local: IPv4Network) -> Iterator[NetworkList]:
    """The lists that are there without configuration, for a machine in the network ``local``."""
    yield _list("rfc1918.auto", allow=_PRIVATE)
    yield _list("rfc6598.auto", allow=(_SHARED,))
    # The own network comes first: of equal prefixes the first node decides.
    yield _list("nat.auto", deny=(str(local),), allow=(*_PRIVATE, _SHARED))
    yield _list("localnet.auto", allow=(str(local),))
    yield _list("loopback.auto", allow=_LOOPBACK)
    yield _list("wan.auto", default=True, deny=(*_NOT_PUBLIC_V4, *_NOT_PUBLIC_V6))
    yield _list("wan_v4.auto", deny=_NOT_PUBLIC_V4, allow=("0.0.0.0/0",))
    yield _list("wan_v6.auto", deny=_NOT_PUBLIC_V6, allow=("::/0",))
    yield _list("any_v4.auto", allow=("0.0.0.0/0",))
    yield _list("any_v6.auto", allow=("::/0",))


def _list(
    name: str, *, default: bool = False, deny: Iterable[str] = (), allow: Iterable[str] = ()
) -> NetworkList:
    made = NetworkList(name, default)
    for ranges, allowed in ((deny, False), (allow, True)):
        for text in ranges:
            if network := parse_network(text):
                made.add(network, allowed)
    return made


def _read(
    element: Element | None, directory: Directory, tell: Callable[[Finding], None]
) -> Iterator[NetworkList]:
    lists = element.find("network-lists") if element else None
    seen: set[str] = set()
    for written in lists.findall("list") if lists else ():
        name = written.get("name", "")
        if not name:
            tell(written.finding("A602", "this list has no name", 'write name="..."'))
            continue
        if name.lower() in seen:
            message = f"the list {name!r} stands twice; this one counts"
            tell(written.finding("A601", message, "", Severity.WARNING, attribute="name"))
        seen.add(name.lower())
        made = NetworkList(name, bool(read_boolean(written.get("default", ""))))
        for node in written.findall("node"):
            _add_node(made, node, directory, tell)
        yield made


def _add_node(
    made: NetworkList, node: Element, directory: Directory, tell: Callable[[Finding], None]
) -> None:
    allowed = read_boolean(node.get("type", ""))
    if allowed is None and node.get("type", "").lower() != "deny":
        hint = 'write type="allow" or type="deny"'
        tell(
            node.finding(
                "A602", "this node is taken as deny", hint, Severity.WARNING, attribute="type"
            )
        )
    allowed = bool(allowed)
    ports = _ports(node, tell)
    if ports is None:
        return
    if name := node.get("domain"):
        domain = directory.domain(name)
        if domain is None:
            message = f"there is no domain {name!r} in the directory"
            tell(node.finding("A603", message, "", Severity.WARNING, attribute="domain"))
        for user in domain.users.values() if domain else ():
            for of_user in user.networks:
                made.add(of_user, allowed, str(user), ports)
        return
    if "cidr" in node.attributes:
        attribute, texts = "cidr", node.get("cidr", "").split(",")
    elif "host" in node.attributes:
        mask = node.get("mask")
        attribute, texts = "host", [f"{node.get('host')}/{mask}" if mask else node.get("host", "")]
    else:
        tell(node.finding("A602", "this node names no address", 'write cidr="10.0.0.0/8"'))
        return
    for text in texts:
        if network := parse_network(text):
            made.add(network, allowed, "", ports)
        elif not text.strip():
            hint = "a $${name} that is not set leaves nothing behind"
            tell(
                node.finding(
                    "A602", "this node is empty", hint, Severity.WARNING, attribute=attribute
                )
            )
        else:
            message = f"{text.strip()!r} is no address range"
            tell(node.finding("A602", message, "write 10.0.0.0/8", attribute=attribute))


def _ports(node: Element, tell: Callable[[Finding], None]) -> Ports | None:
    """The ports of a node; None if they cannot be read, since no limit would be too much."""
    numbers: dict[str, list[int]] = {}
    for name in ("port", "ports", "port-min", "port-max"):
        texts = [text.strip() for text in node.get(name, "").split(",") if text.strip()]
        numbers[name] = [int(text) for text in texts if text.isascii() and text.isdigit()]
        if len(numbers[name]) < len(texts):
            message = f"{name} {node.get(name)!r} is not a number"
            tell(node.finding("A602", message, "", attribute=name))
            return None
    lowest = max(numbers["port-min"], default=0)
    highest = max(numbers["port-max"], default=65535 if lowest else 0)
    return Ports(frozenset(numbers["port"] + numbers["ports"]), lowest, highest)


def _word(allowed: bool) -> str:
    return "allow" if allowed else "deny"


def _validate(configuration: Configuration) -> list[Finding]:
    findings: list[Finding] = []
    element = configuration.configuration("acl.conf")
    list(_read(element, Directory.from_configuration(configuration), findings.append))
    return findings


register_validator("configuration", _validate)
