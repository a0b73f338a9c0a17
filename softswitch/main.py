"""The composition root: configuration to engine, switch, endpoints and modules, until a signal."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import resource
import signal
import sqlite3
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch import __version__, registry
from softswitch.config.errors import ConfigurationErrors, Severity
from softswitch.config.host import built_in_globals, sounds_folder
from softswitch.config.secrets import load_or_create
from softswitch.config.settings import (
    ConsoleSettings,
    read_console_settings,
    read_switch_settings,
)
from softswitch.config.store import ConfigurationStore
from softswitch.db.late import read_once_ready
from softswitch.db.lock import hold
from softswitch.dialplan.model import Context
from softswitch.dialplan.pcre import compile_expression
from softswitch.dialplan.pcre_characters import PatternError
from softswitch.endpoints.sip.endpoint import SipEndpoint
from softswitch.log import CONSOLE, LEVELS, Terminal
from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from softswitch.media.speech.speaker import Speaker
from softswitch.media.threads import start_threads
from softswitch.modules.logfile.background import Background
from softswitch.modules.logfile.lines import formatter
from softswitch.net.outside import OutsideAddress
from softswitch.reference.compatibility import why_absent
from softswitch.switch import modules
from softswitch.switch.crash_report import watch
from softswitch.switch.folders import Folders
from softswitch.switch.hup import handle_hup
from softswitch.switch.kept_store import KeptStores, open_stores
from softswitch.switch.leg import Endpoint, Expanding
from softswitch.switch.switch import Switch

if TYPE_CHECKING:
    from softswitch.console.foreground import Foreground

log = logging.getLogger(__name__)

GC_THRESHOLDS = (10_000, 100, 100)
"""Objects that may be added between collections, less those that were freed: a pause in the loop
is a pause for every call. Calls leave no cycles, so that what is alive is looked at in vain: with
fewer objects than these the coming and going of calls alone would have the young looked at, with
many more it would take long. What survived them is looked at after a million."""

THREADS = min(32, (os.cpu_count() or 1) + 4)
"""What the loop does not wait for: files, name servers, what is built of the configuration."""
NICENESS = -10
"""Of the thread that sets up calls; usual programs have 0, media threads go before both."""
RESTART = -1
"""What `_serve` gives where the program is to begin anew; never an exit status."""
FIRST = frozenset({"mod_xml_curl"})
"""Modules that may know the settings of SIP."""
ALWAYS = ("mod_db", "mod_event_socket")
"""Modules that run even where ``modules.conf`` is missing: without a console nobody could help."""
SAMPLES = (
    ("echo", "echo", ("9196",)),
    ("ivr", "menu", ("5000",)),
    ("voicemail", "voicemail", ("*97", "*98")),
)
"""Applications, what they are to a caller, numbers that lead to them in usual dialplans."""


def run(conf: Path, data: Path, log_level: str | None = None, console: bool = False) -> int:
    """Run the switch in the foreground until SIGINT, SIGTERM or ``fsctl shutdown``.

    Returns the exit status: 0 after a clean stop, 1 where it cannot start; then everything
    that is wrong with the configuration has been printed. ``fsctl shutdown restart`` puts the
    program as it is on disk then into the place of this process, with the same arguments.
    """
    began = time.monotonic()
    allow_descriptors()
    try:
        data.mkdir(parents=True, exist_ok=True)
        hold(data)
        crash = watch(data)
        store = open_configuration(conf, data)
    except ConfigurationErrors as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        print(f"{conf}: the configuration cannot be used", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"softswitch cannot start: {error}", file=sys.stderr)
        return 1
    console_settings, _ = read_console_settings(store.current)
    background = _log_to_terminal(console_settings, log_level)
    if not go_first():
        log.info("calls are set up at the usual priority: CAP_SYS_NICE or LimitNICE= is missing")
    if crash is not None:
        log.error("an earlier run died of a fault: %s tells where it was", crash)
    for finding in store.current.findings:
        log.warning("%s", str(finding).partition("\n")[0])
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    try:
        with runner:
            status = runner.run(_serve(store, Folders(conf, data, sounds_folder()), began, console))
    finally:
        background.close()
    if status == RESTART:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    return status


def open_configuration(conf: Path, data: Path) -> ConfigurationStore:
    """The configuration in ``conf``, with the globals of this machine and the secrets in ``data``,
    which are made at the first start.

    Raises ConfigurationErrors, and OSError where a folder cannot be read or written.
    """
    core_uuid = str(uuid.uuid4())
    variables = built_in_globals(conf, data, sounds=sounds_folder(), core_uuid=core_uuid)
    variables.update(load_or_create(data))
    return ConfigurationStore(conf, variables, resolve=OutsideAddress())


def allow_descriptors() -> int:
    """Take all the descriptors that the system grants; gives how many. Calls and connections need
    them, and systemd starts services with 1024.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def go_first() -> bool:
    """Let the calling thread go before usual programs, but not those that it starts; False where
    the system does not grant it, or where the operator wants it behind them (``nice``). On a
    crowded machine calls would wait for seconds otherwise.
    """
    if os.getpriority(os.PRIO_PROCESS, 0) > 0:
        return False
    try:
        policy = os.sched_getscheduler(0) | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_getparam(0))
        os.setpriority(os.PRIO_PROCESS, 0, min(NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    except OSError:
        return False
    return True


async def _serve(store: ConfigurationStore, folders: Folders, began: float, console: bool) -> int:
    loop = asyncio.get_running_loop()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="work")
    start_threads(pool, THREADS)
    loop.set_default_executor(pool)
    switch = make_switch(loop, store, folders)
    switch.engine.start_threads()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, switch)
    loop.add_signal_handler(signal.SIGHUP, lambda: switch.own(loop.create_task(handle_hup(switch))))
    try:
        problems = await start(switch)
    except OSError as error:
        print(f"softswitch cannot start: {error}", file=sys.stderr)
        await switch.shutdown()
        return 1
    _settle()
    switch.pulse.forget()
    print(banner(switch, time.monotonic() - began, problems), flush=True)
    foreground = _prompt(folders.data) if console and sys.stdin.isatty() else None
    if console and foreground is None:
        switch.own(loop.create_task(_console(switch)))
    await switch.stop_requested.wait()
    log.info("restarting" if switch.restart else "stopping")
    if foreground is not None:
        foreground.ending()
    await switch.shutdown()
    if foreground is not None:
        await loop.run_in_executor(None, foreground.stop)
    return RESTART if switch.restart else 0


