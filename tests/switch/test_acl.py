from __future__ import annotations

import random
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from pathlib import Path

import pytest

from softswitch.config.errors import Finding, Severity
from softswitch.config.validators import validate
from softswitch.directory.lookup import Directory
from softswitch.switch.acl import AccessLists, AclResult, NetworkList
from tests.config.files import load_files

LOCAL = IPv4Network("192.168.5.0/24")

LISTS = """<configuration name="acl.conf"><network-lists>
<list name="lan" default="allow">
<node type="deny" cidr="192.168.42.0/24"/>
<node type="allow" cidr="192.168.42.42/32"/>
</list>
<list name="Trunks" default="deny">
<node type="allow" cidr="198.51.100.1/32,198.51.100.2/32"/>
<node type="allow" host="203.0.113.0" mask="255.255.255.0"/>
<node type="deny" host="203.0.113.5"/>
<node type="allow" cidr="2001:db8::/32"/>
</list>
<list name="users" default="deny">
<node type="allow" domain="d.test"/>
</list>
<list name="ports" default="deny">
<node type="allow" cidr="10.0.0.1/32" port="5060"/>
<node type="allow" cidr="10.0.0.2/32" ports="5060,5080"/>
<node type="allow" cidr="10.0.0.3/32" port-min="6000" port-max="6100"/>
<node type="allow" cidr="10.0.0.4/32" port-min="6000"/>
</list>
<list name="twice" default="deny">
<node type="allow" cidr="10.0.0.0/8"/>
<node type="deny" cidr="10.0.0.0/8"/>
</list>
</network-lists></configuration>
"""
USERS = """<domain name="d.test"><users>
<user id="501" cidr="10.1.0.0/16"/><user id="502" cidr="10.1.7.0/24,10.2.0.9"/><user id="503"/>
</users></domain>
"""


def build(folder: Path, acl: str = LISTS, users: str = USERS) -> tuple[AccessLists, list[Finding]]:
    files = {"autoload_configs/acl.conf.xml": acl, "directory/d.xml": users}
    configuration = load_files(folder, files)
    lists = AccessLists(LOCAL)
    element = configuration.configuration("acl.conf")
    return lists, lists.rebuild(element, Directory.from_configuration(configuration))


CHECKS = [
    ("lan", "192.168.42.1", 0, False, ""),
    ("lan", "192.168.42.42", 0, True, ""),
    ("lan", "8.8.8.8", 0, True, ""),
    ("trunks", "198.51.100.1", 0, True, ""),
    ("TRUNKS", "198.51.100.2", 0, True, ""),
    ("trunks", "198.51.100.3", 0, False, ""),
    ("trunks", "203.0.113.4", 0, True, ""),
    ("trunks", "203.0.113.5", 0, False, ""),
    ("trunks", "2001:db8::1", 0, True, ""),
    ("trunks", "2001:db9::1", 0, False, ""),
    ("trunks", "::ffff:203.0.113.4", 0, True, ""),
    ("trunks", "[2001:db8::1%eth0]", 0, True, ""),
    ("users", "10.1.2.3", 0, True, "501@d.test"),
    ("users", "10.1.7.3", 0, True, "502@d.test"),
    ("users", "10.2.0.9", 0, True, "502@d.test"),
    ("users", "10.2.0.8", 0, False, ""),
    ("ports", "10.0.0.1", 5060, True, ""),
    ("ports", "10.0.0.1", 5061, False, ""),
    ("ports", "10.0.0.1", 0, True, ""),
    ("ports", "10.0.0.2", 5080, True, ""),
    ("ports", "10.0.0.2", 5081, False, ""),
    ("ports", "10.0.0.3", 6100, True, ""),
    ("ports", "10.0.0.3", 6101, False, ""),
    ("ports", "10.0.0.4", 65535, True, ""),
    ("ports", "10.0.0.4", 5999, False, ""),
    ("twice", "10.0.0.1", 0, True, ""),
    ("none", "10.0.0.1", 0, False, ""),
    ("10.0.0.0/8", "10.9.9.9", 0, True, ""),
    ("10.0.0.0/8,192.0.2.0/24", "192.0.2.9", 0, True, ""),
    ("10.0.0.0/8", "11.0.0.1", 0, False, ""),
    ("nonsense/8", "10.0.0.1", 0, False, ""),
    ("lan", "not an address", 0, False, ""),
    ("lan", "", 0, False, ""),
    ("rfc1918.auto", "10.0.0.1", 0, True, ""),
    ("rfc1918.auto", "172.31.0.1", 0, True, ""),
    ("rfc1918.auto", "172.32.0.1", 0, False, ""),
    ("rfc6598.auto", "100.64.0.1", 0, True, ""),
    ("nat.auto", "192.168.6.1", 0, True, ""),
    ("nat.auto", "192.168.5.1", 0, False, ""),
    ("nat.auto", "8.8.8.8", 0, False, ""),
    ("localnet.auto", "192.168.5.1", 0, True, ""),
    ("localnet.auto", "192.168.6.1", 0, False, ""),
    ("loopback.auto", "127.9.9.9", 0, True, ""),
    ("loopback.auto", "::1", 0, True, ""),
    ("loopback.auto", "10.0.0.1", 0, False, ""),
    ("wan.auto", "8.8.8.8", 0, True, ""),
    ("wan.auto", "10.0.0.1", 0, False, ""),
    ("wan.auto", "fe80::1", 0, False, ""),
    ("wan.auto", "2001:4860::1", 0, True, ""),
    ("wan_v4.auto", "8.8.8.8", 0, True, ""),
    ("wan_v4.auto", "2001:4860::1", 0, False, ""),
    ("wan_v6.auto", "2001:4860::1", 0, True, ""),
    ("wan_v6.auto", "fd00::1", 0, False, ""),
    ("any_v4.auto", "10.0.0.1", 0, True, ""),
    ("any_v4.auto", "::1", 0, False, ""),
    ("any_v6.auto", "::1", 0, True, ""),
]


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> AccessLists:
    built, findings = build(tmp_path_factory.mktemp("acl"))
    assert not findings
    return built


