"""Where calls look up users, dialplans and settings: bindings are asked first, then the files.

A section that nothing is bound to costs no more than the files do: no method waits then.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from softswitch.config.document import SECTIONS
from softswitch.config.element import Element
from softswitch.config.errors import Severity
from softswitch.config.plain import read_section
from softswitch.dialplan.model import Dialplan
from softswitch.dialplan.xml import read_contexts
from softswitch.directory.lookup import Directory, build_domain
from softswitch.directory.user import Domain, Group, User
from softswitch.switch.acl import AccessLists
from softswitch.switch.channel import profile_headers
from softswitch.switch.events import Event

if TYPE_CHECKING:
    from softswitch.switch.caller import CallerProfile
    from softswitch.switch.generation import Generation
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

MOST_USERS = 10_000
"""Users kept because they say that they are ``cacheable``."""
MOST_MADE = 256
"""Domains and dialplans kept for documents that come again."""

Made = TypeVar("Made", Domain, Dialplan)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is looked for: in a section the first ``tag`` whose attribute ``key`` is ``value``."""

    section: str
    tag: str
    key: str
    value: str
    params: Mapping[str, str]
    """What else is known: headers of the channel, why it is looked for."""


class Binding(Protocol):
    """Somebody who knows parts of the configuration that are in no file."""

    async def ask(self, inquiry: Inquiry) -> Element | None:
        """The root of a document with the answer; None to have the next binding asked."""


