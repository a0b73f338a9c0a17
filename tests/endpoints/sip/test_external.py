"""What others know us by: fixed, looked up, as a STUN server sees us."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from softswitch.endpoints.sip import external
from softswitch.endpoints.sip.external import External, Externals, kind_of
from softswitch.net import stun
from softswitch.net.dns import DnsFailure
from softswitch.net.udp import UdpListener
from softswitch.sip.routing import Query, Record

LOCAL = "127.0.0.1"


class Names:
    """DNS with one name."""

    def __init__(self, address: str = "203.0.113.5") -> None:
        self.address = address
        self.down = False
        self.delay = 0.0

    async def ask(self, query: Query) -> tuple[list[Record], float]:
        await asyncio.sleep(self.delay)
        if self.down:
            raise DnsFailure("nobody there")
        return [self.address] if query.name == "pbx.test" else [], 60.0


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """A STUN server on loopback: any SIP port of ours is one."""
    loop = asyncio.get_running_loop()
    listener = await UdpListener.open(loop, (LOCAL, 0), lambda data, flow: None)
    yield f"stun:{LOCAL}:{listener.local[1]}"
    listener.close()


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        ("203.0.113.1", ("fixed", "203.0.113.1")),
        ("[2001:db8::1]", ("fixed", "2001:db8::1")),
        ("autonat:203.0.113.1", ("fixed", "203.0.113.1")),
        ("auto-nat:203.0.113.1", ("fixed", "203.0.113.1")),
        ("auto-nat", ("nat", "")),
        ("auto", ("own", "")),
        ("", ("own", "")),
        ("stun:stun.example.com", ("stun", "stun.example.com")),
        ("host:name.example.com", ("host", "name.example.com")),
        ("name.example.com", ("host", "name.example.com")),
    ],
)
def test_wishes_are_understood(wish: str, kind: tuple[str, str]) -> None:
    assert kind_of(wish) == kind


@pytest.mark.parametrize(
    ("wish", "address", "reason"),
    [
        ("203.0.113.1", "203.0.113.1", "as the setting says"),
        ("", LOCAL, "our own address"),
        ("auto-nat", LOCAL, "our own address: routers are not asked by UPnP or NAT-PMP"),
        ("host:pbx.test", "203.0.113.5", "the address of pbx.test"),
        (
            "host:no.test",
            LOCAL,
            "our own address, since no.test was of no help: it has no address",
        ),
        (
            "stun:127.0.0.1:x",
            LOCAL,
            "our own address, since 127.0.0.1:x was of no help: 'x' is no port",
        ),
    ],
)
async def test_an_address_is_found_and_explained(wish: str, address: str, reason: str) -> None:
    found = External(wish, LOCAL)
    await found.find(Names())
    assert (str(found), found.reason) == (address, reason)


async def test_a_stun_server_is_asked(server: str) -> None:
    found = External(server, LOCAL)
    assert await found.find(Names())
    assert str(found) == LOCAL
    assert found.reason == f"as {server.removeprefix('stun:')} sees us"


async def test_what_was_known_holds_while_nobody_can_tell() -> None:
    names = Names()
    found = External("host:pbx.test", LOCAL)
    await found.find(names)
    names.down = True
    assert not await found.find(names)
    assert str(found) == "203.0.113.5"
    assert found.reason.startswith("the last that was known, since pbx.test was of no help")


async def test_a_silent_stun_server_keeps_nobody_waiting_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stun, "FIRST_WAIT", 0.01)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=(LOCAL, 0)
    )
    port = transport.get_extra_info("sockname")[1]
    found = External(f"stun:{LOCAL}:{port}", LOCAL)
    await found.find(Names())
    assert "does not answer" in found.problem
    transport.close()


@pytest.mark.virtual_time
async def test_a_new_address_is_taken_over() -> None:
    names = Names()
    both = [External("host:pbx.test", LOCAL) for _ in range(2)]
    externals = Externals(asyncio.get_running_loop(), names, *both)
    task = await externals.start()
    assert task is not None
    assert (str(externals.sip), str(externals.rtp)) == ("203.0.113.5", "203.0.113.5")
    names.address = "203.0.113.9"
    await asyncio.sleep(external.AGAIN + 1)
    assert (str(externals.sip), str(externals.rtp)) == ("203.0.113.9", "203.0.113.9")
    externals.stop()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.virtual_time
async def test_a_start_waits_only_so_long_and_takes_the_answer_when_it_comes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop, names, told = asyncio.get_running_loop(), Names(), []
    names.delay = 30.0
    both = [External("host:pbx.test", LOCAL) for _ in range(2)]
    externals = Externals(loop, names, *both, lambda: told.append(str(externals.sip)))
    began = loop.time()
    task = await externals.start()
    assert loop.time() - began == pytest.approx(external.PATIENCE)
    assert str(externals.sip) == LOCAL
    assert externals.rtp.reason == "our own address, since pbx.test has not answered yet"
    assert "pbx.test has not answered yet; 127.0.0.1 is used until it does" in caplog.text
    assert not told
    await asyncio.sleep(30)
    assert told == ["203.0.113.5"]
    assert (str(externals.rtp), externals.problem) == ("203.0.113.5", "")
    externals.stop()
    assert task is not None
    await asyncio.wait([task])


@pytest.mark.virtual_time
async def test_who_was_of_no_help_is_asked_again_soon_and_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = Names()
    names.down = True
    externals = Externals(
        asyncio.get_running_loop(), names, External("host:pbx.test", LOCAL), External("", LOCAL)
    )
    task = await externals.start()
    await asyncio.sleep(external.RETRY * 2)
    assert caplog.text.count("was of no help") == 1
    names.down = False
    await asyncio.sleep(external.RETRY * 2)
    assert str(externals.sip) == "203.0.113.5"
    externals.stop()
    assert task is not None
    await asyncio.wait([task])


@pytest.mark.virtual_time
async def test_whoever_needs_the_address_waits_as_long_as_it_takes() -> None:
    names = Names()
    names.delay = 30.0
    wish = External("host:pbx.test", LOCAL)
    externals = Externals(asyncio.get_running_loop(), names, wish, External("", LOCAL))
    task = await externals.start(None)
    assert str(wish) == "203.0.113.5"
    externals.stop()
    assert task is not None
    await asyncio.wait([task])


async def test_what_is_fixed_needs_nobody() -> None:
    fixed = External("203.0.113.1", LOCAL)
    externals = Externals(asyncio.get_running_loop(), Names(), fixed, External("", LOCAL))
    assert await externals.start() is None


@pytest.mark.parametrize(
    ("sip", "rtp", "problem"),
    [
        ("203.0.113.5", "203.0.113.5", ""),
        ("host:gone.test", "203.0.113.5", "ext-sip-ip=host:gone.test: gone.test was of no help"),
        ("203.0.113.5", "host:gone.test", "ext-rtp-ip=host:gone.test: gone.test was of no help"),
    ],
)
async def test_what_is_not_found_is_a_problem(sip: str, rtp: str, problem: str) -> None:
    loop = asyncio.get_running_loop()
    found = Externals(loop, Names(), External(sip, "10.0.0.5"), External(rtp, "10.0.0.5"))
    task = await found.start()
    assert found.problem.startswith(problem) and bool(found.problem) == bool(problem)
    found.stop()
    if task is not None:
        await asyncio.wait([task])
