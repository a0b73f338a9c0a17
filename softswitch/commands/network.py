"""Addresses and names: ``acl is_lan_addr interface_ip gethost host_lookup nat_map``."""

from __future__ import annotations

import fcntl
import ipaddress
import re
import socket
import struct

from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.switch.commands import CommandCall

_SIOCGIFADDR = 0x8915
_LAN = re.compile(
    r"(?:10|127|255|0)\.|192\.168\.|192\.0\.2\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\."
)
_INTERFACE_USAGE = "USAGE: interface_ip [auto|ipv4|ipv6] <ifname>\n"


@command("acl", "check_acl", syntax="<ip> <list_name>|<cidr>", module="mod_commands")
async def acl(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is an address in an access list or an address range?"""
    words = split(arguments, " ", 3)
    if len(words) < 2:
        return "false"
    return "true" if call.switch.generation.acl.check(words[1], words[0]).allowed else "false"


@command("is_lan_addr", "lan_addr", syntax="<ip>", module="mod_commands")
async def is_lan_addr(call: CommandCall, arguments: str) -> str:
    """Tell ``true`` or ``false``: is an address one of a private network?"""
    address = arguments.strip()
    if ":" in address:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return "false"
        return "true" if parsed.is_private else "false"
    return "true" if _LAN.match(address) else "false"


@command("interface_ip", syntax="[auto|ipv4|ipv6] <ifname>", module="mod_commands")
async def interface_ip(call: CommandCall, arguments: str) -> str:
    """Show the address of a network interface."""
    words = split(arguments, " ", 3)
    family = words[0].lower() if words else ""
    if len(words) < 2 or family not in ("auto", "ipv4", "ipv6"):
        return _INTERFACE_USAGE
    name = words[1]
    found = "" if family == "ipv6" else _ipv4_of(name)
    if not found and family != "ipv4":
        found = _ipv6_of(name)
    return found


@command("gethost", syntax="<hostname>", module="mod_commands")
async def gethost(call: CommandCall, arguments: str) -> str:
    """Look up the IPv4 address of a name."""
    name = arguments.strip()
    if not name:
        return "-ERR"
    try:
        found = await call.switch.loop.getaddrinfo(name, None, family=socket.AF_INET)
    except (OSError, UnicodeError):
        return "-ERR"
    return str(found[0][4][0]) if found else "-ERR"


@command("host_lookup", syntax="<hostname>", module="mod_commands")
async def host_lookup(call: CommandCall, arguments: str) -> str:
    """Look up the address of a name, of either family."""
    name = arguments.strip()
    if not name:
        return "parameter missing\n"
    try:
        found = await call.switch.loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return "!err!"
    return str(found[0][4][0]) if found else "!err!"


@command("nat_map", syntax="[status|republish|reinit] | [add|del] <port> [tcp|udp] [static]",
         module="mod_commands")  # fmt: skip
async def nat_map(call: CommandCall, arguments: str) -> str:
    """Tell that no ports are mapped: no router is asked to."""
    if arguments.partition(" ")[0] in ("status", "reinit"):
        return "Nat Type: NONE, ExtIP: NONE\nNAT port mapping disabled.\n0 total.\n"
    return "false"


def _ipv4_of(name: str) -> str:
    request = struct.pack("256s", name.encode()[:15])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
        except OSError:
            return ""
    return socket.inet_ntoa(answer[20:24])


def _ipv6_of(name: str) -> str:
    """The first address of wide scope, else the first one."""
    found = []
    try:
        with open("/proc/net/if_inet6") as table:
            for line in table:
                digits, _, _, scope, _, interface = line.split()
                if interface == name:
                    found.append((scope != "00", str(ipaddress.IPv6Address(int(digits, 16)))))
    except OSError:
        return ""
    return min(found)[1] if found else ""
