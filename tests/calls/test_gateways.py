"""Trunks: registering with a provider, calling through it, being called by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.provider import REALM, Provider
from tests.support.server import Server, assert_forgets_everything, until
from tests.support.serving import Serve
from tests.support.sip_socket import SDP
from tests.support.switch import extension

OUT = extension("9(.*)", "bridge sofia/gateway/trunk/$1")
IN = extension("5000", "answer", "echo")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A provider that forgets its calls when the test ends."""
    provider = await Provider.open()
    yield provider
    await provider.close()
    assert_forgets_everything(provider.stack)


def gateway(provider: Provider, **params: str) -> str:
    """The gateway ``trunk`` to that provider."""
    settings = {
        "username": provider.username,
        "password": "sesame",
        "realm": REALM,
        "proxy": "{}:{}".format(*provider.address),
        "extension": "5000",
        **{name.replace("_", "-"): value for name, value in params.items()},
    }
    lines = "".join(f'<param name="{k}" value="{v}"/>' for k, v in settings.items())
    return f'<gateway name="trunk">{lines}</gateway>'


async def registered(server: Server) -> None:
    """Wait until the gateway is up."""
    await until(lambda: server.profile().gateways["trunk"].state == "REGED", "the registration")


async def test_a_gateway_registers_with_its_password(provider: Provider, serve: Serve) -> None:
    server = await serve(gateways=gateway(provider))
    await registered(server)
    assert provider.methods() == ["REGISTER", "REGISTER"]
    assert "gw=trunk" in provider.contact
    assert "REGED" in await server.api("sofia status gateway trunk")
    await server.stop()
    assert provider.contact == ""


async def test_a_gateway_that_is_refused_is_down(provider: Provider, serve: Serve) -> None:
    server = await serve(OUT, gateways=gateway(provider, password="wrong"))
    trunk = server.profile().gateways["trunk"]
    await until(lambda: trunk.state == "FAIL_WAIT", "the refusal")
    alice = await server.phone("1000")
    assert await alice.call("95551234").expect_end() == 503
    await until(lambda: bool(server.ended()), "the end")
    assert server.ended()[0]["Hangup-Cause"] == "GATEWAY_DOWN"


async def test_calls_go_out_with_the_password_of_the_gateway(
    provider: Provider, serve: Serve
) -> None:
    server = await serve(OUT, gateways=gateway(provider))
    await registered(server)
    alice = await server.phone("1000")
    call = alice.call("95551234")
    await until(lambda: bool(provider.calls), "the call")
    invite = provider.calls[0].request
    assert invite.request_uri.user == "5551234"
    assert invite.from_.uri.user == "trunk"
    assert "Proxy-Authorization" in invite.headers
    usage = provider.calls[0]
    usage.accept(SDP, now=provider.driver.now)
    provider.driver.pump()
    await call.expect_answer()
    assert server.sessions[1].get("sip_gateway_name") == "trunk"
    call.hangup()
    await until(lambda: not provider.stack.usages, "the BYE")


async def test_a_wrong_password_of_a_gateway_ends_the_call(
    provider: Provider, serve: Serve
) -> None:
    gateways = gateway(provider, register="false", password="wrong")
    server = await serve(OUT, gateways=gateways)
    alice = await server.phone("1000")
    assert await alice.call("95551234").expect_end() == 403
    assert provider.methods() == ["INVITE", "INVITE"]


async def test_a_provider_that_is_busy_is_told_to_the_caller(
    provider: Provider, serve: Serve
) -> None:
    server = await serve(OUT, gateways=gateway(provider, register="false"))
    provider.script = [486]
    alice = await server.phone("1000")
    assert await alice.call("95551234").expect_end() == 486


async def test_a_call_from_the_provider_reaches_its_extension(
    provider: Provider, serve: Serve
) -> None:
    server = await serve(IN, gateways=gateway(provider))
    await registered(server)
    usage = provider.call("5551000", SDP)
    await until(lambda: usage.state.name == "CONFIRMED", "the answer")
    session = server.sessions[0]
    assert session.channel.profile.destination_number == "5000"
    assert session.get("sip_gateway") == "trunk"
    usage.bye(now=provider.driver.now)
    provider.driver.pump()
    await until(lambda: not provider.stack.usages, "the end")


async def test_the_number_that_was_dialled_may_choose_the_extension(
    provider: Provider, serve: Serve
) -> None:
    trunk = gateway(provider, extension="auto_to_user")
    server = await serve(extension("5551000", "answer", "park"), gateways=trunk)
    await registered(server)
    usage = provider.call("5551000", SDP)
    await until(lambda: usage.state.name == "CONFIRMED", "the answer")
    await server.api("hupall")
    await until(lambda: not provider.stack.usages, "the end")


async def test_pings_tell_whether_a_gateway_lives(provider: Provider, serve: Serve) -> None:
    server = await serve(gateways=gateway(provider, register="false", ping="60"))
    trunk = server.profile().gateways["trunk"]
    provider.script = [503]
    trunk.ping._ask()
    await until(lambda: not trunk.up, "the loss")
    trunk.ping._ask()
    await until(lambda: trunk.up, "the return")
    assert set(provider.methods()) == {"OPTIONS"}


async def test_an_unknown_gateway_is_told(serve: Serve) -> None:
    server = await serve(OUT)
    alice = await server.phone("1000")
    assert await alice.call("95551234").expect_end() == 484
    await asyncio.sleep(0)
    assert server.ended()[0]["Hangup-Cause"] == "INVALID_GATEWAY"


async def test_what_the_provider_tells_of_a_subscription_is_an_event(
    provider: Provider, serve: Serve
) -> None:
    lamp = '<subscriptions><subscription event="message-summary"/></subscriptions></gateway>'
    server = await serve(gateways=gateway(provider, register="false").replace("</gateway>", lamp))
    await until(lambda: provider.stack.subscriptions, "the subscription")
    # The first NOTIFY may have come before the test could hear of it.
    (watcher,) = provider.stack.subscriptions
    summary = "application/simple-message-summary"
    watcher.notify(summary, b"Messages-Waiting: yes\r\n", now=provider.driver.now)
    provider.driver.pump()
    await until(lambda: "NOTIFY_IN" in server.names(), "the NOTIFY")
    told = next(event.headers for event in server.events if event.name == "NOTIFY_IN")
    assert told["event"] == "message-summary"
    assert told["pl_data"] == "Messages-Waiting: yes\r\n"
    assert told["sip_content_type"] == summary
    assert (told["profile_name"], told["gateway_name"]) == ("internal", "trunk")
    assert told["port"] == str(server.address()[1])
    assert told["profile_uri"] == f"sip:mod_sofia@127.0.0.1:{told['port']}"
    assert provider.methods() == ["SUBSCRIBE", "SUBSCRIBE"], "once without the password"
    assert len(provider.stack.subscriptions) == 1
    await server.stop()
    assert not provider.stack.subscriptions
