"""A small trunk provider: a scripted registrar that wants a password for calls too."""

from __future__ import annotations

import asyncio
import itertools

from softswitch.net.sip_driver import SipDriver
from softswitch.sip import events
from softswitch.sip.message import Request
from softswitch.sip.non_invite_server import NonInviteServer
from softswitch.sip.nonces import AuthResult, NonceKeeper
from softswitch.sip.stack import Stack
from softswitch.sip.subscription import Subscription
from softswitch.sip.uri import NameAddr
from softswitch.sip.usage_client import ClientUsage
from softswitch.sip.usage_server import ServerUsage

REALM = "provider.test"


class Provider:
    """Registers one account and takes its calls. ``script`` holds refusals to give first."""

    def __init__(self, username: str, password: str) -> None:
        loop = asyncio.get_running_loop()
        numbers = itertools.count(1)
        self.username, self._password = username, password
        self.script: list[int] = []
        """Status codes that answer the next requests, before any password is looked at."""
        self.contact = ""
        """What the account registered; empty for nothing."""
        self.requests: list[Request] = []
        self.calls: list[ServerUsage] = []
        self.address = ("", 0)
        self.stack = Stack(
            sent_by=lambda flow: flow.local, token=lambda: f"provider-{next(numbers):08x}"
        )
        self.nonces = NonceKeeper(b"secret of the provider", self.stack.token)
        self.driver = SipDriver(self.stack, loop, self._handle)

    @classmethod
    async def open(cls, username: str = "trunk", password: str = "sesame") -> Provider:
        """A provider on a free port of the loopback."""
        provider = cls(username, password)
        provider.address = await provider.driver.listen_udp(("127.0.0.1", 0))
        return provider

    async def close(self) -> None:
        """Free the port."""
        await self.driver.close(0.5)

    def methods(self) -> list[str]:
        """The methods of all requests so far."""
        return [request.method for request in self.requests]

    def call(self, number: str, sdp: str) -> ClientUsage:
        """Call the account at its contact."""
        uri = NameAddr.parse(self.contact).uri
        flow = self.driver.flow_to("udp", uri.host, uri.port or 5060)
        assert flow is not None
        request = self.stack.build_request(
            "INVITE",
            str(uri),
            from_=NameAddr.parse("<sip:5551234@provider.test>"),
            to=NameAddr.parse(f"<sip:{number}@provider.test>"),
            body=sdp.encode(),
        )
        usage = self.stack.invite(request, flow, self.driver.now)
        self.driver.pump()
        return usage

    def _handle(self, event: events.Event) -> None:
        now = self.driver.now
        match event:
            case events.RequestReceived(transaction=transaction, request=request):
                self.requests.append(request)
                status, headers = self._judge(request, "WWW-Authenticate", 401)
                if status == 200 and request.method == "REGISTER":
                    contact = request.headers.get("Contact") or ""
                    self.contact = "" if request.expires == 0 else contact
                    headers = [("Contact", f"{self.contact};expires=60")]
                if status == 200 and request.method == "SUBSCRIBE":
                    self._watch(transaction, request, now)
                else:
                    self.stack.reply(transaction, status, headers=headers, now=now)
            case events.SubscriptionRefreshed(subscription=subscription):
                subscription.terminate("timeout", now=now)
            case events.InviteReceived(usage=usage, request=request):
                self.requests.append(request)
                status, headers = self._judge(request, "Proxy-Authenticate", 407)
                if status == 200:
                    self.calls.append(usage)
                    usage.ring(180, now=now)
                else:
                    usage.reject(status, headers=headers, now=now)

    def _watch(self, transaction: NonInviteServer, request: Request, now: float) -> None:
        """Tell a watcher that messages wait."""
        watcher = Subscription.begin(
            self.stack, transaction, request, transaction.flow, lambda request: 60, (), now
        )
        watcher.notify("application/simple-message-summary", b"Messages-Waiting: yes\r\n", now=now)

    def _judge(
        self, request: Request, challenge: str, status: int
    ) -> tuple[int, list[tuple[str, str]]]:
        if self.script:
            return self.script.pop(0), []
        if request.method == "OPTIONS":
            return 200, []
        now = self.driver.now
        answered = "Authorization" if status == 401 else "Proxy-Authorization"
        result = self.nonces.check(
            request.headers.get(answered),
            method=request.method,
            password_for=lambda user, _: self._password if user == self.username else None,
            now=now,
        )
        if result is AuthResult.OK:
            return 200, []
        if result is AuthResult.WRONG_PASSWORD:
            return 403, []
        (value, *_) = self.nonces.challenge(now, REALM)
        return status, [(challenge, value)]
