"""The switch itself behind a NAT with forwarded ports: phones outside, inside, and by hairpin."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.interop.test_nat import SAYS, Switch, prepare_phone, prepare_switch
from tests.support.audio import heard_tone
from tests.support.nat import INSIDE, OUTSIDE, ROUTER, House, Kind, house, needs_namespaces, run
from tests.support.patience import PATIENCE
from tests.support.programs import needs, running
from tests.support.server import until

pytestmark = [needs("baresip"), *needs_namespaces, pytest.mark.slow]

NEIGHBOUR = "10.77.0.3"
"""A phone in the switch's own network."""
STUN = """
import socket
from softswitch.webrtc.stun import binding_success
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("{host}", 3478))
while True:
    data, source = server.recvfrom(2048)
    server.sendto(binding_success(data, source), source)
"""
"""A STUN server in the world outside."""
FORWARD = """table ip forward {
 chain in { type nat hook prerouting priority -100;
  ip daddr 198.18.0.1 udp dport { 5060, 16384-32768 } dnat to 10.77.0.2; };
 chain back { type nat hook postrouting priority 90;
  ip saddr 10.77.0.0/24 ip daddr 10.77.0.2 masquerade; };
}"""
"""The router lets calls in, also those of its own side (a hairpin)."""


@asynccontextmanager
async def forwarded(kind: Kind) -> AsyncIterator[House]:
    """A house whose router forwards what a switch needs, and room for a neighbour."""
    async with house(kind) as network:
        await run(*network.within(network.router, "nft", FORWARD))
        link = f"{network.inside.removesuffix('in')}p0"
        address = ("addr", "add", f"{NEIGHBOUR}/24", "dev", link)
        await run("ip", "-n", network.inside, *address)
        yield network


def external(conf: Path, wish: str) -> None:
    """Say how the profile is known outside."""
    file = conf / "sip_profiles/internal.xml"
    before = '<param name="sip-ip" value="$${bind_address}"/>'
    text = file.read_text()
    assert before in text
    params = "".join(
        f'<param name="{name}" value="{wish}"/>' for name in ("ext-sip-ip", "ext-rtp-ip")
    )
    file.write_text(text.replace(before, before + params))


async def call_echo(
    network: House, namespace: str, folder: Path, own: str, asked: str, switch: Switch
) -> None:
    """Register with ``asked`` from ``own``, call the echo, and hear it."""
    prepare_phone(folder, switch.password, own=own, server=asked)
    dial = ["baresip", "-f", str(folder), "-e", f"/dial sip:9196@{asked}"]
    async with running(network.within(namespace, *dial), folder / "log") as baresip:
        await switch.until("sofia status profile internal reg", "Total items returned: 1")
        await switch.until("show calls count", "1 total")
        # What is heard takes its time.
        await asyncio.sleep(2)
        await switch.api("hupall")
        await switch.until("show channels count", "0 total")
        answer = await switch.api(f"originate user/1000@{INSIDE} &echo()")
        assert answer.startswith("+OK"), answer
        await asyncio.sleep(2)
        await switch.api("hupall")
        await switch.until("show channels count", "0 total")
        baresip.terminate()
        await baresip.wait()
    check_heard(folder)


def check_heard(folder: Path) -> None:
    """Both calls brought the phone's own voice back."""
    recordings = sorted(folder.glob("dump-*-dec.wav"))
    assert len(recordings) == 2, (folder / "log").read_text()
    for recording in recordings:
        assert heard_tone(recording, SAYS, at_least_ms=500)


@pytest.mark.parametrize(
    ("kind", "wish"),
    [
        (Kind.PORT_RESTRICTED, ROUTER),
        (Kind.SYMMETRIC, f"autonat:{ROUTER}"),
        (Kind.PORT_RESTRICTED, f"host:{ROUTER}"),
        (Kind.PORT_RESTRICTED, f"stun:{OUTSIDE}:3478"),
    ],
)
async def test_phones_on_both_sides_of_the_nat_talk_to_a_switch_behind_it(
    tmp_path: Path, kind: Kind, wish: str
) -> None:
    async with forwarded(kind) as network:
        switch = Switch(tmp_path, network, namespace=network.inside)
        log = tmp_path / "log"
        command = prepare_switch(tmp_path, network, own=INSIDE, namespace=network.inside)
        external(tmp_path / "conf", wish)
        stun = network.within(network.outside, sys.executable, "-c", STUN.format(host=OUTSIDE))
        async with running(stun, tmp_path / "stun"), running(command, log) as process:
            await until(lambda: " is up after " in log.read_text(), "the switch", PATIENCE,
                        log.read_text)  # fmt: skip
            for name, namespace, own, asked in (
                ("outside", network.outside, OUTSIDE, ROUTER),
                ("inside", network.inside, NEIGHBOUR, INSIDE),
                ("hairpin", network.inside, NEIGHBOUR, ROUTER),
            ):
                await call_echo(network, namespace, tmp_path / name, own, asked, switch)
                await switch.api("sofia profile internal flush_inbound_reg")
            process.terminate()
            await process.wait()
        assert "Traceback" not in log.read_text()
