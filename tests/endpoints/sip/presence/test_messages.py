"""Message waiting: to those who subscribed, to phones unasked, and asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endpoints.sip.presence.watching import MANAGED, told, watch
from tests.support.sip_bench import sip_bench

pytestmark = pytest.mark.virtual_time
WAITING = {
    "MWI-Messages-Waiting": "yes",
    "MWI-Message-Account": "sip:1000@example.test",
    "MWI-Voice-Message": "2/1 (0/0)",
}
BODY = (
    b"Messages-Waiting: yes\r\nMessage-Account: sip:1000@example.test\r\n"
    b"Voice-Message: 2/1 (0/0)\r\n"
)


async def test_a_subscriber_is_told_what_waits(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        _, first = await watch(running, running.alice, "1000", "message-summary")
        assert first is not None
        assert first.content_type == "application/simple-message-summary"
        assert first.body.startswith(b"Messages-Waiting: no\r\n")
        (query,) = running.events("MESSAGE_QUERY")
        assert query["Message-Account"] == "sip:1000@example.test"
        running.switch.publish("MESSAGE_WAITING", WAITING)
        assert (await told(running, running.alice)).body == BODY


async def test_a_registered_phone_is_told_unasked(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        await running.register(running.alice)
        assert running.events("MESSAGE_QUERY")
        running.switch.publish("MESSAGE_WAITING", WAITING)
        notify = await told(running, running.alice)
        assert notify.body == BODY
        assert notify.headers.get("Event") == "message-summary"
        assert notify.to.tag is None


async def test_registrations_need_not_ask(tmp_path: Path) -> None:
    settings = {"send-message-query-on-register": "first-only"}
    async with sip_bench(tmp_path, profile=settings) as running:
        await running.register(running.alice)
        await running.register(running.alice)
        assert len(running.events("MESSAGE_QUERY")) == 1
    async with sip_bench(
        tmp_path / "b", profile={"send-message-query-on-register": "false"}
    ) as running:
        await running.register(running.alice)
        assert not running.events("MESSAGE_QUERY")


async def test_an_account_without_a_domain_is_nobodys(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=MANAGED) as running:
        running.switch.publish("MESSAGE_WAITING", {"MWI-Message-Account": "1000"})
        assert not running.sip.presence.messages.of("1000")


async def test_a_phone_may_be_told_under_the_call_id_of_its_registration(tmp_path: Path) -> None:
    wish = {**MANAGED, "mwi-use-reg-callid": "true"}
    async with sip_bench(tmp_path, profile=wish) as running:
        await running.register(running.alice)
        (binding,) = running.sip.location
        running.switch.publish("MESSAGE_WAITING", WAITING)
        assert (await told(running, running.alice)).call_id == binding.call_id