def _settle() -> None:
    """Give back what starting took, and tell the collector what stays."""
    # What is there now stays: the collector need not walk it again. Calls leave no cycles, so
    # it may run rarely, and young objects die by themselves.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    # The C library keeps what parsing freed, 12 MB with the configuration that ships; other
    # libraries than glibc have no such function.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _stop(switch: Switch) -> None:
    """Whoever sends a signal wants the process gone, even where a restart waited for calls."""
    switch.restart = False
    switch.stop_requested.set()


def make_switch(
    loop: asyncio.AbstractEventLoop, store: ConfigurationStore, folders: Folders
) -> Switch:
    """A switch with the native engine and all endpoints, not started yet."""
    for package in ("endpoints", "apps", "commands", "media.codecs"):
        registry.discover(f"softswitch.{package}")
    modules.discover()
    registry.application.why_absent = why_absent
    settings, _ = read_switch_settings(store.current)
    native = Engine(
        rtp_start_port=settings.rtp_start_port,
        rtp_end_port=settings.rtp_end_port,
        workers=settings.media_threads,
        io_uring=settings.media_io_uring,
    )
    log.info(
        "media is carried by %d threads of %s priority over %s",
        *(native.workers, native.priority, native.method),
    )
    speaker = Speaker(loop, folders.data / "cache/speech")
    switch = Switch(loop, store, MediaEngine(loop, native, speaker=speaker), folders)
    made: dict[type, Endpoint | Expanding] = {}
    for entry in registry.endpoint:
        if entry.target not in made:
            made[entry.target] = entry.target(switch)
        switch.endpoints[entry.name] = made[entry.target]
    return switch


async def start(switch: Switch) -> list[str]:
    """Start SIP and the modules; what does not run is told, the rest does."""
    sip = SipEndpoint.of(switch)
    wanted = _wanted_modules(switch)
    first = [name for name in wanted if name in FIRST]
    problems = await _open_stores(switch)
    for name in first:
        problems += await _load(switch, name)
    problems += await sip.start()
    for name in wanted:
        if name not in first:
            problems += await _load(switch, name)
    switch.pulse.start()
    switch.publish("STARTUP", {"Event-Info": "System Ready"})
    return problems


async def _open_stores(switch: Switch) -> list[str]:
    """Take up what ``db`` and ``group`` kept; without their file they work, but forget."""
    try:
        stores = await switch.loop.run_in_executor(
            None, open_stores, switch.databases, switch.folders.data
        )
        switch.stores = stores
        if not stores.kept.ready.done():
            log.error("what db and group kept is taken up once it is back")
            switch.own(switch.loop.create_task(_take_up_late(stores), name="stored db and group"))
    except (OSError, sqlite3.Error) as error:
        return [f"db and group forget at a restart: {error}"]
    return []


