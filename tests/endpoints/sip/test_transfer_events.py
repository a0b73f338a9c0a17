"""Who is told to hand whom over, by transfers with a second call and by Replaces."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from softswitch.sip.message import Response
from tests.endpoints.sip.test_attended import CAROL, TO_CAROL
from tests.endpoints.sip.test_transfer import BRIDGE, bridged
from tests.support.sip_bench import SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TOLD = {"fire-transfer-events": "true"}
IVR = extension("1003", "answer", "park")


def handing_over(response: Response) -> str:
    """The Refer-To that hands the partner to the call of a response."""
    tags = f"to-tag={response.to.tag};from-tag={response.from_.tag}"
    return f"<sip:1002@example.test?Replaces={quote(f'{response.call_id};{tags}')}>"


def told(running: SipBench, what: str) -> list[dict[str, str]]:
    """The headers of one kind that are of a transfer alone, and whose they are."""
    return [
        {
            name: value
            for name, value in event.items()
            if name == "Unique-ID" or name.startswith(("att_xfer", "intercepted"))
        }
        for event in running.events(f"sofia::{what}")
    ]


async def test_two_calls_that_are_joined(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL, profile=TOLD) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        _, second = await running.invite("1002")
        carol.answer(carol.request("INVITE"), 200, sdp(6000, host=CAROL[0]))
        await running.settle()
        answer = running.alice.response(200)
        running.alice.ack(answer)
        await running.settle()
        third = second.peer
        assert third is not None
        running.alice.ask("REFER", within=first, Refer_To=handing_over(answer))
        await running.settle(0.1)
        assert told(running, "replaced") == [
            {"Unique-ID": second.uuid, "att_xfer_replaced_by": bob.uuid}
        ]
        assert told(running, "transferor") == [
            {
                "Unique-ID": alice.uuid,
                "att_xfer_original_call_id": bob.uuid,
                "att_xfer_destination_call_id": third.uuid,
                "att_xfer_destination_peer_uuid": second.uuid,
            }
        ]
        assert told(running, "transferee") == [{"Unique-ID": bob.uuid}]
        bob.hangup()


async def test_a_partner_who_waits_for_somebody_that_rings(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, TO_CAROL, profile=TOLD) as running:
        carol = running.party("1002", CAROL)
        first, alice, bob = await bridged(running)
        _, second = await running.invite("1002")
        carol.answer(carol.request("INVITE"), 180)
        await running.settle()
        running.alice.ask("REFER", within=first, Refer_To=handing_over(running.alice.response(180)))
        await running.settle(0.1)
        (referrer,) = told(running, "transferor")
        assert referrer["Unique-ID"] == alice.uuid
        assert referrer["att_xfer_destination_peer_uuid"] == second.uuid
        assert told(running, "transferee") == [
            {"Unique-ID": bob.uuid, "att_xfer_replaced_call_id": second.uuid}
        ]
        bob.hangup()


async def test_a_partner_who_is_taken_to_where_the_other_call_is(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE, IVR, profile=TOLD) as running:
        first, alice, bob = await bridged(running)
        _, second = await running.invite("1003")
        await running.settle()
        answer = running.alice.response(200)
        running.alice.ack(answer)
        running.alice.ask("REFER", within=first, Refer_To=handing_over(answer))
        await running.settle(0.1)
        (referrer,) = told(running, "transferor")
        assert referrer["Unique-ID"] == alice.uuid
        assert referrer["att_xfer_original_call_id"] == second.uuid
        assert referrer["att_xfer_destination_call_id"] == bob.uuid
        assert told(running, "transferee") == [{"Unique-ID": bob.uuid}]
        bob.hangup()


@pytest.mark.parametrize("alone", [False, True])
async def test_a_call_whose_place_is_taken(tmp_path: Path, alone: bool) -> None:
    async with sip_bench(tmp_path, BRIDGE, IVR, profile=TOLD) as running:
        carol = running.party("1002", CAROL)
        if alone:
            _, replaced = await running.invite("1003")
            await running.settle()
            response = running.alice.response(200)
            running.alice.ack(response)
        else:
            response, replaced, _ = await bridged(running)
        tags = f"to-tag={response.to.tag};from-tag={response.from_.tag}"
        asked = carol.ask("INVITE", "x", sdp(6000), Replaces=f"{response.call_id};{tags}")
        await running.settle(0.1)
        what, header = (
            ("replaced", "att_xfer_replaced_by") if alone else ("intercepted", "intercepted_by")
        )
        assert told(running, what) == [{"Unique-ID": replaced.uuid, header: asked.call_id}]
        await running.switch.run_command("hupall")
