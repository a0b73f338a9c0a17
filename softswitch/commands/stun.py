"""The command ``stun``: our address as a server outside sees it."""

from __future__ import annotations

from softswitch.commands.reply import usage
from softswitch.net.stun import ask
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.webrtc.stun import StunError

DEFAULT_PORT = 3478
SYNTAX = "<stun_server>[:port] [<source_ip>[:<source_port]]"


@command("stun", syntax=SYNTAX, module="mod_commands")
async def stun(call: CommandCall, arguments: str) -> str:
    """Show the address that a STUN server sees us at."""
    words = arguments.split()
    if not 1 <= len(words) <= 2:
        return usage("stun")
    try:
        server = _address(words[0], DEFAULT_PORT)
        local = _address(words[1], 0) if len(words) == 2 else None
        host, port = await ask(server, local)
    except (OSError, StunError, ValueError) as error:
        return f"-ERR STUN Failed! [{error}]\n"
    return f"{host}:{port}"


def _address(text: str, default: int) -> tuple[str, int]:
    """``host``, ``host:port`` or ``[v6]:port``. Raises ValueError for a port that is none."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return text.strip("[]"), default
    if not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{port!r} is no port")
    return host.strip("[]"), int(port)
