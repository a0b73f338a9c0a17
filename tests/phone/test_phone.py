from __future__ import annotations

import asyncio
import secrets

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.net.sip_driver import SipDriver
from softswitch.phone.call import CallFailed
from softswitch.phone.phone import Phone
from softswitch.sip.events import Event, RequestReceived
from softswitch.sip.nonces import AuthResult, NonceKeeper
from softswitch.sip.stack import Stack

Phones = tuple[Phone, Phone]


class Registrar:
    """Takes REGISTER with one password."""

    def __init__(self, loop: object, password: str) -> None:
        self.bindings: dict[str, str] = {}
        self._password = password
        self._nonces = NonceKeeper(b"secret", lambda: secrets.token_hex(8))
        stack = Stack(sent_by=lambda flow: flow.local, token=lambda: secrets.token_hex(8))
        self.driver = SipDriver(stack, loop, self._handle)  # type: ignore[arg-type]

    def _handle(self, event: Event) -> None:
        assert isinstance(event, RequestReceived)
        request, now = event.request, self.driver.now
        result = self._nonces.check(
            request.headers.get("Authorization"),
            method="REGISTER",
            password_for=lambda user, realm: self._password,
            now=now,
        )
        if result is AuthResult.OK:
            contact = request.headers.get("Contact") or ""
            expires = request.headers.get("Expires") or ""
            self.bindings[contact] = expires
            headers = [("Contact", f"{contact};expires={expires}")]
            self.driver.stack.reply(event.transaction, 200, headers=headers, now=now)
        elif result is AuthResult.NO_CREDENTIALS:
            challenges = self._nonces.challenge(now, "example.test")
            headers = [("WWW-Authenticate", challenges[0])]
            self.driver.stack.reply(event.transaction, 401, headers=headers, now=now)
        else:
            self.driver.stack.reply(event.transaction, 403, now=now)


async def test_a_call_reaches_the_other_phone_and_is_answered(phones: Phones) -> None:
    alice, bob = phones
    call = alice.call("bob")
    await call.expect_ringing()
    called = await bob.expect_call()
    assert called.far_end == "alice"
    called.answer()
    await call.expect_answer()
    called.hangup()
    assert await call.expect_end() == 200
    assert call.reason == "hung up by the far end"


async def test_registering_answers_the_challenge_and_can_be_taken_back(
    engine: MediaEngine,
) -> None:
    registrar = Registrar(asyncio.get_running_loop(), "sesame")
    address = await registrar.driver.listen_udp(("127.0.0.1", 0))
    told: list[str] = []
    phone = await Phone.open(engine, address, user="1000", password="sesame", tell=told.append)
    async with phone:
        await phone.register(expires=600)
        host, port = phone.contact
        assert registrar.bindings == {f"<sip:1000@{host}:{port}>": "600"}
        await phone.unregister()
        assert list(registrar.bindings.values()) == ["0"]
    assert told == ["registered as 1000 for 600 s", "not registered any more"]
    await registrar.driver.close()


async def test_a_wrong_password_is_told(engine: MediaEngine) -> None:
    registrar = Registrar(asyncio.get_running_loop(), "sesame")
    address = await registrar.driver.listen_udp(("127.0.0.1", 0))
    async with await Phone.open(engine, address, user="1000", password="wrong") as phone:
        with pytest.raises(CallFailed, match="refuses to register us"):
            await phone.register()
    await registrar.driver.close()


@pytest.mark.parametrize("transport", ["udp"])
async def test_a_handler_may_take_calls_as_they_come(phones: Phones) -> None:
    alice, bob = phones
    bob.on_invite = lambda call: call.reject(486)
    call = alice.call("bob")
    assert await call.expect_end() == 486
    assert call.reason == "Busy Here"


@pytest.mark.parametrize("transport", ["udp"])
async def test_what_happens_is_told_in_plain_words(phones: Phones) -> None:
    alice, bob = phones
    told: list[str] = []
    alice.tell = told.append
    call = alice.call("bob")
    (await bob.expect_call()).answer()
    await call.expect_answer()
    call.hangup()
    assert told == [
        "calling sip:bob@example.test",
        "bob: ringing",
        "bob: answered",
        "bob: ended (200 hung up by us)",
    ]
    assert repr(alice) == "<Phone sip:alice@example.test 1 calls>"
