"""What of this machine keeps a switch from working well: ``softswitch doctor``.

Each check gets what it judges, so that it can be tried with other machines' figures.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from softswitch.config.settings import SwitchSettings

FILES_A_CALL = 6
"""Descriptors of a bridged call: RTP and RTCP of two legs, and files it plays or records."""
SPARE_FILES = 200
ENOUGH_SPACE, LITTLE_SPACE = 1 << 30, 100 << 20
ENOUGH_BUFFER = 1 << 20
"""Octets of the largest socket buffer that a burst of many calls' packets wants."""
_UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found; ``hint`` says what to do where it is not well."""

    well: bool
    text: str
    hint: str = ""

    def __str__(self) -> str:
        mark = "well " if self.well else "WRONG"
        return f"{mark} {self.text}" + (f"\n      {self.hint}" if self.hint else "")


def open_files(limit: int, sessions: int) -> Verdict:
    """Whether so many calls may have the files and sockets they need."""
    needed = sessions // 2 * FILES_A_CALL + SPARE_FILES
    if limit == resource.RLIM_INFINITY or limit >= needed:
        return Verdict(True, f"open files: {limit} are allowed, {sessions} sessions need {needed}")
    hint = f"set LimitNOFILE={needed} in the systemd unit, or ulimit -n {needed}"
    return Verdict(False, f"open files: {limit} allowed, {sessions} sessions need {needed}", hint)


def rtp_ports(settings: SwitchSettings, ephemeral: tuple[int, int] | None) -> Verdict:
    """Whether the range holds all calls, and is the switch's own."""
    first, last = settings.rtp_start_port, settings.rtp_end_port
    legs = (last - first + 1) // 2
    text = f"RTP ports: {first} to {last} are enough for {legs} legs"
    if legs < settings.max_sessions:
        hint = f"max-sessions is {settings.max_sessions}: widen rtp-start-port to rtp-end-port"
        return Verdict(False, text, hint)
    if ephemeral is not None and first <= ephemeral[1] and ephemeral[0] <= last:
        hint = f"the kernel takes ports of {ephemeral[0]} to {ephemeral[1]} for others:"
        return Verdict(
            True, text, f"{hint} sysctl net.ipv4.ip_local_reserved_ports={first}-{last} keeps them"
        )
    return Verdict(True, text)


def space(folder: Path, free: int) -> Verdict:
    """Whether recordings, messages and logs have room."""
    text = f"disk: {free >> 20} MiB are free for {folder}"
    if free < LITTLE_SPACE:
        return Verdict(False, text, "recordings, messages and call records need room")
    return Verdict(True, text, "" if free >= ENOUGH_SPACE else "that is little for recordings")


def writable(folder: Path) -> Verdict:
    """Whether whoever runs this may write into a folder, or make it."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Verdict(True, f"permissions: {folder} can be written")
    return Verdict(False, f"permissions: {folder} cannot be written", f"see the owner of {there}")


def buffers(largest: int | None) -> Verdict:
    """Whether the kernel lets sockets hold a burst."""
    if largest is None or largest >= ENOUGH_BUFFER:
        return Verdict(True, "socket buffers: large enough")
    hint = f"many calls lose packets in bursts: sysctl net.core.rmem_max={ENOUGH_BUFFER * 4}"
    return Verdict(True, f"socket buffers: at most {largest} octets", hint)


def clock(synchronised: bool | None) -> Verdict:
    """Whether somebody keeps the clock right: certificates, records and NTP's peers need it."""
    if synchronised is False:
        hint = "start chrony or systemd-timesyncd; call records and TLS depend on the time"
        return Verdict(False, "time: nobody keeps the clock right", hint)
    return Verdict(True, "time: the clock is kept right" if synchronised else "time: not known")


def name(host: str, resolve: Callable[[str], object]) -> Verdict:
    """Whether a name can be looked up."""
    try:
        resolve(host)
    except OSError as error:
        reason = error.strerror or str(error)
        return Verdict(False, f"names: {host} is not found ({reason})", "see /etc/resolv.conf")
    return Verdict(True, f"names: {host} is found")


def port_is_free(what: str, host: str, port: int, kind: socket.SocketKind) -> Verdict:
    """Whether the switch could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = f"ss -lnp 'sport = :{port}' shows who has it"
            return Verdict(False, f"ports: {what}, {host} port {port}: {error.strerror}", hint)
    return Verdict(True, f"ports: {what}, {host} port {port} is free")


def examine(settings: SwitchSettings, folders: list[Path], names: list[str]) -> Iterator[Verdict]:
    """All checks of this machine. Blocks."""
    yield open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[1], settings.max_sessions)
    ephemeral = _numbers(Path("/proc/sys/net/ipv4/ip_local_port_range"))
    yield rtp_ports(settings, (ephemeral[0], ephemeral[1]) if len(ephemeral) == 2 else None)
    for folder in folders:
        yield writable(folder)
        there = next(each for each in (folder, *folder.parents) if each.exists())
        yield space(folder, shutil.disk_usage(there).free)
    largest = _numbers(Path("/proc/sys/net/core/rmem_max"))
    yield buffers(largest[0] if largest else None)
    yield clock(_synchronised())
    for host in names:
        yield name(host, lambda host: socket.getaddrinfo(host, None))


def _numbers(path: Path) -> list[int]:
    try:
        return [int(word) for word in path.read_text().split()]
    except (OSError, ValueError):
        return []


def _synchronised() -> bool | None:
    """What the kernel says of the clock; None where it cannot be asked."""
    try:
        library = ctypes.CDLL(None, use_errno=True)
        state = ctypes.create_string_buffer(512)
        if library.adjtimex(state) < 0:
            return None
    except (OSError, AttributeError):
        return None
    # struct timex: modes, padding, offset, freq, maxerror, esterror, then status.
    word = ctypes.sizeof(ctypes.c_long)
    status = ctypes.c_int.from_buffer(state, 5 * word).value
    return not status & _UNSYNCHRONISED
