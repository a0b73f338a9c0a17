"""What ``sofia`` tells in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from softswitch.endpoints.sip import json_report
from tests.endpoints.sip.test_gateway_report import ACCOUNT, GATEWAY
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time


async def test_profiles_are_laid_out_as_freeswitch_does_it(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY) as running:
        told = json_report.json_status(running.sip)
        assert told.startswith(
            '{\n\t"profiles":\t{\n\t\t"internal":\t{\n\t\t\t"status":\t{\n'
            '\t\t\t\t"type":\t"profile",\n\t\t\t\t"state":\t"RUNNING",\n'
        )
        assert '\t\t\t\t"rtp-ip":\t["192.0.2.1"],\n' in told
        assert told.endswith("}\n")
        info = json.loads(told)["profiles"]["internal"]["info"]
        assert (
            list(info)
            == (
                "domain-name auto-nat db-name pres-hosts dialplan context challenge-realm rtp-ip"
                " ext-rtp-ip sip-ip ext-sip-ip url bind-url hold-music outbound-proxy"
            ).split()
        )
        assert info["url"] == "sip:mod_sofia@192.0.2.1:5060"


async def test_a_gateway_tells_when_it_tries_again(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=ACCOUNT) as running:
        await running.settle()

        def gateway() -> dict[str, object]:
            told = json_report.status(running.sip, with_info=False)
            found: dict[str, object] = told["profiles"]["internal"]["gateways"]["account"]
            return found

        assert gateway()["retry"] == "never"
        running.bob.answer(running.bob.request("REGISTER"), 403)
        await running.settle()
        assert (gateway()["state"], gateway()["retry"]) == ("FAIL_WAIT", 30)
