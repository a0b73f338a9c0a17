"""Phones that register: digest, bindings, and what is left of them after a restart."""

from __future__ import annotations

import asyncio

import pytest

from softswitch.phone.call import CallFailed
from softswitch.sip.message import Response
from tests.support.server import DOMAIN, Server, until
from tests.support.serving import Serve
from tests.support.sip_socket import SDP, SipSocket
from tests.support.switch import extension

AOR = f"sip:{DOMAIN}"


async def register(
    wire: SipSocket, *headers: tuple[str, str], user: str = "1000", password: str = ""
) -> Response:
    """One REGISTER, repeated with credentials when it is challenged."""
    first = await wire.ask("REGISTER", AOR, user=user, headers=headers)
    if first.status != 401:
        return first
    value = wire.credentials(
        first.headers.all("WWW-Authenticate"),
        "REGISTER",
        AOR,
        user=user,
        password=password or f"secret-{user}",
    )
    return await wire.ask("REGISTER", AOR, user=user, headers=(*headers, ("Authorization", value)))


async def test_a_phone_registers_and_is_found(serve: Serve) -> None:
    server = await serve()
    alice = await server.phone("1000", register=True)
    contact = await server.api(f"sofia_contact 1000@{DOMAIN}")
    assert contact.strip() == f"sofia/internal/sip:1000@127.0.0.1:{alice.contact[1]}"
    assert "1000" in await server.api("show registrations")
    await alice.unregister()
    assert "error/user_not_registered" in await server.api(f"sofia_contact 1000@{DOMAIN}")


async def test_an_algorithm_that_the_profile_wishes_is_used(serve: Serve) -> None:
    server = await serve(profile={"rfc8760-auth-algorithms": "SHA-256,MD5"})
    wire = await server.socket()
    challenge = await wire.ask("REGISTER", AOR)
    offered = challenge.headers.all("WWW-Authenticate")
    assert ["SHA-256" in line for line in offered] == [True, False]
    value = wire.credentials(offered, "REGISTER", AOR)
    assert "algorithm=SHA-256" in value
    accepted = await wire.ask("REGISTER", AOR, headers=(("Authorization", value),))
    assert accepted.status == 200


@pytest.mark.parametrize(("user", "password"), [("1000", "wrong"), ("1999", "secret-1999")])
async def test_who_is_not_known_is_refused(serve: Serve, user: str, password: str) -> None:
    server = await serve()
    phone = await server.phone(user, password=password)
    with pytest.raises(CallFailed, match="403"):
        await phone.register()
    assert len(server.sip.location) == 0
    failures = [e for e in server.events if e.subclass == "sofia::register_failure"]
    assert failures[0].headers["to-user"] == user


async def test_a_nonce_too_old_is_answered_with_a_fresh_one(serve: Serve) -> None:
    server = await serve(profile={"nonce-ttl": "1"})
    wire = await server.socket()
    challenge = await wire.ask("REGISTER", AOR)
    value = wire.credentials(challenge.headers.all("WWW-Authenticate"), "REGISTER", AOR)
    profile = server.profile()
    real = profile.now
    profile.now = lambda: real() + 30  # type: ignore[method-assign]
    stale = await wire.ask("REGISTER", AOR, headers=(("Authorization", value),))
    assert stale.status == 401
    fresh = stale.headers.all("WWW-Authenticate")
    assert "stale=true" in fresh[0].lower()
    value = wire.credentials(fresh, "REGISTER", AOR)
    accepted = await wire.ask("REGISTER", AOR, headers=(("Authorization", value),))
    assert accepted.status == 200


