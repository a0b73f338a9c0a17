"""Gateways that come and go with the configuration, and those inside users."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.gateway_configuration import read_gateways, rescan_gateways
from tests.endpoints.sip.test_gateway import gateway_xml
from tests.support.sip_bench import DIRECTORY, element_of, profile_xml, sip_bench

pytestmark = pytest.mark.virtual_time

VARIABLES = gateway_xml(register="false").replace(
    "</gateway>",
    '<variables><variable name="a" value="in" direction="inbound"/>'
    '<variable name="b" value="out" direction="outbound"/>'
    '<variable name="c" value="both"/></variables></gateway>',
)


async def test_variables_have_directions(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=VARIABLES) as running:
        (gateway,) = read_gateways(running.profile, element_of(running)).values()
        assert gateway.variables_in == {"a": "in", "c": "both"}
        assert gateway.variables_out == {"b": "out", "c": "both"}


async def test_a_rescan_touches_only_what_changed(tmp_path: Path) -> None:
    before = "".join(gateway_xml(name, register="false") for name in ("gone", "kept", "other"))
    after = (
        gateway_xml("kept", register="false")
        + gateway_xml("other", register="false", context="elsewhere")
        + gateway_xml("new", register="false")
    )
    more = profile_xml("second", {"sip-port": "5090"}, f"<gateways>{after}</gateways>")
    async with sip_bench(tmp_path, gateways=before, more_profiles=more) as running:
        profile = running.profile
        old = dict(profile.gateways)
        rescan_gateways(profile, element_of(running, "second"))
        assert list(profile.gateways) == ["kept", "other", "new"]
        assert profile.gateways["kept"] is old["kept"]
        assert profile.gateways["other"].settings.context == "elsewhere"
        gone = [event["Gateway"] for event in running.events("sofia::gateway_delete")]
        assert gone == ["gone", "other"]


@pytest.mark.parametrize(("parse", "found"), [("true", ["mine"]), ("false", [])])
async def test_users_may_bring_gateways(tmp_path: Path, parse: str, found: list[str]) -> None:
    mine = f"<gateways>{gateway_xml('mine', register='false')}</gateways>"
    directory = DIRECTORY.replace('<user id="1001">', f'<user id="1001">{mine}')
    domains = f'<domains><domain name="all" alias="false" parse="{parse}"/></domains>'
    more = profile_xml("second", {"sip-port": "5090"}, domains)
    async with sip_bench(tmp_path, directory=directory, more_profiles=more) as running:
        assert list(running.sip.profiles["second"].gateways) == found
