"""What is said to a far end within a call, by command and by application."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endpoints.sip.test_transfer import BRIDGE, bridged
from tests.support.sip_bench import sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time
ANSWER = extension("9196", "answer", "park")


async def test_an_info_is_sent(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        session.set("sip_info_h_X-More", "m")
        answer = await running.switch.run_command(
            f"uuid_send_info {session.uuid} application x hello you"
        )
        assert answer == "+OK Success\n"
        info = running.alice.request("INFO")
        assert (info.content_type, info.body) == ("application/x", b"hello you")
        assert info.headers.get("X-More") == "m"
        # Without a type it is only for those who say that they take it.
        answer = await running.switch.run_command(f"uuid_send_info {session.uuid} hello")
        assert answer.startswith("-ERR FACILITY_NOT_IMPLEMENTED: the far end")
        session.set("X-FS-Support", "update_display,send_info")
        await running.switch.run_command(f"uuid_send_info {session.uuid} hello")
        assert running.alice.request("INFO").content_type == "freeswitch/data"
        session.hangup()


@pytest.mark.parametrize(
    ("command", "method", "headers", "body"),
    [
        ("uuid_send_message {} hi there", "MESSAGE", {"Content-Type": "text/plain"}, b"hi there"),
        ("uuid_phone_event {} talk", "NOTIFY", {"Event": "talk"}, b""),
        ("uuid_phone_event {} hold", "NOTIFY", {"Event": "hold"}, b""),
        ("uuid_display {} Bob|42", "UPDATE", {"Remote-Party-ID": '"Bob" <sip:42@192.0.2.1>;'}, b""),
    ],
)
async def test_what_commands_send(
    tmp_path: Path, command: str, method: str, headers: dict[str, str], body: bytes
) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196", Allow="INVITE, UPDATE")
        told = await running.switch.run_command(command.format(session.uuid))
        assert told in ("+OK\n", "+OK Success\n")
        request = running.alice.request(method)
        assert request.body == body
        for name, value in headers.items():
            assert (request.headers.get(name) or "").startswith(value)
        running.alice.answer(request, 200)
        session.hangup()


@pytest.mark.parametrize(
    "command", ["uuid_phone_event {} jump", "uuid_display {} Bob|42", 'uuid_send_info {} a b"c x']
)
async def test_what_cannot_be_said_is_refused(tmp_path: Path, command: str) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        answer = await running.switch.run_command(command.format(session.uuid))
        assert answer.startswith("-ERR ")
        session.hangup()


async def test_media_are_agreed_on_anew(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        _, session = await running.call("9196")
        await running.switch.run_command(f"uuid_media_reneg {session.uuid} PCMA")
        invite = running.alice.request("INVITE")
        assert b"PCMA" in invite.body and b"PCMU" not in invite.body
        running.alice.answer(invite, 200, sdp(4000, "8"))
        await running.settle()
        assert session.get("read_codec") == "PCMA"
        session.hangup()


async def test_a_new_display_is_noted_and_passed_on_to_kin(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, BRIDGE) as running:
        response, alice, bob = await bridged(running)
        for session in (alice, bob):
            session.set("X-FS-Support", "update_display")
        running.alice.ask(
            "UPDATE", within=response, **{"X-FS-Display-Name": "Ann", "X-FS-Display-Number": "77"}
        )
        running.alice.response(200)
        assert alice.channel.profile.caller_id_number == "77"
        info = running.bob.request("INFO")
        assert info.headers.get("X-FS-Display-Number") == "77"
        assert [e["Direction"] for e in running.events("CALL_UPDATE")][-1:] == ["RECV"]
        alice.hangup()


async def test_a_new_display_may_be_ignored(tmp_path: Path) -> None:
    deaf = extension("1", "set sip_ignore_remote_cid=true", "answer", "park")
    async with sip_bench(tmp_path, deaf) as running:
        response, session = await running.call("1")
        before = session.channel.profile.caller_id_number
        running.alice.ask("UPDATE", within=response, **{"X-FS-Display-Number": "77"})
        running.alice.response(200)
        assert session.channel.profile.caller_id_number == before
        assert not running.events("CALL_UPDATE")
        session.hangup()


async def test_what_phones_tell_becomes_events(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        response, session = await running.call("9196")
        running.alice.ask("INFO", body="news", within=response, Content_Type="text/x")
        running.alice.ask("MESSAGE", body="hello", within=response, Content_Type="text/plain")
        (info,), (message,) = running.events("RECV_INFO"), running.events("MESSAGE")
        assert (info["SIP-Content-Type"], info["SIP-Info-Body"]) == ("text/x", "news")
        assert (message["Content"], message["from"]) == ("hello", "1000@example.test")
        session.hangup()


async def test_a_deflections_outcome_is_noted(tmp_path: Path) -> None:
    goes_on = "set sip_refer_continue_after_reply=true"
    deflect = extension("9196", goes_on, "answer", "deflect sip:2000@example.test", "park")
    async with sip_bench(tmp_path, deflect) as running:
        response, session = await running.call("9196")
        running.alice.answer(running.alice.request("REFER"), 202)
        await running.settle()
        assert session.get("sip_refer_reply") == "SIP/2.0 202 Accepted"
        running.alice.ask(
            "NOTIFY",
            body="SIP/2.0 486 Busy Here\r\n",
            within=response,
            Event="refer;id=2",
            Content_Type="message/sipfrag",
        )
        running.alice.response(200)
        assert session.get("sip_refer_target_status_code") == "486"
        running.alice.ask("NOTIFY", within=response, Event="unheard-of")
        running.alice.response(489)
        session.hangup()
