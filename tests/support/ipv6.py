"""Tests that need IPv6, on machines that may have none."""

from __future__ import annotations

import socket

import pytest


def _has_ipv6() -> bool:
    """Whether sockets can be bound to the loopback of IPv6."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6")
