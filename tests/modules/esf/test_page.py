"""Pages over the loopback interface, where it carries multicast."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.modules.esf.page import GROUP, START, STOP, Page
from softswitch.switch import modules
from softswitch.switch.session import Session
from tests.support.applications import application
from tests.support.patience import PATIENCE
from tests.support.switch import bench, extension


def _listener() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((GROUP, 0))
    member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    made.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    made.settimeout(PATIENCE)
    return made


def _carries_multicast() -> bool:
    try:
        with _listener() as listener:
            listener.settimeout(1)
            Page(IPv4Address(GROUP), control_port=listener.getsockname()[1]).announce(STOP)
            return bool(listener.recv(100))
    except OSError:
        return False


needs_multicast = pytest.mark.skipif(
    not _carries_multicast(), reason="the loopback interface carries no multicast here"
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with _listener() as made:
        yield made


@needs_multicast
def test_phones_are_told_that_a_page_begins_and_ends(listener: socket.socket) -> None:
    page = Page(IPv4Address(GROUP), 4000, listener.getsockname()[1])
    page.announce(START)
    page.announce(STOP)
    packets = [listener.recv(100) for _ in range(4)]
    assert [struct.unpack("!I", packet[4:8])[0] for packet in packets] == [6, 6, 7, 7]
    assert packets[0][8:] == socket.inet_aton(GROUP) + struct.pack("!I", 4000)
    assert packets[2][8:] == b""


@needs_multicast
async def test_what_a_caller_says_is_sent_to_the_group(listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    engine = MediaEngine(loop, Engine())
    caller = engine.open_stream("127.0.0.1")
    page = Page(IPv4Address(GROUP), listener.getsockname()[1]).open(engine)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.1", 0))
            caller.configure(RtpParameters(phone.getsockname(), (CodecParameters(0, "PCMU"),)))
            caller.connect(page)
            listener.setblocking(False)
            for number in range(500):
                header = struct.pack("!BBHII", 0x80, 0, number, number * 160, 7)
                phone.sendto(header + b"\x10" * 160, caller.local_address)
                await asyncio.sleep(0.02)
                try:
                    packet = listener.recv(2000)
                except BlockingIOError:
                    continue
                break
            assert packet[1] & 0x7F == 0 and packet[12:] == b"\x10" * 160
    finally:
        caller.close()
        page.close()
        engine.close()


@pytest.mark.parametrize(
    ("data", "variables", "page"),
    [
        ("", {}, Page(IPv4Address(GROUP))),
        ("239.1.2.3 4000 4001 9", {}, Page(IPv4Address("239.1.2.3"), 4000, 4001, 9)),
        ("239.1.2.3 0 x 999", {}, Page(IPv4Address("239.1.2.3"))),
        (
            "",
            {"esf_multicast_ip": "239.0.0.1", "esf_multicast_write_codec": "g722"},
            Page(IPv4Address("239.0.0.1"), codec="G722"),
        ),
        ("", {"esf_multicast_write_codec": "opus"}, Page(IPv4Address(GROUP))),
        ("", {"local_ip_v4": "192.0.2.1"}, Page(IPv4Address(GROUP), source="192.0.2.1")),
        ("192.0.2.1", {}, "192.0.2.1 is no multicast address"),
        ("phones", {}, "Expected 4 octets in 'phones'"),
    ],
)
@pytest.mark.virtual_time
async def test_data_and_variables_say_where_a_page_goes(
    tmp_path: Path, data: str, variables: dict[str, str], page: Page | str
) -> None:
    told: list[Page | str] = []

    async def read(session: Session, text: str) -> None:
        try:
            told.append(Page.of(session, data))
        except ValueError as error:
            told.append(str(error))

    with application("read_page", read):
        async with bench(tmp_path, extension("1", "read_page")) as b:
            b.switch.globals.setdefault("local_ip_v4", "127.0.0.1")
            given = {"local_ip_v4": "127.0.0.1", **variables}
            await b.ended(b.call("1", variables=given))
    assert told == [page]


@needs_multicast
@pytest.mark.parametrize("loaded", [True, False])
async def test_a_page_lasts_until_its_caller_hangs_up(
    tmp_path: Path, listener: socket.socket, loaded: bool
) -> None:
    modules.discover()
    port = listener.getsockname()[1]
    one = extension("1", f"esf_page_group {GROUP} 4000 {port}", "set went=on")
    async with bench(tmp_path, one) as b:
        if loaded:
            assert await b.switch.modules.load("mod_esf") is None
        variables = {"esf_multicast_bind_ip": "127.0.0.1"}
        call = b.call("1", variables=variables, script="hangup@2")
        await b.ended(call)
        assert call.get("went") is None
        assert call.get("multicast_ttl") == ("1" if loaded else None)
        if loaded:
            commands = [struct.unpack("!I", listener.recv(100)[4:8])[0] for _ in range(4)]
            assert commands == [6, 6, 7, 7]


@pytest.mark.virtual_time
async def test_an_address_that_is_none_lets_the_call_go_on(tmp_path: Path) -> None:
    modules.discover()
    async with bench(tmp_path, extension("1", "esf_page_group 192.0.2.1", "set went=on")) as b:
        assert await b.switch.modules.load("mod_esf") is None
        assert (await b.ended(b.call("1"))).get("went") == "on"
