"""What the far end answers to a BYE of ours, as programs hear of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sip_bench import sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

ANSWER = extension("9196", "answer", "park")
WISH = {"fire-bye-response-events": "true"}
EVENT = "sofia::bye_response"


@pytest.mark.parametrize(("settings", "told"), [(WISH, 1), ({}, 0)])
async def test_its_own_headers_are_told_where_the_profile_wishes(
    tmp_path: Path, settings: dict[str, str], told: int
) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=settings) as running:
        response, session = await running.call("9196")
        session.hangup()
        await running.settle()
        assert not running.events(EVENT)
        bye = running.alice.request("BYE")
        running.alice.answer(bye, 200, X_Charge="5", User_Agent="phone", Diversion="<sip:a@b>")
        await running.settle()
        assert len(running.events(EVENT)) == told
        for event in running.events(EVENT):
            assert (event["call-id"], event["Unique-ID"]) == (response.call_id, session.uuid)
            assert (event["X-Charge"], event["Diversion"]) == ("5", "<sip:a@b>")
            assert not {"User-Agent", "Via", "CSeq", "Contact", "Content-Length"} & set(event)
            assert list(event)[-4:] == ["call-id", "Unique-ID", "X-Charge", "Diversion"]


async def test_nothing_that_the_switch_says_of_an_event_comes_from_the_far_end(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=WISH) as running:
        _, session = await running.call("9196")
        session.hangup()
        await running.settle()
        bye = running.alice.request("BYE")
        forged = {"Event_Name": "SHUTDOWN", "Core_UUID": "x", "Unique_ID": "x"}
        running.alice.answer(bye, 200, **forged)
        await running.settle()
        [event] = running.events(EVENT)
        assert (event["Event-Name"], event["Unique-ID"]) == ("CUSTOM", session.uuid)
        assert event["Core-UUID"] == running.switch.core_uuid


async def test_refusals_are_told_and_silence_is_not(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=WISH) as running:
        for status in (481, 0):
            _, session = await running.call("9196")
            session.hangup()
            await running.settle()
            bye = running.alice.request("BYE")
            if status:
                running.alice.answer(bye, status)
            await running.settle(40)
        assert len(running.events(EVENT)) == 1


async def test_a_call_that_the_far_end_ends_has_no_answer(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER, profile=WISH) as running:
        response, _ = await running.call("9196")
        running.alice.ask("BYE", within=response)
        await running.settle()
        running.alice.response(200)
        assert not running.events(EVENT)