@pytest.mark.parametrize(("name", "ip", "port", "allowed", "token"), CHECKS)
def test_a_list_answers_by_its_longest_prefix(
    lists: AccessLists, name: str, ip: str, port: int, allowed: bool, token: str
) -> None:
    assert lists.check(name, ip, port) == AclResult(allowed, token)


def test_lists_are_known_by_name(lists: AccessLists) -> None:
    assert "trunks" in lists
    assert "wan.auto" in lists
    assert "none" not in lists
    names = {repr(network_list) for network_list in lists}
    assert "<NetworkList lan: 2 nodes, default allow>" in names


def test_rebuilding_takes_the_lists_anew(tmp_path: Path) -> None:
    lists, _ = build(tmp_path)
    configuration = load_files(tmp_path / "new", {})
    element = configuration.configuration("acl.conf")
    assert lists.rebuild(element, Directory.from_configuration(configuration)) == []
    assert "lan" not in lists
    assert lists.check("rfc1918.auto", "10.0.0.1").allowed


def test_a_configured_list_replaces_an_automatic_one_of_its_name(tmp_path: Path) -> None:
    acl = (
        '<configuration name="acl.conf"><network-lists><list name="loopback.auto" default="deny"/>'
        "</network-lists></configuration>"
    )
    lists, _ = build(tmp_path, acl)
    assert not lists.check("loopback.auto", "127.0.0.1").allowed


def test_this_machines_own_network_is_asked_of_the_system() -> None:
    assert AccessLists().check("loopback.auto", "127.0.0.1").allowed


FAULTS = [
    ("<list/>", "A602", Severity.ERROR),
    ('<list name="a"/><list name="A"/>', "A601", Severity.WARNING),
    ('<list name="a"><node type="allow" cidr="10.0.0.0/33"/></list>', "A602", Severity.ERROR),
    ('<list name="a"><node type="allow" cidr=""/></list>', "A602", Severity.WARNING),
    ('<list name="a"><node type="allow"/></list>', "A602", Severity.ERROR),
    ('<list name="a"><node type="perhaps" cidr="10.0.0.0/8"/></list>', "A602", Severity.WARNING),
    ('<list name="a"><node type="allow" domain="x"/></list>', "A603", Severity.WARNING),
    (
        '<list name="a"><node type="allow" cidr="10.0.0.0/8" port="sip"/></list>',
        "A602",
        Severity.ERROR,
    ),
]


@pytest.mark.parametrize(("written", "code", "severity"), FAULTS)
def test_what_is_not_understood_is_told_and_left_out(
    written: str, code: str, severity: Severity, tmp_path: Path
) -> None:
    acl = (
        f'<configuration name="acl.conf"><network-lists>\n{written}\n'
        "</network-lists></configuration>"
    )
    lists, (finding,) = build(tmp_path, acl)
    assert (finding.code, finding.severity, finding.line) == (code, severity, 2)
    assert not lists.check("a", "10.0.0.1", 5060).allowed
    configuration = load_files(tmp_path, {})
    assert finding in validate(configuration, "configuration")


def test_the_table_answers_as_a_search_through_all_nodes_does() -> None:
    chance = random.Random(7)
    made = NetworkList("random", default=True)
    nodes = []
    for number in range(300):
        length = chance.randrange(33)
        network = ip_network((chance.getrandbits(32), length), strict=False)
        allowed = chance.random() < 0.5
        made.add(network, allowed, str(number))
        nodes.append((network, AclResult(allowed, str(number))))
    for _ in range(500):
        near = chance.choice(nodes)[0].network_address
        address = IPv4Address(int(near) ^ chance.getrandbits(chance.randrange(16)))
        matching = [node for node in nodes if address in node[0]]
        longest = max((network.prefixlen for network, _ in matching), default=0)
        first = next((r for network, r in matching if network.prefixlen == longest), None)
        assert made.check(ip_address(str(address))) == (first or AclResult(True))
