"""Who may call: passwords, access lists, limits."""

from __future__ import annotations

import pytest

from tests.support.server import DOMAIN
from tests.support.serving import Serve
from tests.support.switch import extension

ECHO = extension("9196", "answer", "echo")
PASSWORD = {"auth-calls": "true", "apply-inbound-acl": "elsewhere"}


async def test_a_caller_is_asked_for_his_password(serve: Serve) -> None:
    server = await serve(ECHO, profile=PASSWORD)
    wire = await server.socket()
    challenge = await wire.ask("INVITE", f"sip:9196@{DOMAIN}")
    assert challenge.status == 407
    assert f'realm="{DOMAIN}"' in (challenge.headers.get("Proxy-Authenticate") or "")
    assert not server.sessions


async def test_a_caller_who_knows_his_password_gets_through(serve: Serve) -> None:
    server = await serve(ECHO, profile=PASSWORD)
    alice = await server.phone("1000")
    call = alice.call("9196")
    await call.expect_answer()
    session = server.sessions[0]
    assert session.get("sip_auth_username") == "1000"
    assert session.get("user_name") == "1000"
    assert session.channel.profile.username == "1000"
    call.hangup()


@pytest.mark.parametrize(("user", "password"), [("1000", "wrong"), ("1999", "secret-1999")])
async def test_a_wrong_password_and_an_unknown_user_are_refused_alike(
    serve: Serve, user: str, password: str
) -> None:
    server = await serve(ECHO, profile=PASSWORD)
    phone = await server.phone(user, password=password)
    assert await phone.call("9196").expect_end() == 403
    assert not server.ended()


async def test_an_address_of_the_access_list_needs_no_password(serve: Serve) -> None:
    server = await serve(ECHO, profile={"auth-calls": "true", "apply-inbound-acl": "here"})
    phone = await server.phone("1000", password="wrong")
    call = phone.call("9196")
    await call.expect_answer()
    assert server.sessions[0].get("sip_acl_authed_by") == "here"
    call.hangup()


async def test_only_addresses_of_the_register_list_may_register(serve: Serve) -> None:
    server = await serve(profile={"apply-register-acl": "elsewhere"})
    wire = await server.socket()
    assert (await wire.ask("REGISTER", f"sip:{DOMAIN}")).status == 403


async def test_a_profile_takes_so_many_calls_and_no_more(serve: Serve) -> None:
    server = await serve(ECHO, profile={"max-calls": "2"})
    alice = await server.phone("1000")
    calls = [alice.call("9196"), alice.call("9196")]
    for call in calls:
        await call.expect_answer()
    assert await alice.call("9196").expect_end() == 503
    for call in calls:
        call.hangup()


async def test_the_switch_takes_so_many_sessions_and_no_more(serve: Serve) -> None:
    server = await serve(ECHO)
    server.switch.admission.max_sessions = 1
    alice = await server.phone("1000")
    call = alice.call("9196")
    await call.expect_answer()
    refused = alice.call("9196")
    assert await refused.expect_end() == 503
    call.hangup()


async def test_options_are_answered(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    answer = await wire.ask("OPTIONS", f"sip:{DOMAIN}")
    assert answer.status == 200
    assert "INVITE" in (answer.headers.get("Allow") or "")


async def test_what_nobody_asked_for_is_refused(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    statuses = {
        method: (await wire.ask(method, f"sip:{DOMAIN}", call_id=method)).status
        for method in ("SUBSCRIBE", "PUBLISH", "BYE", "FROBNICATE")
    }
    assert statuses == {"SUBSCRIBE": 489, "PUBLISH": 489, "BYE": 481, "FROBNICATE": 501}
