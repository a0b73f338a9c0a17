"""The global variables that are there before the first line of configuration is read."""

from __future__ import annotations

import socket
import struct
import sys
import tempfile
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

# Linux ioctl numbers: the address and the netmask of an interface.
_SIOCGIFADDR = 0x8915
_SIOCGIFNETMASK = 0x891B


def built_in_globals(
    conf: Path, data: Path, *, sounds: Path | None = None, core_uuid: str = ""
) -> dict[str, str]:
    """FreeSWITCH's built-in global variables, for a configuration and a data folder.

    What is written while running lives below ``data``; nothing is created here.
    """
    conf, data = conf.absolute(), data.absolute()
    sounds = (sounds or data / "sounds").absolute()
    hostname = socket.gethostname()
    address = local_address(socket.AF_INET)
    variables = {
        "hostname": hostname,
        "switchname": hostname,
        "local_ip_v4": address,
        "local_mask_v4": str(local_network(address).netmask),
        "local_ip_v6": local_address(socket.AF_INET6),
        "base_dir": str(data),
        "conf_dir": str(conf),
        "data_dir": str(data),
        "localstate_dir": str(data),
        "sounds_dir": str(sounds),
        "sound_prefix": str(sounds / "en/us/callie"),
        "temp_dir": tempfile.gettempdir(),
        "core_uuid": core_uuid,
        "switch_serial": serial(conf, address, hostname),
    }
    for name, folder in _FOLDERS.items():
        variables[name] = str(data / folder)
    return variables


_FOLDERS = {
    "log_dir": "log",
    "run_dir": "run",
    "db_dir": "db",
    "mod_dir": "mod",
    "htdocs_dir": "htdocs",
    "script_dir": "scripts",
    "grammar_dir": "grammar",
    "fonts_dir": "fonts",
    "images_dir": "images",
    "certs_dir": "tls",
    "storage_dir": "storage",
    "cache_dir": "cache",
    "recordings_dir": "recordings",
}


def serial(conf: Path, address: str, hostname: str) -> str:
    """Twelve hexadecimal digits for this machine.

    FreeSWITCH keeps its own in ``freeswitch.serial`` of the configuration, which stays in force.
    """
    try:
        kept = (conf / "freeswitch.serial").read_bytes()[:12].decode("ascii", "ignore").strip()
    except OSError:
        kept = ""
    return kept or IPv4Address(address).packed.hex() + sha256(hostname.encode()).hexdigest()[:4]


def local_address(family: socket.AddressFamily = socket.AF_INET) -> str:
    """The address this machine talks to the world from; loopback if it does not."""
    # Connecting a datagram socket sends nothing: it only asks the routing table.
    destination, loopback = ("192.0.2.1", "127.0.0.1")
    if family == socket.AF_INET6:
        destination, loopback = ("2001:db8::1", "::1")
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((destination, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return loopback


def local_network(address: str) -> IPv4Network:
    """The network of one of this machine's IPv4 addresses; a /24 if its mask is not known."""
    mask = "255.0.0.0" if IPv4Address(address).is_loopback else "255.255.255.0"
    if sys.platform == "linux":
        mask = _netmask(address) or mask
    return IPv4Network(f"{address}/{mask}", strict=False)


def _netmask(address: str) -> str | None:
    import fcntl  # there is none on every system

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            try:
                answer = fcntl.ioctl(probe.fileno(), _SIOCGIFADDR, request)
                if socket.inet_ntoa(answer[20:24]) == address:
                    answer = fcntl.ioctl(probe.fileno(), _SIOCGIFNETMASK, request)
                    return socket.inet_ntoa(answer[20:24])
            except OSError:
                continue  # an interface without an IPv4 address
    return None


def sounds_folder() -> Path:
    """The folder of prompts beside the package, or the system's."""
    beside = Path(__file__).resolve().parents[2] / "sounds"
    return beside if beside.is_dir() else Path("/usr/share/softswitch/sounds")
