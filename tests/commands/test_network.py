from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench

LOOPBACK = Path("/sys/class/net/lo")


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("acl 10.0.0.1 rfc1918.auto", "true"),
        ("check_acl 8.8.8.8 8.8.8.0/24", "true"),
        ("acl 8.8.8.8 rfc1918.auto", "false"),
        ("acl 8.8.8.8", "false"),
        ("acl", "false"),
        ("is_lan_addr 10.1.2.3", "true"),
        ("is_lan_addr 192.168.1.1", "true"),
        ("is_lan_addr 172.31.0.1", "true"),
        ("is_lan_addr 172.32.0.1", "false"),
        ("lan_addr 8.8.8.8", "false"),
        ("is_lan_addr fd00::1", "true"),
        ("is_lan_addr 2001:4860:4860::8888", "false"),
        ("is_lan_addr a:b", "false"),
        ("is_lan_addr", "false"),
        ("gethost 127.0.0.1", "127.0.0.1"),
        ("gethost", "-ERR"),
        ("gethost no such name", "-ERR"),
        ("host_lookup 127.0.0.1", "127.0.0.1"),
        ("host_lookup ::1", "::1"),
        ("host_lookup", "parameter missing\n"),
        ("host_lookup no such name", "!err!"),
        ("interface_ip auto nosuch0", ""),
        ("interface_ip ipv4", "USAGE: interface_ip [auto|ipv4|ipv6] <ifname>\n"),
        ("interface_ip ipv5 lo", "USAGE: interface_ip [auto|ipv4|ipv6] <ifname>\n"),
        ("nat_map add 5060 udp", "false"),
    ],
)
async def test_addresses_and_names(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


async def test_no_ports_are_mapped(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert "0 total." in await b.switch.run_command("nat_map status")


@pytest.mark.skipif(not LOOPBACK.exists(), reason="there is no interface lo")
async def test_an_interface_has_an_address(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command("interface_ip ipv4 lo") == "127.0.0.1"
        assert await b.switch.run_command("interface_ip auto lo") == "127.0.0.1"
        assert await b.switch.run_command("interface_ip ipv6 lo") in ("::1", "")
