"""Ports of the loopback for what cannot ask the kernel for a free one when it binds.

All lie below those that the kernel gives away by itself: one that was looked at and let go stays
free until it is used. Processes that test at the same time have blocks of their own.
"""

from __future__ import annotations

import itertools
import os
import socket
import stat

BLOCKS = 12
_PROGRAMS, _PROGRAMS_EACH = 10_000, 500
_STRIDE = 4
"""RTP and RTCP of sound and of video: who is given a port for media takes those behind it too."""
_MEDIA, _MEDIA_EACH = 20_000, 1_000


def _reserve() -> tuple[int, socket.socket | None]:
    """A block that no other process has; the socket holds it until this one ends."""
    for block in range(BLOCKS):
        held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            held.bind(f"\0softswitch-tests-{block}")
        except OSError:
            held.close()
        else:
            return block, held
    return os.getpid() % BLOCKS, None


_block, _held = _reserve()
_first = _PROGRAMS + _block * _PROGRAMS_EACH
_round = itertools.cycle(range(_first, _first + _PROGRAMS_EACH, _STRIDE))

FIRST_MEDIA_PORT = _MEDIA + _block * _MEDIA_EACH
"""Of the thousand that are for the RTP of this process: 500 for switches, 500 for phones."""


def free_port() -> int:
    """An even port that is free for UDP and TCP, as the three behind it are; not given again
    for long.
    """
    for port in itertools.islice(_round, _PROGRAMS_EACH // _STRIDE):
        if all(_is_free(number) for number in range(port, port + _STRIDE)):
            return port
    raise OSError("no port is free for both UDP and TCP")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # Connections that are over for a minute are in nobody's way who listens.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                return False
    return True


def held_here(address: tuple[str, int]) -> list[socket.SocketKind]:
    """Which kinds of sockets of this process receive or listen at an address."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if not stat.S_ISSOCK(os.stat(int(name)).st_mode):
                continue
        except OSError:
            # The one this list was read by.
            continue
        with socket.socket(fileno=os.dup(int(name))) as held:
            listens = held.type is socket.SOCK_DGRAM or held.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            )
            if held.family == socket.AF_INET and listens and held.getsockname() == address:
                found.append(held.type)
    return found
