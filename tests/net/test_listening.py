"""What is said of addresses that cannot be listened at."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

import pytest

from softswitch.net.listening import ListenError, listening


@pytest.mark.parametrize(
    ("number", "address", "said"),
    [
        (
            errno.EADDRINUSE,
            ("127.0.0.1", 5060),
            "udp 127.0.0.1:5060: address already in use (another program or a second switch"
            " has it: ss -anp 'sport = :5060')",
        ),
        (
            errno.EADDRNOTAVAIL,
            ("2001:db8::1", 5060),
            "udp [2001:db8::1]:5060: cannot assign requested address (no interface of this"
            " machine has that address: ip address)",
        ),
        (
            errno.EACCES,
            ("127.0.0.1", 443),
            "udp 127.0.0.1:443: permission denied (ports below 1024 are for root and for who"
            " has CAP_NET_BIND_SERVICE)",
        ),
        (errno.ENOBUFS, ("127.0.0.1", 5060), "udp 127.0.0.1:5060: no buffer space available"),
    ],
)
def test_transport_address_and_what_to_look_at_are_named(
    number: int, address: tuple[str, int], said: str
) -> None:
    with pytest.raises(ListenError) as caught, listening("udp", address):
        raise OSError(number, os.strerror(number))
    assert str(caught.value) == said
    assert caught.value.errno == number


def test_a_host_that_is_not_found_is_said_in_the_resolvers_words() -> None:
    with pytest.raises(ListenError) as caught, listening("tcp", ("nowhere.invalid", 8021)):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert str(caught.value) == "tcp nowhere.invalid:8021: name or service not known"


async def test_what_asyncio_says_of_an_address_is_not_said_twice() -> None:
    loop = asyncio.get_running_loop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = taken.getsockname()
        with pytest.raises(ListenError) as caught, listening("tcp", address):
            await loop.create_server(asyncio.Protocol, *address)
    assert str(caught.value).startswith(f"tcp 127.0.0.1:{address[1]}: address already in use (")


def test_a_block_that_binds_says_nothing() -> None:
    with listening("tcp", ("127.0.0.1", 0)), socket.socket() as free:
        free.bind(("127.0.0.1", 0))
