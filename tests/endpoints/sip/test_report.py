"""What ``sofia status`` prints, byte for byte as recorded where the recordings are here."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from softswitch.endpoints.sip import report
from softswitch.endpoints.sip.gateway_report import XML
from tests.endpoints.sip.test_gateway_report import GATEWAY
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import profile_xml, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

RECORDED = Path(__file__).resolve().parents[3] / "../shared/reference/freeswitch/recorded/show"
recorded = pytest.mark.skipif(not RECORDED.exists(), reason="no recordings here")
LOOPBACK = {"sip-ip": "127.0.0.1", "rtp-ip": "127.0.0.1"}
EXTERNAL = profile_xml(
    "external", {**LOOPBACK, "sip-port": "5080"}, f"<gateways>{GATEWAY}</gateways>"
)
BENCH = profile_xml(
    "bench",
    {
        **LOOPBACK,
        "sip-port": "5070",
        "context": "bench",
        "hold-music": "local_stream://moh",
        "inbound-late-negotiation": "true",
        "rtcp-audio-interval-msec": "0",
    },
)


def as_recorded(name: str) -> str:
    """A recording; the client that made it added an empty line."""
    return (RECORDED / name).read_text()


def lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


@recorded
async def test_status_is_as_recorded(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=LOOPBACK, more_profiles=EXTERNAL + BENCH) as running:
        running.sip.aliases["127.0.0.1"] = "internal"
        ours, theirs = lines(report.status(running.sip)), lines(as_recorded("sofia_status.txt"))
        assert (ours[:3], ours[-2:]) == (theirs[:3], theirs[-2:])
        assert sorted(ours[3:-2]) == sorted(theirs[3:-2])


@recorded
async def test_the_status_of_a_profile_is_as_recorded(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, more_profiles=BENCH) as running:
        bench = running.sip.profiles["bench"]
        text = report.profile(running.sip, bench, "bench")
        assert lines(text) == lines(as_recorded("sofia_status_bench.txt"))


@recorded
async def test_the_xml_of_a_profile_has_the_recorded_elements(tmp_path: Path) -> None:
    path = RECORDED.parent / "channel/bridged_sofia_xmlstatus_profile_internal.txt"
    theirs = re.findall(r"<([a-z-]+)>", path.read_text())
    async with sip_bench(tmp_path) as running:
        ours = re.findall(
            r"<([a-z-]+)>", report.xml_profile(running.sip, running.profile, "internal")
        )
        assert ours == [name for name in theirs if name not in ("ws-bind-url", "wss-bind-url")]


@recorded
@pytest.mark.parametrize("kind", ["status", "xmlstatus"])
async def test_registrations_are_as_recorded(kind: str) -> None:
    theirs = as_recorded(f"reg_sofia_{kind}_profile_internal_reg.txt")
    binding = replace(
        HOME,
        contact="sip:1000@127.0.0.1:5093",
        realm="127.0.0.1",
        network_ip="127.0.0.1",
        network_port=5093,
        call_id="1-25559@127.0.0.1",
        agent="unknown",
        auth_realm="127.0.0.1",
        hostname="vm",
    )
    if kind == "status":
        ours = report.registrations([binding])
    else:
        ours = f"{XML}<profile>\n{report.xml_registrations([binding])}</profile>\n"

    def without_time(text: str) -> list[str]:
        return lines(re.sub(r"(?i)(exp|expsecs)\([^)]*\)", r"\1()", text))

    assert without_time(ours) == without_time(theirs)


async def test_what_the_counters_count(tmp_path: Path) -> None:
    answer = extension("9196", "answer", "park")
    async with sip_bench(tmp_path, answer, extension("486", "hangup USER_BUSY")) as running:
        await running.call("9196")
        running.alice.ask("INVITE", "486")
        await running.settle()
        text = report.profile(running.sip, running.profile, "internal")
        assert "CALLS-IN         \t2\nFAILED-CALLS-IN  \t1\n" in text
        assert "RUNNING (1)" in report.status(running.sip)
        running.sip.location.put(replace(HOME, expires=2e9))
        assert "REGISTRATIONS    \t1\n" in report.profile(running.sip, running.profile, "internal")


async def test_watched_registrations_follow_the_profile(tmp_path: Path) -> None:
    hosts = {"presence-hosts": "example.test"}
    async with sip_bench(tmp_path, profile=hosts) as running:
        running.sip.location.put(replace(HOME, expires=2e9))
        run = running.switch.run_command
        text = await run("sofia status profile internal pres example")
        assert text.startswith("=" * 97 + "\nName             \tinternal\n")
        assert "REGISTRATIONS    \t1\n\nRegistrations:\n" in text
        xml = await run("sofia xmlstatus profile internal pres example")
        tree = ElementTree.fromstring(xml.partition("\n")[2])
        assert [child.tag for child in tree] == ["profile-info", "registrations"]
        xml = await run("sofia xmlstatus profile internal reg")
        tree = ElementTree.fromstring(xml.partition("\n")[2])
        assert [child.tag for child in tree] == ["registrations"]
