"""Headers that ``sip_watch_headers`` names, as programs hear of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

EVENT = "sofia::notify_watched_header"
TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
ANSWER = extension("9196", "set sip_watch_headers=X-Floor,server, subject", "answer", "park")


def told(running: SipBench) -> list[tuple[str, str, str]]:
    names = ("SIP-Message", "Header-Name", "Header-Value")
    found = [tuple(event[name] for name in names) for event in running.events(EVENT)]
    return [(line, name, value) for line, name, value in found]


async def test_every_message_of_the_far_end_is_looked_through(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        wish = r"{sip_watch_headers=x-floor\,Server,sip_auth_username=u,sip_auth_password=p}"
        invite, _ = await running.dial(f"{wish}{TO_BOB} &park")
        bob = running.bob
        challenge = 'Digest realm="b", nonce="n"'
        bob.answer(invite, 401, WWW_Authenticate=challenge, X_Floor="0")
        await running.settle()
        bob.request("ACK")
        invite = bob.request("INVITE")
        bob.answer(invite, 180, X_Floor="1", Server="bob/1", X_Other="no")
        await running.settle()
        answer = bob.answer(invite, 200, sdp(host=BOB[0]), X_Floor="2")
        await running.settle()
        bob.request("ACK")
        bob.ask("INFO", within=invite, X_Floor="3")
        await running.settle()
        bob.ask("INVITE", "", sdp(host=BOB[0]), within=invite, X_Floor="4")
        await running.settle()
        session = running.session
        event = running.events(EVENT)[-1]
        assert event["Unique-ID"] == session.uuid
        names = list(event)
        assert names.index("Header-Value") < names.index("Channel-State")
        bob.ask("BYE", within=invite, X_Floor="5")
        await running.settle()
        contact = str(invite.contact.uri) if invite.contact else ""
        assert answer.status == 200
        assert told(running) == [
            ("SIP/2.0 401 Unauthorized", "X-Floor", "0"),
            ("SIP/2.0 180 Ringing", "Server", "bob/1"),
            ("SIP/2.0 180 Ringing", "X-Floor", "1"),
            ("SIP/2.0 200 OK", "X-Floor", "2"),
            (f"INFO {contact} SIP/2.0", "X-Floor", "3"),
            (f"INVITE {contact} SIP/2.0", "X-Floor", "4"),
            (f"BYE {contact} SIP/2.0", "X-Floor", "5"),
        ]


async def test_answers_to_our_requests_are_looked_through(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196", Subject="not seen: it began the call")
        assert told(running) == []
        command = f"uuid_send_info {session.uuid} text plain hello"
        assert (await running.switch.run_command(command)).startswith("+OK")
        await running.settle()
        running.alice.answer(running.alice.request("INFO"), 200, X_Floor="7")
        await running.settle()
        assert told(running) == [("SIP/2.0 200 OK", "X-Floor", "7")]
        session.hangup()
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200, X_Floor="8")
        await running.settle()
        assert len(told(running)) == 1


async def test_a_refusal_and_a_cancel_are_looked_through(tmp_path: Path) -> None:
    ring = extension("180", "set sip_watch_headers=X-Floor", "ring_ready", "park")
    async with sip_bench(tmp_path, ring) as running:
        invite, _ = await running.invite("180")
        running.alice.ask(
            "CANCEL",
            call_id=invite.call_id,
            uri=invite.uri,
            cseq=invite.cseq.number,
            X_Floor="1",
            Via=invite.headers.get("Via") or "",
        )
        await running.settle()
        invite, _ = await running.dial(f"{{sip_watch_headers=X-Floor}}{TO_BOB} &park")
        running.bob.answer(invite, 486, X_Floor="2")
        await running.settle()
        assert [(line.split()[0], value) for line, _, value in told(running)] == [
            ("CANCEL", "1"),
            ("SIP/2.0", "2"),
        ]