async def test_credentials_that_were_heard_cannot_be_used_again(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    challenge = await wire.ask("REGISTER", AOR)
    value = wire.credentials(challenge.headers.all("WWW-Authenticate"), "REGISTER", AOR)
    assert (await wire.ask("REGISTER", AOR, headers=(("Authorization", value),))).status == 200
    again = await wire.ask("REGISTER", AOR, headers=(("Authorization", value),))
    assert again.status == 401


async def test_a_nonce_may_be_used_again_with_a_higher_count(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    challenge = await wire.ask("REGISTER", AOR)
    for count in (1, 2, 3):
        value = wire.credentials(
            challenge.headers.all("WWW-Authenticate"), "REGISTER", AOR, nonce_count=count
        )
        answer = await wire.ask("REGISTER", AOR, headers=(("Authorization", value),))
        assert answer.status == 200


async def test_nobody_registers_somebody_else(serve: Serve) -> None:
    server = await serve(profile={"inbound-reg-force-matching-username": "true"})
    wire = await server.socket()
    challenge = await wire.ask("REGISTER", AOR, user="1001")
    value = wire.credentials(challenge.headers.all("WWW-Authenticate"), "REGISTER", AOR)
    refused = await wire.ask("REGISTER", AOR, user="1001", headers=(("Authorization", value),))
    assert refused.status == 403
    assert len(server.sip.location) == 0


async def test_a_star_removes_every_contact(serve: Serve) -> None:
    server = await serve(profile={"multiple-registrations": "contact"})
    wire = await server.socket()
    for port in (6001, 6002):
        await register(wire, ("Contact", f"<sip:1000@127.0.0.1:{port}>"))
    listed = await register(wire, ("Contact", "<sip:1000@127.0.0.1:6003>"))
    assert len(listed.headers.values("Contact")) == 3
    assert (await wire.ask("REGISTER", AOR, headers=(("Contact", "*"),))).status == 400
    removed = await register(wire, ("Contact", "*"), ("Expires", "0"))
    assert removed.status == 200
    assert removed.headers.values("Contact") == []
    assert len(server.sip.location) == 0


async def test_a_new_contact_takes_the_place_of_the_old_one(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    await register(wire, ("Contact", "<sip:1000@127.0.0.1:6001>"))
    answer = await register(wire, ("Contact", "<sip:1000@127.0.0.1:6002>"), ("Expires", "120"))
    assert answer.headers.values("Contact") == ["<sip:1000@127.0.0.1:6002>;expires=120"]


async def test_a_registration_ends_when_its_time_is_over(serve: Serve) -> None:
    server = await serve()
    wire = await server.socket()
    await register(wire, ("Expires", "60"))
    profile = server.profile()
    real = profile.wall_clock
    profile.wall_clock = lambda: real() + 61  # type: ignore[method-assign]
    profile.expire_registrations()
    assert len(server.sip.location) == 1, "a refresh may be late"
    profile.wall_clock = lambda: real() + 121  # type: ignore[method-assign]
    profile.expire_registrations()
    assert len(server.sip.location) == 0
    assert [e.subclass for e in server.events if e.subclass][-1] == "sofia::expire"


async def test_registrations_survive_a_restart(serve: Serve) -> None:
    first = await serve(extension("9196", "answer", "echo"))
    wire = await first.socket()
    await register(wire)
    await first.stop()
    second = await serve(extension("9196", "answer", "echo"))
    ringing = asyncio.get_running_loop().create_task(second.api("originate user/1000 9196"))
    invite = await wire.request("INVITE")
    assert invite.request_uri.user == "1000"
    wire.respond(invite, 486)
    assert await ringing == "-ERR USER_BUSY\n"


async def test_a_phone_behind_a_nat_is_called_where_it_came_from(serve: Serve) -> None:
    server = await serve(extension("1", f"bridge user/1000@{DOMAIN}"))
    wire = await server.socket()
    await register(wire, ("Contact", "<sip:1000@192.0.2.7:5060>"))
    bob = await server.phone("1001")
    call = bob.call("1")
    invite = await wire.request("INVITE")
    assert str(invite.request_uri) == "sip:1000@192.0.2.7:5060"
    wire.respond(invite, 486)
    assert await call.expect_end() == 486


async def test_registering_over_tcp(serve: Serve) -> None:
    server = await serve()
    await server.phone("1000", transport="tcp", register=True)
    assert "transport=tcp" in await contact_of(server, "1000")


async def contact_of(server: Server, user: str) -> str:
    """What `sofia_contact` says."""
    return await server.api(f"sofia_contact {user}@{DOMAIN}")


async def test_a_phone_behind_two_proxies_is_called_by_both(serve: Serve) -> None:
    server = await serve()
    proxy = await server.socket()
    near = f"<sip:127.0.0.1:{proxy.local[1]};lr>"
    far = "<sip:edge@192.0.2.9:5066;transport=udp;lr;ob>"
    # Each proxy puts itself in front of those before it (RFC 3327 §5.2).
    path = ("Path", f"{near}, {far}")
    answer = await register(proxy, path, ("Supported", "path"), ("Contact", "<sip:1000@10.0.0.5>"))
    assert (answer.status, answer.headers.values("Path")) == (200, [near, far])
    loop = asyncio.get_running_loop()
    originate = loop.create_task(server.api(f"originate user/1000@{DOMAIN} &park()"))
    invite = await proxy.request("INVITE")
    assert invite.headers.values("Route") == [near, far]
    assert invite.uri == "sip:1000@10.0.0.5"
    told = (
        ("Record-Route", f"{far}, {near}"),
        ("Contact", "<sip:1000@10.0.0.5:5070>"),
        ("Content-Type", "application/sdp"),
    )
    proxy.respond(invite, 200, headers=told, body=SDP)
    ack = await proxy.request("ACK")
    assert (ack.headers.values("Route"), ack.uri) == ([near, far], "sip:1000@10.0.0.5:5070")
    uuid = (await originate).split()[1]
    killed = loop.create_task(server.api(f"uuid_kill {uuid}"))
    bye = await proxy.request("BYE")
    assert bye.headers.values("Route") == [near, far]
    proxy.respond(bye, 200)
    await killed
    await until(lambda: not server.left_over(), "the end", then=server.left_over)
