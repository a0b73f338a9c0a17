"""Requests outside of calls: each finds the role that answers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.dispatch import dispatch
from softswitch.sip import events
from tests.support.sip_bench import sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time


async def test_options_are_answered_as_recorded(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        running.alice.ask("OPTIONS", "ping")
        headers = running.alice.response(200).headers
        assert headers.get("Contact") == "<sip:ping@192.0.2.1:5060>"
        assert headers.get("Accept") == "application/sdp"
        assert "REGISTER" in (headers.get("Allow") or "")
        assert len(headers.all("Allow")) == 1
        assert "presence" in (headers.get("Allow-Events") or "")
        running.switch.stop_requested.set()
        running.alice.ask("OPTIONS", "ping")
        running.alice.response(503)
        running.switch.stop_requested.clear()


@pytest.mark.parametrize(
    ("method", "status"),
    [("SUBSCRIBE", 489), ("PUBLISH", 489), ("NOTIFY", 489), ("REFER", 400)],
)
async def test_what_it_does_not_do_it_refuses(tmp_path: Path, method: str, status: int) -> None:
    async with sip_bench(tmp_path) as running:
        running.alice.ask(method, "x")
        running.alice.response(status)


@pytest.mark.parametrize(("settings", "status"), [({"profile-standby": "true"}, 503), ({}, 200)])
async def test_a_profile_that_stands_by_refuses_everything(
    tmp_path: Path, settings: dict[str, str], status: int
) -> None:
    async with sip_bench(tmp_path, profile=settings) as running:
        running.alice.ask("OPTIONS")
        response = running.alice.response(status)
        assert response.reason == ("OK" if status == 200 else "System Paused")


@pytest.mark.parametrize(("wish", "status"), [("true", 503), ("false", 200)])
async def test_options_tell_of_no_room_where_wished(tmp_path: Path, wish: str, status: int) -> None:
    busy = {"sip-options-respond-503-on-busy": wish}
    async with sip_bench(tmp_path, profile=busy) as running:
        running.switch.admission.max_sessions = 0
        running.alice.ask("OPTIONS")
        running.alice.response(status)


async def test_a_notify_that_keeps_a_binding_alive_is_answered(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        for package, status in (("keep-alive", 200), ("refer", 481), ("check-sync", 489)):
            running.alice.ask("NOTIFY", Event=package)
            response = running.alice.response(status)
            assert ("Allow-Events" in response.headers) is (status == 489)


async def test_what_belongs_to_nobody_is_nothing_to_fail_over(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, extension("9196", "answer", "park")) as running:
        _, session = await running.call("9196")
        usage = next(iter(running.profile.stack.usages))
        leg, usage.user = usage.user, None
        dispatch(running.profile, events.Ended(usage, None, "timeout"))
        assert session.channel.up
        usage.user = leg
        dispatch(running.profile, events.Ended(usage, None, "timeout"))
        assert not session.channel.up
