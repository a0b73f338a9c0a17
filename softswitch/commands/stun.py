"""The command ``stun``: our address as a server outside sees it."""

from __future__ import annotations

from softswitch.net.stun import ask, server_address
from softswitch.registry import command
from softswitch.switch.commands import CommandCall
from softswitch.webrtc.stun import StunError

SYNTAX = "<stun_server>[:port] [<source_ip>[:<source_port]]"


@command("stun", syntax=SYNTAX, module="mod_commands")
async def stun(call: CommandCall, arguments: str) -> str:
    """Show the address that a STUN server sees us at."""
    words = arguments.split()
    if not words:
        return "-STUN Failed! NO STUN SERVER\n"
    try:
        server = server_address(words[0])
        local = server_address(words[1], 0) if len(words) > 1 else None
        host, port = await ask(server, local)
    except (OSError, StunError, ValueError) as error:
        return f"-STUN Failed! [{error}]\n"
    return f"{host}:{port}\n"
