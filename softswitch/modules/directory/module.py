"""mod_directory: dial by name."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from softswitch.directory.user import Domain
from softswitch.modules.directory import application
from softswitch.modules.directory.entries import Entry, entries_of
from softswitch.modules.directory.settings import ProfileSettings, read_profiles
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

MOST_LISTS = 64
"""Lists of entries that are kept: one for each domain and group that is searched."""


@module(application.MODULE.name, settings=ProfileSettings)
class Directory:
    """Knows the profiles, and the names of the domains that were searched."""

    def __init__(self) -> None:
        self._switch: Switch | None = None
        self._profiles: tuple[int, dict[str, ProfileSettings]] = (0, {})
        self._lists: OrderedDict[tuple[str, str | None, bool], tuple[Domain, tuple[Entry, ...]]] = (
            OrderedDict()
        )

    async def start(self, switch: Switch) -> None:
        """Nothing is read before somebody searches."""
        self._switch = switch

    async def stop(self) -> None:
        """Forget the names; who searches just now ends his search."""
        self._lists.clear()

    @property
    def profiles(self) -> dict[str, ProfileSettings]:
        """The profiles as they are configured now."""
        assert self._switch is not None
        configuration = self._switch.generation.configuration
        if self._profiles[0] != configuration.number:
            self._profiles = configuration.number, read_profiles(configuration)[0]
        return self._profiles[1]

    async def entries(
        self, session: Session, name: str, *, group: str | None, use_number_alias: bool
    ) -> tuple[Entry, ...]:
        """Who can be found in a domain or one of its groups; nobody where there is no domain.

        They are put together off the loop, once for each configuration.
        """
        switch = session.switch
        domain = await switch.lookups.domain(name, session=session)
        if domain is None:
            session.log.warning("directory: there is no domain %r", name)
            return ()
        key = (name.lower(), group.lower() if group is not None else None, use_number_alias)
        known, found = self._lists.get(key, (None, ()))
        if known is not domain:
            build = partial(entries_of, domain, group=group, use_number_alias=use_number_alias)
            found = await switch.loop.run_in_executor(None, build)
            self._lists[key] = domain, found
            if len(self._lists) > MOST_LISTS:
                self._lists.popitem(last=False)
        return found
