"""The directory of one configuration: domains, users and groups, found by dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from softswitch.config.document import Configuration
from softswitch.config.element import Element
from softswitch.directory.user import Domain, Group, User, merge, values


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """All domains of one generation; build it once for each and throw it away with it."""

    domains: Mapping[str, Domain] = field(default_factory=dict)
    """By name, in lower case, in the order written; of two with one name the first."""

    @classmethod
    def from_configuration(cls, configuration: Configuration) -> Directory:
        """The directory that the section ``directory`` describes."""
        section = configuration.section("directory")
        domains: dict[str, Domain] = {}
        for element in section.findall("domain") if section else ():
            name = element.get("name", "").lower()
            if name and name not in domains:
                domains[name] = build_domain(element)
        return cls(MappingProxyType(domains))

    def domain(self, name: str) -> Domain | None:
        """The domain of that name; there are no wildcards."""
        return self.domains.get(name.lower())

    def user(self, name: str, domain: str) -> User | None:
        """The user with that id or number alias in a domain."""
        found = self.domains.get(domain.lower())
        return found.user(name) if found else None

    def user_by(self, key: str, value: str, domain: str) -> User | None:
        """The user of a domain with that value of an attribute."""
        found = self.domains.get(domain.lower())
        return found.user_by(key, value) if found else None

    def user_at(self, address: str, domain: str) -> User | None:
        """The user of a domain whose ``ip`` attribute is that address."""
        found = self.domains.get(domain.lower())
        return found.user_at(address) if found else None

    def group(self, name: str, domain: str) -> Group | None:
        """The group of that name in a domain."""
        found = self.domains.get(domain.lower())
        return found.group(name) if found else None

    def in_group(self, user: str, group: str, domain: str) -> bool:
        """Whether a group of that domain has that user, as itself or as a pointer."""
        member, found = self.user(user, domain), self.group(group, domain)
        return member is not None and found is not None and member in found

    def __iter__(self) -> Iterator[Domain]:
        return iter(self.domains.values())

    def __len__(self) -> int:
        return len(self.domains)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        users = sum(len(domain.users) for domain in self.domains.values())
        return f"<Directory: {len(self.domains)} domains, {users} users>"


@dataclass(frozen=True, slots=True)
class _Level:
    """What a domain or group gives to the users in it."""

    params: dict[str, str]
    variables: dict[str, str]
    profile_variables: dict[str, str]

    @classmethod
    def of(cls, element: Element) -> _Level:
        return cls(
            values(element, "params", "param"),
            values(element, "variables", "variable"),
            values(element, "profile-variables", "variable"),
        )


def build_domain(element: Element) -> Domain:
    """A domain with its users merged: user before group before domain."""
    name = element.get("name", "")
    level = _Level.of(element)
    group_elements = list(groups_of(element))
    found: dict[str, User] = {}
    pointers: dict[str, User] = {}
    written: list[tuple[Element | None, list[User]]] = []
    for group in [*group_elements, None]:
        group_level = _Level.of(group) if group else None
        group_name = group.get("name", "") if group else ""
        holder = group or element
        users = []
        for user_element in (user for user in users_of(holder) if user.get("id")):
            user = _build_user(user_element, name, group_name, group_level, level)
            users.append(user)
            (pointers if user.is_pointer else found).setdefault(user.id.lower(), user)
        written.append((group, users))
    # A pointer to nobody is itself the user: FreeSWITCH finds it, with its group's values.
    for key, pointer in pointers.items():
        found.setdefault(key, pointer)
    aliases: dict[str, User] = {}
    addresses: dict[str, User] = {}
    for user in found.values():
        aliases.setdefault(user.id.lower(), user)
        if user.number_alias:
            aliases.setdefault(user.number_alias.lower(), user)
        if address := user.element.get("ip"):
            addresses.setdefault(address, user)
    groups = {}
    for group, users in written:
        if group is not None and (key := group.get("name", "").lower()) not in groups:
            members = {found[user.id.lower()].id: found[user.id.lower()] for user in users}
            group_level = _Level.of(group)
            groups[key] = Group(
                group.get("name", ""),
                name,
                tuple(members.values()),
                group_level.params,
                group_level.variables,
                group,
            )
    return Domain(name, found, groups, level.params, level.variables, element, aliases, addresses)


def _build_user(
    element: Element, domain: str, group: str, group_level: _Level | None, domain_level: _Level
) -> User:
    own = _Level.of(element)
    levels = [own, group_level, domain_level] if group_level else [own, domain_level]
    return User(
        element.get("id", ""),
        domain,
        group,
        merge(*(level.params for level in levels)),
        merge(*(level.variables for level in levels)),
        merge(*(level.profile_variables for level in levels)),
        element,
    )


def groups_of(domain: Element) -> Iterator[Element]:
    """The ``<group>`` elements of a domain."""
    groups = domain.find("groups")
    yield from groups.findall("group") if groups else ()


def users_of(holder: Element) -> Iterator[Element]:
    """The ``<user>`` elements below ``<users>``, then those directly in a group or domain."""
    users = holder.find("users")
    yield from users.findall("user") if users else ()
    yield from holder.findall("user")
