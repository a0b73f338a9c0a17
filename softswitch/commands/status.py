"""How the switch is: ``status version uptime banner hostname switchname``."""

from __future__ import annotations

import platform
import resource

from softswitch import __version__
from softswitch.commands.reply import usage
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.switch.pulse import idle_percent, uptime_text

_UNITS = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_UNITS |= {
    "microseconds": 1,
    "milliseconds": 1_000,
    "seconds": 1_000_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
    "days": 86_400_000_000,
}


@command("status", syntax="", module="mod_commands")
async def status(call: CommandCall, arguments: str) -> str:
    """Show uptime, sessions and limits."""
    switch = call.switch
    counters = switch.counters
    count = len(switch.sessions)
    counters.turn(switch.loop.time(), count)
    admission = switch.admission
    state = "not ready" if admission.paused else "ready"
    return (
        f"UP {uptime_text(switch)}\n"
        f"softswitch (Version {__version__} {_machine()}) is {state}\n"
        f"{counters.total} session(s) since startup\n"
        f"{count} session(s) - peak {counters.peak}, last 5min {counters.peak_five_minutes} \n"
        f"{counters.per_second_last} session(s) per Sec out of max {admission.sessions_per_second},"
        f" peak {counters.per_second_peak}, last 5min {counters.per_second_five_minutes} \n"
        f"{admission.max_sessions} session(s) max\n"
        f"min idle cpu {admission.min_idle_cpu:.2f}/{idle_percent():.2f}\n"
        f"Current Stack Size/Max {_stack_size()}\n"
    )


@command("version", syntax="[short]", module="mod_commands")
async def version(call: CommandCall, arguments: str) -> str:
    """Show the version; ``short`` gives just the number."""
    word = arguments.partition(" ")[0].lower()
    if word and word in "short":
        return f"{__version__}\n"
    return f"softswitch Version {__version__} ({_machine()})\n"


@command("uptime", syntax="[us|ms|s|m|h|d|microseconds|milliseconds|seconds|minutes|hours|days]",
         module="mod_commands")  # fmt: skip
async def uptime(call: CommandCall, arguments: str) -> str:
    """Show how long the switch has been up, in seconds or another unit."""
    unit = _UNITS.get(arguments.lower() or "s")
    if unit is None:
        return usage("uptime")
    return f"{(call.switch.now_us() - call.switch.started_at_us) // unit}\n"


@command("banner", syntax="", module="mod_commands")
async def banner(call: CommandCall, arguments: str) -> str:
    """Show the name and version as at the start."""
    return f"softswitch {__version__}\n"


@command("hostname", syntax="", module="mod_commands")
async def hostname(call: CommandCall, arguments: str) -> str:
    """Show the name of this machine."""
    return call.switch.hostname


@command("switchname", syntax="", module="mod_commands")
async def switchname(call: CommandCall, arguments: str) -> str:
    """Show the name of this switch: ``switchname`` of switch.conf, else the machine's."""
    return call.switch.generation.settings.switchname or call.switch.hostname


def _machine() -> str:
    return "64bit" if platform.machine().endswith("64") else "32bit"


def _stack_size() -> str:
    def text(limit: int) -> str:
        return "unlimited" if limit == resource.RLIM_INFINITY else f"{limit // 1024}K"

    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    return f"{text(soft)}/{text(hard)}"
