"""What the RTCP reports of a real phone say, as programs hear of it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from softswitch.config import secrets
from tests.interop.test_baresip import account, nothing_left
from tests.modules.event_socket.support import Client
from tests.support.baresip import baresip
from tests.support.process import shipped_switch
from tests.support.programs import needs

pytestmark = [needs("baresip"), pytest.mark.slow]


async def test_reports_of_a_call_are_told_both_ways(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        switch = await stack.enter_async_context(shipped_switch(tmp_path))
        phone = await stack.enter_async_context(
            baresip(tmp_path / "alice", account(switch, "1000"), says=440)
        )
        password = secrets.read(switch.folder / "data")["event_socket_password"]
        client = Client(*await asyncio.open_connection("127.0.0.1", switch.console_port))
        await client.frame()
        assert await client.ask(f"auth {password}") == "+OK accepted"
        await client.ask("event plain RECV_RTCP_MESSAGE SEND_RTCP_MESSAGE CHANNEL_CREATE")
        await switch.api("global_setvar fire_rtcp_events=true")
        await phone.do("dial", "9196")
        await phone.expect("CALL_ESTABLISHED")
        uuid = (await client.event())["Unique-ID"]
        ours = await switch.api(f"uuid_getvar {uuid} rtp_use_ssrc")
        received: dict[str, str] = {}
        sent: dict[str, str] = {}
        # A phone knows what it heard of us with its second report at the latest.
        while "Source0-SSRC" not in received or not sent:
            told = await client.event()
            if told["Event-Name"] == "RECV_RTCP_MESSAGE":
                received = told
            else:
                sent = told
        assert received["Unique-ID"] == uuid
        assert int(received["SSRC"], 16) != 0
        assert int(received["Source0-SSRC"], 16) == int(ours)
        # It speaks without a pause: fifty packets of 160 octets in a second.
        packets = int(received["Sender-Packet-Count"])
        assert packets > 50
        assert int(received["Octect-Packet-Count"]) == 160 * packets
        assert received["RTP-Rate"] == "8000"
        assert int(received["Source0-Lost"]) == int(received["Source0-Fraction"]) == 0
        assert int(received["Source0-Highest-Sequence-Number-Received"]) > 0
        assert int(received["NTP-Most-Significant-Word"]) > 0
        assert sent["Unique-ID"] == uuid
        assert int(sent["SSRC"], 16) == int(ours)
        assert sent["Source-SSRC"] == received["SSRC"]
        await phone.do("hangup")
        await phone.expect("CALL_CLOSED")
        await nothing_left(switch)
        await client.close()
