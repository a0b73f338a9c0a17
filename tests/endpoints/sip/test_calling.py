"""INVITEs of ours: their shape, where they go, and as whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.endpoints.sip.calling import without_path
from softswitch.sip.auth import Challenge
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Request
from softswitch.sip.uri import SipUri
from tests.support.sip_bench import BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"
GATEWAY = (
    '<gateway name="trunk"><param name="register" value="false"/>'
    '<param name="proxy" value="192.0.2.20:5064"/><param name="username" value="account"/>'
    '<param name="password" value="word"/>{}</gateway>'
)
CHALLENGE = str(Challenge(realm="far", nonce="n", algorithm="MD5", qop=("auth",)))


async def stop(running: SipBench) -> None:
    """End all calls."""
    for session in list(running.switch.sessions.values()):
        session.hangup()
    await running.settle()


async def test_an_invite_looks_as_recorded(tmp_path: Path) -> None:
    bridge = extension("7000", f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, bridge) as running:
        await running.invite("7000", From='"sipp" <sip:1000@example.test>;tag=t')
        invite = running.bob.request("INVITE")
        headers = invite.headers
        assert invite.uri == "sip:1001@192.0.2.20:5064"
        assert (headers.get("From") or "").startswith("sipp <sip:1000@192.0.2.1>;tag=")
        assert headers.get("To") == "<sip:1001@192.0.2.20:5064>"
        assert headers.get("Contact") == "<sip:mod_sofia@192.0.2.1:5060>"
        assert headers.get("Max-Forwards") == "69"
        assert headers.get("Content-Disposition") == "session"
        assert (headers.get("User-Agent") or "").startswith("softswitch/")
        party = headers.get("Remote-Party-ID")
        assert party == "sipp <sip:1000@192.0.2.1>;party=calling;screen=yes;privacy=off"
        assert "m=audio" in invite.body.decode()


async def test_the_leg_knows_the_invite(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(TO_BOB)
        session = running.session
        assert session.get("sip_call_id") == invite.call_id
        assert session.get("sip_from_tag") == invite.from_.tag
        assert session.get("sip_destination_url") == "sip:1001@192.0.2.20:5064"
        assert session.get("sip_local_url") == "sip:mod_sofia@192.0.2.1:5060"
        await stop(running)


@pytest.mark.parametrize(
    ("wish", "uri"),
    [
        ("tcp", "sip:1001@192.0.2.20:5064;transport=tcp"),
        ("UDP", "sip:1001@192.0.2.20:5064;transport=udp"),
        ("pigeon", "sip:1001@192.0.2.20:5064"),
        ("", "sip:1001@192.0.2.20:5064"),
    ],
)
async def test_a_variable_may_choose_the_transport(tmp_path: Path, wish: str, uri: str) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(f"{{sip_transport={wish}}}{TO_BOB}")
        assert invite.uri == uri
        assert running.session.get("sip_destination_url") == uri
        used = "tcp" if wish == "tcp" else "udp"
        assert (invite.headers.get("Via") or "").startswith(f"SIP/2.0/{used.upper()} ")
        await stop(running)


async def test_a_variable_may_name_us_in_contact_whatever_the_far_end_is_called(
    tmp_path: Path,
) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(f"{{sip_contact_user=desk}}{TO_BOB}")
        assert invite.headers.get("Contact") == "<sip:desk@192.0.2.1:5060>"
        running.bob.answer(invite, 302, Contact="<sip:other@192.0.2.20:5064>")
        await running.settle()
        again = running.bob.request("INVITE")
        assert again.headers.get("Contact") == "<sip:desk@192.0.2.1:5060>"
        await stop(running)


async def test_variables_shape_the_invite(tmp_path: Path) -> None:
    settings = (
        "{sip_invite_domain=example.org,origination_caller_id_number=42,"
        "origination_caller_id_name=Forty,sip_h_X-Colour=red,sip_cid_type=pid,"
        "absolute_codec_string=G722}"
    )
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(settings + TO_BOB)
        assert str(invite.from_.uri) == "sip:42@example.org"
        assert invite.headers.get("X-Colour") == "red"
        assert invite.headers.get("P-Asserted-Identity") == "Forty <sip:42@example.org>"
        assert "Remote-Party-ID" not in invite.headers
        assert b"G722" in invite.body and b"PCMU" not in invite.body
        await stop(running)


async def test_a_hidden_caller_stays_hidden(tmp_path: Path) -> None:
    bridge = extension("7000", f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, bridge, profile={"caller-id-type": "pid"}) as running:
        await running.invite("7000", Privacy="id")
        invite = running.bob.request("INVITE")
        assert invite.from_.display == "Anonymous"
        assert invite.from_.uri.user == "anonymous"
        assert invite.headers.get("Privacy") == "id"
        assert "1000" in (invite.headers.get("P-Asserted-Identity") or "")


async def test_headers_of_the_caller_go_along_unless_forbidden(tmp_path: Path) -> None:
    bridge = extension("7000", f"bridge {TO_BOB}")
    alone = extension("7001", "set sip_copy_custom_headers=false", f"bridge {TO_BOB}")
    async with sip_bench(tmp_path, bridge, alone) as running:
        await running.invite("7000", X_Colour="red")
        assert running.bob.request("INVITE").headers.get("X-Colour") == "red"
        await running.invite("7001", X_Colour="red")
        assert "X-Colour" not in running.bob.request("INVITE").headers


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("sip:x@elsewhere.test;fs_path=sip%3A192.0.2.20%3A5064", "bare"),
        ("sip:x@elsewhere.test;fs_path=%3Csip%3A192.0.2.20%3A5064%3Blr%3E", "route"),
        (
            "sip:x@elsewhere.test;fs_nat=yes;fs_path=sip%3A192.0.2.20%3A5064%3Btransport%3Dudp",
            "bare",
        ),
    ],
)
async def test_a_path_is_the_way(tmp_path: Path, text: str, way: str) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(f"sofia/internal/{text}")
        assert invite.uri == "sip:x@elsewhere.test"
        route = "<sip:192.0.2.20:5064;lr>" if way == "route" else None
        assert invite.headers.get("Route") == route
        await stop(running)


@pytest.mark.parametrize("sticky", ["true", "false"])
async def test_requests_may_stay_where_the_invite_went(tmp_path: Path, sticky: str) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(f"{{sip_sticky_contact={sticky}}}{TO_BOB}")
        running.bob.answer(invite, 200, sdp(), Contact="<sip:1001@192.0.2.66:5099>")
        await running.settle()
        elsewhere = {request.uri for _, request in running.air.lost if isinstance(request, Request)}
        if sticky == "true":
            assert running.bob.request("ACK").uri == "sip:1001@192.0.2.66:5099"
            assert elsewhere == set()
        else:
            assert elsewhere == {"sip:1001@192.0.2.66:5099"}
        await stop(running)


def test_a_path_is_taken_from_the_uri() -> None:
    uri = SipUri.parse(
        "sip:x@y;transport=tcp;fs_path=%3Csip%3Aa%3Blr%3E%2C%3Csip%3Ab%3E;fs_nat=yes"
    )
    target, path = without_path(uri)
    assert str(target) == "sip:x@y;transport=tcp"
    assert [str(item) for item in path] == ["<sip:a;lr>", "<sip:b>"]
    assert without_path(SipUri.parse("sip:x@y")) == (SipUri.parse("sip:x@y"), [])
    with pytest.raises(RemoteProtocolError):
        without_path(SipUri.parse("sip:x@y;fs_path=%3C"))


async def test_the_outbound_proxy_takes_all_calls(tmp_path: Path) -> None:
    proxy = {"outbound-proxy": "192.0.2.20:5064"}
    async with sip_bench(tmp_path, profile=proxy) as running:
        invite, _ = await running.dial("sofia/internal/x@192.0.2.99")
        assert invite.uri == "sip:x@192.0.2.99"
        await stop(running)


async def test_a_route_of_the_call_goes_before(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial(
            "{sip_route_uri=sip:192.0.2.20:5064}sofia/internal/x@192.0.2.99"
        )
        assert invite.uri == "sip:x@192.0.2.99"
        await stop(running)


async def test_a_way_we_do_not_have_fails_at_once(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"bind-params": "transport=udp"}) as running:
        answer = await running.switch.run_command(
            "originate sofia/internal/x@192.0.2.20;transport=tcp &park()"
        )
        assert answer == "-ERR DESTINATION_OUT_OF_ORDER\n"


async def test_a_challenge_is_answered_once(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY.format("")) as running:
        invite, task = await running.dial("sofia/gateway/trunk/900")
        running.bob.answer(invite, 407, Proxy_Authenticate=CHALLENGE)
        running.bob.request("ACK")
        second = running.bob.request("INVITE")
        value = second.headers.get("Proxy-Authorization") or ""
        assert 'username="account"' in value and 'realm="far"' in value
        assert second.cseq.number == invite.cseq.number + 1
        assert second.call_id == invite.call_id
        running.bob.answer(second, 407, Proxy_Authenticate=CHALLENGE)
        assert await task == "-ERR CALL_REJECTED\n"


async def test_a_call_may_have_a_password_of_its_own(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, _ = await running.dial("{sip_auth_username=me,sip_auth_password=word}" + TO_BOB)
        running.bob.answer(invite, 401, WWW_Authenticate=CHALLENGE)
        running.bob.request("ACK")
        second = running.bob.request("INVITE")
        assert 'username="me"' in (second.headers.get("Authorization") or "")
        await stop(running)


async def test_without_a_password_a_challenge_is_a_refusal(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        invite, task = await running.dial(TO_BOB)
        running.bob.answer(invite, 407, Proxy_Authenticate=CHALLENGE)
        assert await task == "-ERR CALL_REJECTED\n"


async def test_a_password_does_not_follow_a_redirection(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY.format("")) as running:
        invite, task = await running.dial("sofia/gateway/trunk/900")
        thief = running.party("thief", ("192.0.2.66", 5060))
        running.bob.answer(invite, 302, Contact="<sip:900@192.0.2.66>")
        second = thief.request("INVITE")
        assert second.uri == "sip:900@192.0.2.66"
        thief.answer(second, 407, Proxy_Authenticate=CHALLENGE)
        thief.request("ACK")
        assert await task == "-ERR CALL_REJECTED\n"
        assert not [item for item in thief.received if "Proxy-Authorization" in item.headers]
        (told,) = running.events("sofia::gateway_invalid_digest_req")
        assert (told["Gateway"], told["profile-name"]) == ("trunk", "internal")
        assert f'realm="{told["realm"]}"' in CHALLENGE


async def test_a_redirection_may_stay_with_the_gateway(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, gateways=GATEWAY.format("")) as running:
        invite, _ = await running.dial("sofia/gateway/trunk/900")
        running.bob.answer(
            invite, 302, Contact="<sip:901@192.0.2.20:5064;fs_path=sip%3A192.0.2.66>"
        )
        running.bob.request("ACK")
        second = running.bob.request("INVITE")
        assert second.uri == "sip:901@192.0.2.20:5064"
        running.bob.answer(second, 407, Proxy_Authenticate=CHALLENGE)
        running.bob.request("ACK")
        third = running.bob.request("INVITE")
        assert "Proxy-Authorization" in third.headers
        running.bob.answer(third, 200, sdp(5000, host=BOB[0]))
        await stop(running)
