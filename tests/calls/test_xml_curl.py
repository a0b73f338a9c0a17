"""Calls of users whom only a portal knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from softswitch.phone.call import CallFailed
from tests.support.portal import Portal, bindings, document, portal
from tests.support.server import DOMAIN, Server, profile_xml, until
from tests.support.serving import Serve
from tests.support.sip_socket import SDP
from tests.support.switch import extension

MODULES = (
    '<configuration name="modules.conf"><modules><load module="mod_xml_curl"/></modules>'
    "</configuration>"
)
DIAL_STRING = "${sofia_contact(*/${dialed_user}@${dialed_domain})}"
CHALLENGING = {"auth-calls": "true", "apply-inbound-acl": "elsewhere"}


def users(*names: str, context: str = "portal") -> str:
    """A directory with these users, whose password is ``from-portal``."""
    elements = "".join(
        f'<user id="{name}"><params><param name="password" value="from-portal"/></params>'
        f'<variables><variable name="user_context" value="{context}"/></variables></user>'
        for name in names
    )
    return document(
        "directory",
        f'<domain name="{DOMAIN}"><params><param name="dial-string" value="{DIAL_STRING}"/>'
        f'</params><groups><group name="all"><users>{elements}</users></group></groups></domain>',
    )


@pytest.fixture
async def there() -> AsyncIterator[Portal]:
    """A portal that knows 2000 and 2001."""
    async with portal() as running:
        running.answers["directory"] = users("2000", "2001")
        yield running


async def begin(
    serve: Serve, there: Portal, *extensions: str, sections: str = "", **options: object
) -> Server:
    timeout = options.pop("timeout", "5")
    configuration = MODULES + bindings(there.url, sections, timeout=str(timeout))
    return await serve(*extensions, configuration=configuration, **options)


async def test_a_user_of_the_portal_registers(serve: Serve, there: Portal) -> None:
    server = await begin(serve, there)
    phone = await server.phone("2000", password="from-portal", register=True)
    assert len(server.sip.location) == 1
    form = there.of("directory")[0]
    expected = {
        "action": "sip_auth",
        "key": "id",
        "user": "2000",
        "domain": DOMAIN,
        "tag_name": "domain",
        "key_name": "name",
        "key_value": DOMAIN,
        "ip": "127.0.0.1",
        "sip_profile": "internal",
        "sip_auth_username": "2000",
        "sip_auth_realm": DOMAIN,
        "sip_auth_method": "REGISTER",
        "sip_to_user": "2000",
        "Event-Name": "REQUEST_PARAMS",
    }
    assert expected.items() <= form.items()
    await phone.unregister()


async def test_a_wrong_password_is_refused(serve: Serve, there: Portal) -> None:
    server = await begin(serve, there)
    for user, password in (("2000", "wrong"), ("9999", "from-portal")):
        phone = await server.phone(user, password=password)
        with pytest.raises(CallFailed, match="403"):
            await phone.register()
    assert len(server.sip.location) == 0


async def test_a_call_between_users_of_the_portal(serve: Serve, there: Portal) -> None:
    context = extension("2001", f"bridge user/2001@{DOMAIN}")
    there.answers["dialplan"] = document("dialplan", f'<context name="portal">{context}</context>')
    server = await begin(serve, there, profile=CHALLENGING)
    alice = await server.phone("2000", password="from-portal")
    bob = await server.phone("2001", password="from-portal", register=True)
    call = alice.call("2001")
    incoming = await bob.expect_call()
    incoming.answer()
    await call.expect_answer()
    form = there.of("dialplan")[0]
    assert form["Hunt-Context"] == "portal", "the portal's user_context"
    assert form["variable_sip_authorized"] == "true"
    assert {form["action"] for form in there.of("directory")} == {"sip_auth", "user_call"}
    call.hangup()
    await incoming.expect_end()


async def test_who_is_not_at_the_portal_may_be_in_the_files(serve: Serve, there: Portal) -> None:
    del there.answers["directory"]
    server = await begin(serve, there)
    await server.phone("1000", register=True)
    assert there.of("directory")


async def test_a_slow_portal_stalls_only_those_it_is_asked_about(
    serve: Serve, there: Portal
) -> None:
    server = await begin(serve, there, extension("9", "answer", "park"), sections="directory")
    there.gate.clear()
    phone = await server.phone("2000", password="from-portal")
    registering = asyncio.get_running_loop().create_task(phone.register())
    await until(lambda: bool(there.forms), "the request")
    other = await server.phone("1000")
    call = other.call("9")
    await call.expect_answer()
    assert not registering.done()
    there.gate.set()
    await registering
    call.hangup()
    await call.expect_end()


async def test_the_files_take_over_when_the_portal_does_not_answer(
    serve: Serve, there: Portal
) -> None:
    server = await begin(serve, there, timeout="0.1")
    there.gate.clear()
    await server.phone("1000", register=True)
    assert len(server.sip.location) == 1


async def test_a_repeated_request_asks_once(serve: Serve, there: Portal) -> None:
    server = await begin(serve, there)
    wire = await server.socket()
    uri = f"sip:{DOMAIN}"
    challenge = await wire.ask("REGISTER", uri, user="2000")
    there.gate.clear()
    value = wire.credentials(
        challenge.headers.all("WWW-Authenticate"),
        "REGISTER",
        uri,
        user="2000",
        password="from-portal",
    )
    request = wire.build("REGISTER", uri, user="2000", headers=(("Authorization", value),))
    for _ in range(3):
        wire.send(request)
    await until(lambda: bool(there.of("directory")), "the request")
    there.gate.set()
    assert (await wire.response()).status == 200
    assert len(there.of("directory")) == 1


async def test_nobody_is_asked_because_of_a_forged_nonce(serve: Serve, there: Portal) -> None:
    server = await begin(serve, there, sections="directory")
    wire = await server.socket()
    uri = f"sip:{DOMAIN}"
    forged = f'Digest realm="{DOMAIN}", nonce="1.2.3", qop="auth", algorithm=MD5'
    value = wire.credentials([forged], "REGISTER", uri, user="2000", password="from-portal")
    answer = await wire.ask("REGISTER", uri, user="2000", headers=(("Authorization", value),))
    assert answer.status == 401
    assert there.forms == []


async def test_a_caller_who_gives_up_meanwhile_leaves_nothing_behind(
    serve: Serve, there: Portal
) -> None:
    server = await begin(serve, there, sections="directory", profile=CHALLENGING)
    wire = await server.socket()
    uri = f"sip:9@{DOMAIN}"
    challenge = await wire.ask("INVITE", uri, user="2000", body=SDP, cseq=1)
    assert challenge.status == 407
    there.gate.clear()
    value = wire.credentials(
        challenge.headers.all("Proxy-Authenticate"),
        "INVITE",
        uri,
        user="2000",
        password="from-portal",
    )
    headers = (("Proxy-Authorization", value),)
    invite = wire.build("INVITE", uri, user="2000", body=SDP, cseq=2, headers=headers)
    wire.send(invite)
    await until(lambda: bool(there.forms), "the request")
    via = next(line for line in invite.decode().split("\r\n") if line.startswith("Via: "))
    cancel = wire.build("CANCEL", uri, user="2000", cseq=2, headers=(("Via", via[5:]),))
    wire.send(cancel)
    assert {(await wire.response()).status for _ in range(2)} == {200, 487}
    there.gate.set()
    await until(lambda: not server.switch._tasks, "the end of the look-up")
    assert server.sessions == []


async def test_an_address_that_the_portal_knows_needs_no_password(
    serve: Serve, there: Portal
) -> None:
    there.answers["directory"] = users("2000").replace(
        '<user id="2000"', '<user id="2000" cidr="127.0.0.0/8"'
    )
    lists = (
        '<configuration name="acl.conf"><network-lists><list name="domains" default="deny">'
        f'<node type="allow" domain="{DOMAIN}"/></list></network-lists></configuration>'
    )
    there.answers["configuration"] = document("configuration", lists)
    there.answers["dialplan"] = document(
        "dialplan", f'<context name="portal">{extension("9", "answer", "park")}</context>'
    )
    guarded = {"auth-calls": "true", "apply-inbound-acl": "domains"}
    server = await begin(serve, there, profile=guarded)
    phone = await server.phone("2000", password="none")
    call = phone.call("9")
    await call.expect_answer()
    assert server.sessions[0].get("sip_acl_token") == f"2000@{DOMAIN}"
    assert server.sessions[0].get("user_context") == "portal"
    call.hangup()
    await call.expect_end()


async def test_a_profile_of_the_portal_is_started(serve: Serve, there: Portal) -> None:
    profiles = profile_xml("internal") + profile_xml("from-portal")
    there.answers["configuration"] = document(
        "configuration",
        f'<configuration name="sofia.conf"><profiles>{profiles}</profiles></configuration>',
    )
    server = await begin(serve, there, sections="configuration")
    assert set(server.sip.profiles) == {"internal", "from-portal"}
    assert "+OK scan complete" in await server.api("sofia profile internal rescan")
    assert {form["key_value"] for form in there.forms} == {"acl.conf", "db.conf", "sofia.conf"}
