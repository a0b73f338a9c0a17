"""Domains, groups and users of the directory, with their parameters and variables merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from softswitch.config.element import Element

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, eq=False)
class User:
    """A user as calls see it: its own values first, then its group's, then its domain's."""

    id: str
    domain: str
    group: str
    """The group it stands in; empty if it stands in none."""
    params: Mapping[str, str]
    """Parameters, merged, under their names as written; see ``param``."""
    variables: Mapping[str, str]
    """Variables, merged, to be set on the user's channels."""
    profile_variables: Mapping[str, str]
    element: Element = field(repr=False)
    """The ``<user>`` as written."""

    def param(self, name: str, default: str = "") -> str:
        """A parameter's merged value; names are compared without case."""
        return look_up(self.params, name, default)

    def attribute(self, name: str, default: str = "") -> str:
        """An attribute of the ``<user>``, or ``domain-name``."""
        return self.domain if name == "domain-name" else self.element.get(name, default)

    @property
    def password(self) -> str:
        """The password in clear, or nothing."""
        return self.param("password")

    @property
    def a1_hash(self) -> str:
        """MD5 of ``user:realm:password`` in hexadecimal, or nothing (RFC 7616 §3.4.2)."""
        return self.param("a1-hash").lower()

    @property
    def dial_string(self) -> str:
        """How to call the user, not expanded."""
        return self.param("dial-string")

    @property
    def number_alias(self) -> str:
        """Another number that finds this user."""
        return self.element.get("number-alias", "")

    @property
    def context(self) -> str:
        """The dialplan context of the user's calls, or nothing."""
        return self.variables.get("user_context", "")

    @property
    def networks(self) -> tuple[Network, ...]:
        """The address ranges of ``cidr``, those that are valid."""
        return tuple(
            network
            for text in self.element.get("cidr", "").split(",")
            if (network := parse_network(text)) is not None
        )

    @property
    def gateways(self) -> tuple[Element, ...]:
        """The user's ``<gateway>`` elements."""
        gateways = self.element.find("gateways")
        return tuple(gateways.findall("gateway")) if gateways else ()

    @property
    def cache_milliseconds(self) -> int | None:
        """How long a looked-up user may be kept: None is not at all, 0 until it is flushed."""
        text = self.element.get("cacheable", "")
        if text.isdigit():
            return int(text) or None
        return 0 if text.lower() == "true" else None

    @property
    def is_pointer(self) -> bool:
        """It only names a user that stands elsewhere."""
        return is_pointer(self.element)

    def __str__(self) -> str:
        return f"{self.id}@{self.domain}"

    def __repr__(self) -> str:
        return f"<User {self}{f' of {self.group}' if self.group else ''}>"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A named set of users; a pointer in it stands for the user it names."""

    name: str
    domain: str
    members: tuple[User, ...]
    """In the order written; pointers replaced by their users where these exist."""
    params: Mapping[str, str]
    variables: Mapping[str, str]
    element: Element = field(repr=False)

    def param(self, name: str, default: str = "") -> str:
        """The group's own value of a parameter; names are compared without case."""
        return look_up(self.params, name, default)

    def __contains__(self, user: object) -> bool:
        return isinstance(user, User) and any(member.id == user.id for member in self.members)

    def __repr__(self) -> str:
        return f"<Group {self.name}@{self.domain}: {len(self.members)} users>"


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """A domain's users, found by id, by number alias and by address."""

    name: str
    users: Mapping[str, User]
    """By id, in lower case, in the order written."""
    groups: Mapping[str, Group]
    """By name, in lower case."""
    params: Mapping[str, str]
    variables: Mapping[str, str]
    element: Element = field(repr=False)
    aliases: Mapping[str, User] = field(default_factory=dict, repr=False)
    """By id and by number alias, in lower case; the first written wins."""
    addresses: Mapping[str, User] = field(default_factory=dict, repr=False)
    """By the ``ip`` attribute."""

    def user(self, name: str) -> User | None:
        """The user with that id or number alias."""
        return self.aliases.get(name.lower())

    def user_at(self, address: str) -> User | None:
        """The user whose ``ip`` attribute is that address."""
        return self.addresses.get(address)

    def user_by(self, key: str, value: str) -> User | None:
        """The user with that value of an attribute; ``id`` finds number aliases too.

        Of several attributes, as in ``id:mailbox``, the first that finds somebody counts.
        """
        for attribute in key.split(":"):
            if attribute.lower() == "id":
                found = self.user(value)
            else:
                wanted = value.lower()
                found = next(
                    (
                        user
                        for user in self.users.values()
                        if user.element.get(attribute, "").lower() == wanted
                    ),
                    None,
                )
            if found is not None:
                return found
        return None

    def param(self, name: str, default: str = "") -> str:
        """The domain's own value of a parameter; names are compared without case."""
        return look_up(self.params, name, default)

    def group(self, name: str) -> Group | None:
        """The group of that name."""
        return self.groups.get(name.lower())

    def __repr__(self) -> str:
        return f"<Domain {self.name}: {len(self.users)} users, {len(self.groups)} groups>"


def is_pointer(element: Element) -> bool:
    """Whether a ``<user>`` only names a user that stands elsewhere."""
    return element.get("type", "").lower() == "pointer"


def parse_network(text: str) -> Network | None:
    """An address range such as ``10.0.0.0/8`` or a single address; None if it is neither."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def values(element: Element | None, container: str, tag: str) -> dict[str, str]:
    """The names and values of ``<container><tag name="" value=""/></container>``."""
    block = element.find(container) if element else None
    found: dict[str, str] = {}
    for item in block.findall(tag) if block else ():
        if name := item.get("name"):
            found[name] = item.get("value", "")
    return found


def look_up(values: Mapping[str, str], name: str, default: str) -> str:
    """A value by its name, compared without case."""
    if name in values:
        return values[name]
    wanted = name.lower()
    return next((value for key, value in values.items() if key.lower() == wanted), default)


def merge(*levels: Mapping[str, str]) -> dict[str, str]:
    """Values of several levels, the nearest first; names are compared without case."""
    merged: dict[str, str] = {}
    known: set[str] = set()
    for level in levels:
        merged.update((n, v) for n, v in level.items() if n.lower() not in known)
        known.update(name.lower() for name in level)
    return merged
