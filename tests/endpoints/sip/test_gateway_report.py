"""What ``sofia status gateway`` prints."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from softswitch.endpoints.sip import gateway_report, report
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time

GATEWAY = (
    '<gateway name="example.com"><param name="username" value="joeuser"/>'
    '<param name="realm" value="example.com"/><param name="register" value="false"/></gateway>'
)
ACCOUNT = (
    '<gateway name="account"><param name="username" value="u"/><param name="password" value="p"/>'
    '<param name="realm" value="asterisk"/><param name="proxy" value="192.0.2.20:5064"/>'
    '<param name="ping" value="30"/><param name="expire-seconds" value="600"/></gateway>'
)


async def test_a_gateway_in_text(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY) as running:
        gateway = running.profile.gateways["example.com"]
        gateway.up_since = gateway.profile.wall_clock() - 90
        assert gateway_report.gateway(gateway).splitlines() == [
            "=" * 97,
            "Name    \texample.com",
            "Profile \tinternal",
            "Scheme  \tDigest",
            "Realm   \texample.com",
            "Username\tjoeuser",
            "Password\tno",
            "From    \t<sip:joeuser@example.com>",
            "Contact \t<sip:gw+example.com@192.0.2.1:5060;transport=udp;gw=example.com>",
            "Exten   \tjoeuser",
            "To      \tsip:joeuser@example.com",
            "Proxy   \tsip:example.com",
            "Context \tdefault",
            "Expires \t3600",
            "Freq    \t3600",
            "Ping    \t0",
            "PingFreq\t0",
            "PingTime\t0.00",
            "PingState\t1/0/1",
            "State   \tNOREG",
            "Status  \tUP",
            "Uptime  \t90s",
            "CallsIN \t0",
            "CallsOUT\t0",
            "FailedCallsIN\t0",
            "FailedCallsOUT\t0",
            "=" * 97,
        ]


async def test_a_gateway_in_xml(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=ACCOUNT) as running:
        await running.settle()
        gateway = running.profile.gateways["account"]
        xml = gateway_report.xml_gateway(gateway)
        assert xml.startswith(gateway_report.XML + "  <gateway>\n    <name>account</name>\n")
        tree = ElementTree.fromstring(xml.partition("\n")[2])
        assert [child.tag for child in tree] == (
            "name profile scheme realm username password from contact exten to proxy context"
            " expires freq ping pingfreq pingmin pingcount pingmax pingtime pinging state status"
            " uptime-usec calls-in calls-out failed-calls-in failed-calls-out retry"
        ).split()
        for name, value in {
            "realm": "asterisk",
            "from": "<sip:u@192.0.2.20>",
            "contact": gateway.contact("udp"),
            "to": "sip:u@192.0.2.20:5064",
            "proxy": "sip:192.0.2.20:5064",
            "pingfreq": "30",
            "state": "TRYING",
            "status": "DOWN",
            "uptime-usec": "0",
            "retry": "NEVER",
        }.items():
            assert tree.findtext(name) == value
        assert int(tree.findtext("ping") or "") > gateway.profile.wall_clock()
        every = gateway_report.xml_gateways(running.sip)
        one = xml.removeprefix(gateway_report.XML)
        assert every == f"{gateway_report.XML}<gateways>\n{one}</gateways>\n"


async def test_all_gateways_in_a_table(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY) as running:
        gateway = running.profile.gateways["example.com"]
        gateway.calls_in, gateway.calls_out_failed = 3, 1
        text = gateway_report.gateways(running.sip)
        assert "internal::example.com\t" in text
        assert "sip:joeuser@example.com\tNOREG\t  0.00\t0/3\t1/0" in text
        assert text.endswith("1 gateway: Inbound(Failed/Total): 0/3,Outbound(Failed/Total):1/0\n")
        xml = report.xml_status(running.sip)
        assert "<gateway>\n<name>example.com</name>\n<type>gateway</type>\n" in xml
        assert "</gateway>\n\n" in xml


async def test_when_a_gateway_tries_again_is_told_everywhere(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=ACCOUNT) as running:
        await running.settle()
        assert "\tTRYING (retry: NEVER)\n" in report.status(running.sip)
        running.bob.answer(running.bob.request("REGISTER"), 403)
        await running.settle()
        for told in (
            report.status(running.sip),
            gateway_report.gateways(running.sip),
            report.xml_status(running.sip),
        ):
            assert " (retry: 30s)\n" in told
        assert "<retry>30s</retry>" in gateway_report.xml_gateways(running.sip)


async def test_a_gateway_that_is_being_asked_says_so(tmp_path: Path) -> None:
    pinged = GATEWAY.replace("</gateway>", '<param name="ping" value="10"/></gateway>')
    pinged = pinged.replace('value="example.com"', 'value="192.0.2.20:5064"')
    async with sip_bench(tmp_path, gateways=pinged) as running:
        gateway = running.profile.gateways["example.com"]
        await running.settle(10.5)
        assert "Status  \tUP (ping)\n" in gateway_report.gateway(gateway)
        assert "<pinging>1</pinging>" in gateway_report.xml_gateway(gateway)
        running.bob.answer(running.bob.request("OPTIONS"), 200)
        await running.settle()
        assert "Status  \tUP\n" in gateway_report.gateway(gateway)
        assert "PingState\t1/1/1\n" in gateway_report.gateway(gateway)