class Lookups:
    """The way to users, dialplans and settings.

    The first binding that answers decides: what its document lacks is looked for in the files.
    """

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._bindings: list[tuple[frozenset[str], Binding]] = []
        self._bound: frozenset[str] = frozenset()
        self._users: dict[tuple[str, str, str], tuple[User, float]] = {}
        self._made: OrderedDict[Element, Domain | Dialplan] = OrderedDict()
        self._files: dict[Path, tuple[tuple[int, int], Dialplan]] = {}

    def __repr__(self) -> str:
        bound = " ".join(sorted(self._bound)) or "none"
        return f"<Lookups {len(self._bindings)} bindings, sections: {bound}>"

    # Bindings

    def bind(self, binding: Binding, sections: Iterable[str] = ()) -> Callable[[], None]:
        """Have a binding asked, after those before it, about sections or about all.

        The result ends that.
        """
        entry = (frozenset(sections) or frozenset(SECTIONS), binding)
        self._bindings.append(entry)
        self._rebound()

        def unbind() -> None:
            self._bindings.remove(entry)
            self._rebound()

        return unbind

    def bound(self, section: str) -> bool:
        """Whether looking into a section may take time, since a binding is asked."""
        return section in self._bound

    def _rebound(self) -> None:
        self._bound = frozenset().union(*(sections for sections, _ in self._bindings))
        self._users.clear()

    # Parts of the configuration

    async def locate(
        self,
        section: str,
        tag: str = "",
        key: str = "",
        value: str = "",
        *,
        params: Mapping[str, str] | None = None,
    ) -> Element | None:
        """In a section the first child of that tag whose attribute has that value."""
        found = await self._ask(section, tag, key, value, params)
        if found is not None:
            return found
        return self._switch.generation.configuration.locate(section, tag, key, value)

    async def configuration(
        self, name: str, params: Mapping[str, str] | None = None
    ) -> Element | None:
        """The ``<configuration>`` of that name, such as ``sofia.conf``."""
        found = await self._ask("configuration", "configuration", "name", name, params)
        if found is not None:
            return found
        return self._switch.generation.configuration.configuration(name)

    # The directory

    async def user(
        self,
        name: str,
        domain: str,
        *,
        key: str = "id",
        action: str = "",
        params: Mapping[str, str] | None = None,
        session: Session | None = None,
    ) -> User | None:
        """The user with that id or number alias (or other attribute ``key``) in a domain.

        ``action`` says what for (``sip_auth``, ``user_call`` …); a session is told of in full.
        """
        directory = self._switch.generation.directory
        if "directory" not in self._bound:
            return directory.user_by(key, name, domain)
        known = self._known_user(key, name, domain)
        if known is not None:
            return known
        headers = {"key": key, "user": name, "domain": domain, **(params or {})}
        found = await self.domain(domain, action=action, params=headers, session=session)
        user = found.user_by(key, name) if found is not None else None
        if user is not None:
            self._keep(key, name, domain, user)
        return user

    async def group(
        self,
        name: str,
        domain: str,
        *,
        action: str = "",
        session: Session | None = None,
    ) -> Group | None:
        """The group of that name in a domain."""
        headers = {"group": name, "domain": domain}
        found = await self.domain(domain, action=action, params=headers, session=session)
        return found.group(name) if found is not None else None

    async def domain(
        self,
        name: str,
        *,
        action: str = "",
        params: Mapping[str, str] | None = None,
        session: Session | None = None,
    ) -> Domain | None:
        """The domain of that name with those of its users that whoever answers tells of."""
        if "directory" in self._bound:
            headers = _call_headers(session) | dict(params or {"domain": name})
            if action:
                headers["action"] = action
            element = await self._ask("directory", "domain", "name", name, headers)
            if element is not None:
                return await self._make(element, build_domain)
        return self._switch.generation.directory.domain(name)

    def flush_users(self, key: str = "", name: str = "", domain: str = "") -> int:
        """Forget users that were ``cacheable``, one or all; how many there were."""
        gone = [(key, name.lower(), domain.lower())] if key else list(self._users)
        return sum(self._users.pop(which, None) is not None for which in gone)

    def _known_user(self, key: str, name: str, domain: str) -> User | None:
        which = (key, name.lower(), domain.lower())
        user, until = self._users.get(which, (None, 0.0))
        if user is not None and until <= self._switch.loop.time():
            del self._users[which]
            return None
        return user

    def _keep(self, key: str, name: str, domain: str, user: User) -> None:
        milliseconds = user.cache_milliseconds
        if milliseconds is None:
            return
        if len(self._users) >= MOST_USERS:
            del self._users[next(iter(self._users))]
        until = self._switch.loop.time() + milliseconds / 1000 if milliseconds else float("inf")
        self._users[key, name.lower(), domain.lower()] = user, until

    # Languages

    async def language(
        self, name: str, *, macro: str, data: str = "", session: Session
    ) -> Element | None:
        """The ``<language>`` of that name; a binding is told of the phrase it is wanted for."""
        for section in ("languages", "phrases"):
            if section in self._bound:
                headers = _call_headers(session)
                headers |= {"macro_name": macro, "lang": name, "data": data}
                found = _language_in(await self._ask(section, "", "", "", headers), name)
                if found is not None:
                    return found
        configuration = self._switch.generation.configuration
        sections = (configuration.section(section) for section in ("languages", "phrases"))
        return next((one for one in (_language_in(found, name) for found in sections) if one), None)

    # Access lists

    async def access_lists(self, generation: Generation) -> AccessLists:
        """The lists of a generation, or what bindings say of ``acl.conf`` and its domains."""
        element = await self._ask("configuration", "configuration", "name", "acl.conf", None)
        if element is None:
            element = generation.configuration.configuration("acl.conf")
        domains = dict(generation.directory.domains)
        for node in element.iter("node") if element is not None else ():
            name = node.get("domain", "")
            headers = {"domain": name, "purpose": "network-list"}
            found = name and await self._ask("directory", "domain", "name", name, headers)
            if found:
                domains[name.lower()] = await self._make(found, build_domain)
        return await self._switch.loop.run_in_executor(
            None, AccessLists.from_element, element, Directory(domains)
        )

    # The dialplan

    async def dialplan(self, session: Session, profile: CallerProfile) -> Dialplan:
        """The contexts to search for a call."""
        if "dialplan" in self._bound:
            headers = _call_headers(session) | profile_headers(profile, "Hunt")
            section = await self._ask("dialplan", "", "", "", headers)
            if section is not None:
                return await self._make(section, _read_dialplan)
        return self._switch.generation.dialplan

    async def dialplan_file(self, path: Path) -> Dialplan:
        """The contexts of a file that stands for itself, read anew when it changed.

        Raises ``ConfigurationErrors`` and OSError.
        """
        return await self._switch.loop.run_in_executor(None, self._read_file, path)

    def _read_file(self, path: Path) -> Dialplan:
        status = path.stat()
        version = (status.st_mtime_ns, status.st_size)
        known = self._files.get(path)
        if known is None or known[0] != version:
            known = (version, _read_dialplan(read_section(path, "dialplan")))
            if len(self._files) >= MOST_MADE:
                self._files.clear()
            self._files[path] = known
        return known[1]

    # Asking

    async def _ask(
        self, section: str, tag: str, key: str, value: str, params: Mapping[str, str] | None
    ) -> Element | None:
        """What the first binding that answers has; None if none has it."""
        if section not in self._bound:
            return None
        event = Event("REQUEST_PARAMS", dict(params or {}))
        self._switch.stamp(event)
        inquiry = Inquiry(section, tag, key, value, event.headers)
        for sections, binding in tuple(self._bindings):
            if section not in sections:
                continue
            try:
                root = await binding.ask(inquiry)
            except Exception:
                log.exception("%r failed", binding)
                continue
            if root is None or _says_not_found(root):
                continue
            found = root.find("section", name=section)
            if found is None or not tag:
                return found
            return found.find(tag, **({key: value} if key else {}))
        return None

    async def _make(self, element: Element, build: Callable[[Element], Made]) -> Made:
        """What an element describes; equal answers are one element, so it is kept."""
        made = self._made.get(element)
        if made is None:
            made = await self._switch.loop.run_in_executor(None, build, element)
            self._made[element] = made
            if len(self._made) > MOST_MADE:
                self._made.popitem(last=False)
        else:
            self._made.move_to_end(element)
        return cast(Made, made)


def _language_in(section: Element | None, name: str) -> Element | None:
    """A language of a section ``languages``, or of the ``<macros>`` that ``phrases`` holds."""
    if section is None:
        return None
    return next(
        (
            language
            for parent in (section, *section.findall("macros"))
            for language in parent.findall("language")
            if language.get("name", "").lower() == name.lower()
        ),
        None,
    )


def _says_not_found(root: Element) -> bool:
    result = root.find("section", name="result")
    return result is not None and result.find("result", status="not found") is not None


def _call_headers(session: Session | None) -> dict[str, str]:
    return session.channel.event_headers(variables=True) if session is not None else {}


def _read_dialplan(section: Element) -> Dialplan:
    dialplan, findings = read_contexts(section)
    for finding in findings:
        level = logging.WARNING if finding.severity is Severity.ERROR else logging.DEBUG
        log.log(level, "%s", finding)
    return dialplan