async def _take_up_late(stores: KeptStores) -> None:
    """What was stored before a start at which the database was away."""
    try:
        stores.take_up(await read_once_ready(stores.kept, stores.stored))
    except OSError as error:
        log.error("what db and group kept is forgotten: %s", error)


async def _load(switch: Switch, name: str) -> list[str]:
    """Load a module; what keeps it from running is told."""
    if not switch.modules.known(name):
        return []
    refusal = await switch.modules.load(name)
    return [] if refusal is None else [f"module {name}: {refusal}"]


def _wanted_modules(switch: Switch) -> list[str]:
    element = switch.generation.configuration.configuration("modules.conf")
    listed = {item.get("module", ""): item for item in element.iter("load")} if element else {}
    for name, item in listed.items():
        if not switch.modules.known(name):
            message = f"module {name} is not part of softswitch and is left out"
            told = item.finding("L806", message, "", Severity.WARNING, attribute="module")
            log.warning("%s", str(told).partition("\n")[0])
    return list(dict.fromkeys([*listed, *ALWAYS]))


def banner(switch: Switch, seconds: float, problems: list[str]) -> str:
    """What an operator wants to know when the switch is up."""
    sip = SipEndpoint.of(switch)
    lines = [f"softswitch {__version__} is up after {seconds:.2f} s"]
    for profile in sip.profiles.values():
        ports = profile.transports.ports
        plain = "/".join(name.upper() for name in ports if name in ("udp", "tcp"))
        others = [f"{name.upper()} {ports[name]}" for name in ports if name not in ("udp", "tcp")]
        shown = ", ".join([plain, *others] if plain else others)
        lines.append(f"  SIP {profile.name:<10} {profile.sip_ip}:{profile.sip_port} {shown}")
    console = getattr(switch.modules.running.get("mod_event_socket"), "address", None)
    if console:
        lines.append(f"  console        {console[0]}:{console[1]}  (softswitch console)")
    users = [user.id for domain in switch.generation.directory for user in domain.users.values()]
    if users:
        shown = f"{users[0]} to {users[-1]}" if len(users) > 3 else ", ".join(users)
        domain = next(iter(switch.generation.directory)).name
        lines.append(f"  users          {shown} at {domain}")
    lines.append(f"  passwords      {switch.folders.data / 'secrets.xml'}")
    context = switch.generation.dialplan.find("default")
    if context is not None:
        lines.append("  dial           " + ", ".join([*_samples(context), "another user's number"]))
    lines += [f"  PROBLEM        {problem}" for problem in problems]
    return "\n".join(lines)


def _samples(context: Context) -> list[str]:
    """Those of `SAMPLES` that an extension of the context leads to their application."""
    told = []
    for application, what, numbers in SAMPLES:
        leading = [
            condition
            for extension in context.extensions
            for condition in extension.conditions
            if condition.field == "destination_number"
            and any(action.application == application for action in condition.actions)
        ]
        for number in numbers:
            if any(_fits(condition.expression, number) for condition in leading):
                told.append(f"{number} {what}")
                break
    return told


def _fits(expression: str, number: str) -> bool:
    try:
        return compile_expression(expression).match(number) is not None
    except PatternError:
        return False


def _prompt(data: Path) -> Foreground:
    # Only those who want a prompt pay for what draws it.
    from softswitch.console.foreground import Foreground

    foreground = Foreground(data)
    foreground.start()
    return foreground


async def _console(switch: Switch) -> None:
    """Commands that come through a pipe."""
    loop = switch.loop
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        text = line.decode(errors="replace").strip()
        if text:
            print(await switch.run_command(text), flush=True)


def _log_to_terminal(settings: ConsoleSettings, level: str | None) -> Background:
    handler = Terminal()
    handler.set_name(CONSOLE)
    short = logging.Formatter("%(asctime)s.%(msecs)03d [%(levelname)s] %(message)s", "%H:%M:%S")
    plain = settings.format == "short"
    handler.setFormatter(short if plain else formatter(settings.format, uuid=settings.uuid))
    # The handler has the level too: consoles may have more logged, and get it alone.
    number = LEVELS.get((level or settings.loglevel).lower(), logging.INFO)
    logging.getLogger().setLevel(number)
    return Background(handler, number)
