"""mod_translate: numbers as people dial them become numbers as trunks want them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import disarm
from softswitch.dialplan.hunt import substitute
from softswitch.modules.translate import commands
from softswitch.modules.translate.settings import DEFAULT_PROFILE, Profiles, read_profiles
from softswitch.registry import module
from softswitch.switch.after_reload import AfterReload

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)
Expand = Callable[[str], Awaitable[str]]


@module(commands.MODULE.name)
class Translate:
    """The profiles of ``translate.conf``, as they are since the last ``reloadxml``."""

    def __init__(self) -> None:
        self._profiles: Profiles = {}
        self._reload: AfterReload | None = None

    async def start(self, switch: Switch) -> None:
        """Read the profiles, and again at each reload."""
        load = partial(self._load, switch)
        self._reload = AfterReload(switch, "translate.conf", load)
        await load()

    async def stop(self) -> None:
        """Translate nothing more."""
        if self._reload is not None:
            self._reload.cancel()
        self._profiles = {}

    async def _load(self, switch: Switch) -> None:
        element = await switch.lookups.configuration("translate.conf")
        if element is None:
            log.error("translate.conf is missing: no number is translated")
        self._profiles = read_profiles(element)[0]

    async def translate(self, number: str, profile: str, expand: Expand) -> str | None:
        """The number by the first rule that matches; None where there is none, or no profile."""
        rules = self._profiles.get(profile or DEFAULT_PROFILE)
        if rules is None:
            log.warning("there is no profile %r in translate.conf", profile or DEFAULT_PROFILE)
            return None
        for rule in rules:
            captures = rule.expression.match(number)
            if captures is not None:
                translated = substitute(rule.replace, captures)
                # Whoever dials ${...} shall not have that run.
                return await expand(translated) if "$" not in number else disarm(translated)
        return None
