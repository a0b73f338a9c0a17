"""Phones that are asked whether they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip import report
from softswitch.sip.message import Request
from tests.support.sip_bench import SipBench, sip_bench

pytestmark = pytest.mark.virtual_time

ALL = {"accept-blind-reg": "true", "all-reg-options-ping": "true", "ping-mean-interval": "10"}
BEHIND_NAT = "<sip:1000@10.0.0.5:5060>"


async def register(running: SipBench, **headers: str) -> None:
    running.alice.ask("REGISTER", call_id="reg", **headers)  # type: ignore[arg-type]
    await running.settle()
    running.alice.response(200)


def questions(running: SipBench) -> list[Request]:
    """The OPTIONS that came, each once."""
    found = [
        item
        for item in running.alice.received
        if isinstance(item, Request) and item.method == "OPTIONS"
    ]
    running.alice.received.clear()
    return list({item.call_id: item for item in found}.values())


async def test_a_phone_is_asked_now_and_then_where_it_registered_from(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile=ALL) as running:
        await register(running, Contact=BEHIND_NAT)
        for _ in range(5):
            await running.settle(16)
            asked = questions(running)
            assert asked
            for question in asked:
                assert question.uri == BEHIND_NAT.strip("<>")
                running.alice.answer(question, 404)
        await running.settle()
        (binding,) = running.sip.location
        state = running.profile.pinger.state(binding)
        assert state is not None
        assert state.reachable
        assert state.milliseconds > 0
        await register(running, Contact=BEHIND_NAT, Expires="0")
        for question in questions(running):
            running.alice.answer(question, 200)
        await running.settle(40)
        assert not questions(running)


@pytest.mark.parametrize(("contact", "asked"), [(BEHIND_NAT, True), ("", False)])
async def test_only_those_behind_nat_where_that_is_wished(
    tmp_path: Path, contact: str, asked: bool
) -> None:
    settings = {**ALL, "all-reg-options-ping": "false", "nat-options-ping": "true"}
    async with sip_bench(tmp_path, profile=settings) as running:
        await register(running, **({"Contact": contact} if contact else {}))
        await running.settle(20)
        assert bool(questions(running)) is asked


@pytest.mark.parametrize("forgets", [True, False])
async def test_who_is_silent_too_often_is_told_and_may_be_forgotten(
    tmp_path: Path, forgets: bool
) -> None:
    settings = {**ALL, "unregister-on-options-fail": str(forgets).lower()}
    async with sip_bench(tmp_path, profile=settings) as running:
        await register(running)
        await running.settle(150)
        (told,) = running.events("sofia::sip_user_state")
        assert told["Ping-Status"] == "UNREACHABLE"
        assert told["sip_user"] == "1000@example.test"
        if forgets:
            assert not len(running.sip.location)
            assert running.events("sofia::unregister")[0]["reason"] == "options failure"
            return
        status = report.registrations(running.sip.location, running.profile.pinger.state)
        assert "Ping-Status:\tUnreachable" in status
        questions(running)
        for _ in range(3):
            await running.settle(16)
            for question in questions(running):
                running.alice.answer(question, 200)
        await running.settle()
        assert running.events("sofia::sip_user_state")[-1]["Ping-Status"] == "REACHABLE"
