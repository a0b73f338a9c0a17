"""Loading and unloading of the subsystems that ``modules.conf`` names."""

from __future__ import annotations

import importlib
import inspect
import logging
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar, cast

from softswitch import registry
from softswitch.switch.causes import CallFailed, HangupCause

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

BUILT_IN = frozenset(
    """mod_commands mod_dptools mod_sofia mod_loopback mod_dialplan_xml mod_sndfile
    mod_native_file mod_tone_stream mod_console mod_hash mod_expr
    mod_say_en mod_say_de mod_flite mod_tts_commandline
    mod_opus mod_g723_1 mod_g729 mod_amr mod_valet_parking
    mod_curl mod_limit mod_opusfile mod_pgsql mod_posix_timer mod_sms mod_spy
    mod_timerfd mod_voipcodecs""".split()
)
"""Modules of FreeSWITCH whose work the core does here: always there, nothing to load."""


class Module(Protocol):
    """A subsystem that can be started and stopped."""

    async def start(self, switch: Switch) -> None: ...
    async def stop(self) -> None: ...


T = TypeVar("T")
P = TypeVar("P")


class NotLoadedError(CallFailed):
    """An application, command or endpoint was asked for whose module does not run."""

    def __init__(self, name: str) -> None:
        # As of an application that does not exist, which it is then in FreeSWITCH.
        super().__init__(HangupCause.DESTINATION_OUT_OF_ORDER, f"{name} is not loaded")


class Loadable(Generic[T]):
    """A module by its name, for the verbs it brings: they can be asked for before it runs."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<Loadable {self.name}>"

    def find(self, switch: Switch) -> T | None:
        """The module while it runs."""
        return cast("T | None", switch.modules.running.get(self.name))

    def running(self, switch: Switch) -> T:
        """The module. Raises `NotLoadedError` while it does not run: the caller of a command is
        told so, an application ends its call."""
        return self.part(switch, lambda module: module)

    def part(self, switch: Switch, take: Callable[[T], P | None]) -> P:
        """What a module has while it runs. Raises `NotLoadedError` otherwise."""
        module = self.find(switch)
        part = None if module is None else take(module)
        if part is None:
            raise NotLoadedError(self.name)
        return part


class ModuleLoader:
    """Knows which modules run; starts and stops them by name."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self.running: dict[str, Module] = {}
        self._starting: set[str] = set()

    def exists(self, name: str) -> bool:
        """True if the module is loaded (or built in)."""
        return name in self.running or name in BUILT_IN

    def known(self, name: str) -> bool:
        """True if such a module can be loaded."""
        return name in BUILT_IN or name in registry.module

    async def load(self, name: str) -> str | None:
        """Start a module; None, or a sentence that says why it does not run."""
        if name in BUILT_IN:
            return None
        entry = registry.module.find(name)
        if entry is None:
            return "there is no such module"
        name = entry.name
        if name in self.running or name in self._starting:
            return "already loaded"
        module: Module = entry.target()
        self._starting.add(name)
        try:
            await module.start(self._switch)
        except OSError as error:
            log.error("module %s does not start: %s", name, error)
            return str(error)
        except Exception as error:
            log.exception("module %s does not start", name)
            return f"{type(error).__name__}: {error}"
        finally:
            self._starting.discard(name)
        self.running[name] = module
        self._tell("MODULE_LOAD", name)
        return None

    async def unload(self, name: str) -> str | None:
        """Stop a module; None, or a sentence that says why not."""
        if name in BUILT_IN:
            return "it is part of the core"
        entry = registry.module.find(name)
        name = entry.name if entry is not None else name
        module = self.running.pop(name, None)
        if module is None:
            return "it is not loaded"
        try:
            await module.stop()
        except Exception as error:
            log.exception("module %s did not stop as it should", name)
            return f"{type(error).__name__}: {error}"
        self._tell("MODULE_UNLOAD", name)
        return None

    async def stop_all(self) -> None:
        """Stop all modules, the last loaded first."""
        for name in reversed(list(self.running)):
            await self.unload(name)

    def _tell(self, event: str, name: str) -> None:
        """One event for the module, and one for each application and command it brings."""
        module = registry.module.find(name)
        if module is None or not self._switch.bus.wants(event):
            return
        where = {"key": name, "filename": inspect.getfile(module.target)}
        for kind, entries in (("application", registry.application), ("api", registry.command)):
            for entry in entries:
                if entry.module == name:
                    what = {"type": kind, "name": entry.name}
                    what |= {"description": entry.summary, "syntax": entry.syntax}
                    self._switch.publish(event, what | where)
        self._switch.publish(event, {"type": "generic", "name": name} | where)


def discover(package: str = "softswitch.modules") -> None:
    """Import ``module.py`` of every folder in the package, so that its decorator runs."""
    root = importlib.import_module(package)
    for found in pkgutil.iter_modules(root.__path__, prefix=f"{package}."):
        if found.ispkg:
            importlib.import_module(f"{found.name}.module")
