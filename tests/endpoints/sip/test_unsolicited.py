"""What registered phones are told without having asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.endpoints.sip.unsolicited import notify_binding, notify_check_sync
from tests.endpoints.sip.test_reach import HOME
from tests.support.sip_bench import ALICE, sip_bench

pytestmark = pytest.mark.virtual_time

PHONE = replace(HOME, network_ip=ALICE[0], network_port=ALICE[1])


async def test_a_phone_is_told_to_read_its_configuration_anew(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        notify_check_sync(running.profile, PHONE)
        running.profile.pump()
        notify = running.alice.request("NOTIFY")
        assert notify.headers.get("Event") == "check-sync;reboot=false"
        assert notify.headers.get("Subscription-State") == "active"
        assert str(notify.from_.uri) == "sip:1000@example.test"
        assert notify.headers.get("Contact") == "<sip:mod_sofia@192.0.2.1:5060>"


@pytest.mark.parametrize("same", [True, False])
async def test_waiting_messages_may_have_the_call_id_of_the_registration(
    tmp_path: Path, same: bool
) -> None:
    settings = {"mwi-use-reg-callid": str(same).lower()}
    async with sip_bench(tmp_path, profile=settings) as running:
        kind = "application/simple-message-summary"
        notify_binding(running.profile, PHONE, "message-summary", kind, b"Messages-Waiting: no")
        notify = running.alice.request("NOTIFY")
        assert (notify.call_id == PHONE.call_id) is same
        assert (notify.content_type, notify.body) == (kind, b"Messages-Waiting: no")
        assert notify.headers.get("Subscription-State") == "terminated;reason=noresource"


async def test_a_phone_behind_a_proxy_is_told_by_way_of_it(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        notify_check_sync(running.profile, replace(PHONE, path="<sip:192.0.2.10:5062;lr>"))
        running.profile.pump()
        notify = running.alice.request("NOTIFY")
        assert notify.headers.get("Route") == "<sip:192.0.2.10:5062;lr>"


async def test_a_phone_by_a_transport_we_lack_is_told_nothing(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        notify_check_sync(running.profile, replace(PHONE, transport="ws"))
        running.profile.pump()
        assert not [each for each in running.alice.received if not hasattr(each, "status")]
