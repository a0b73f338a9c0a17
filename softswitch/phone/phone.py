"""A small SIP phone on the project's own stack and engine: for people and for tests."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import socket
from collections.abc import Callable
from types import TracebackType
from typing import TypedDict, Unpack

from softswitch.media.engine import MediaEngine
from softswitch.media.events import DigitReceived, MediaEvent
from softswitch.net.sip_driver import SipDriver
from softswitch.phone.audio import NoAudio, PhoneAudio
from softswitch.phone.call import PATIENCE, CallFailed, PhoneCall
from softswitch.sdp.crypto import Secure
from softswitch.sip import auth
from softswitch.sip.events import (
    Answered,
    Cancelled,
    Ended,
    Event,
    InviteFailed,
    InviteReceived,
    OfferAnswered,
    OfferReceived,
    OfferRejected,
    Progress,
    Registered,
    RegistrationFailed,
    Rejected,
    RequestReceived,
    Unregistered,
)
from softswitch.sip.flow import Flow
from softswitch.sip.invite_usage import InviteUsage
from softswitch.sip.message import Request, Response
from softswitch.sip.registration import Registration
from softswitch.sip.stack import Stack
from softswitch.sip.timers import Timers
from softswitch.sip.uri import NameAddr, SipUri

_session_ids = itertools.count(1)


def _silent(_: str) -> None:
    """Tell nobody."""


class PhoneOptions(TypedDict, total=False):
    """What a phone need not be told."""

    password: str
    domain: str
    transport: str
    codecs: str
    secure: Secure
    timers: Timers | None
    tell: Callable[[str], None]


class Phone:
    """A user agent. Make it with `Phone.open`; use it with ``async with``.

    ``tell`` is called with what happens, in plain words.
    """

    def __init__(
        self,
        engine: MediaEngine,
        server: tuple[str, int],
        *,
        user: str,
        password: str = "",
        domain: str = "",
        transport: str = "udp",
        codecs: str = "PCMU,PCMA",
        secure: Secure = Secure.FORBIDDEN,
        timers: Timers | None = None,
        tell: Callable[[str], None] = _silent,
    ) -> None:
        self.user = user
        self.server = server
        self.transport = transport
        self.tell = tell
        self.calls: list[PhoneCall] = []
        """Every call so far, the newest last."""
        self.on_invite: Callable[[PhoneCall], None] | None = None
        """What a call to us sets off; without it calls wait in `expect_call`."""
        self._engine = engine
        self._password = password
        self._domain = domain or server[0]
        self._codecs = codecs
        self._secure = secure
        self._local_ip = _address_towards(server[0])
        loop = asyncio.get_running_loop()
        self.stack = Stack(
            sent_by=lambda flow: flow.local,
            token=lambda: secrets.token_hex(8),
            timers=timers,
            user_agent="softswitch phone",
        )
        self._driver = SipDriver(self.stack, loop, self._handle)
        self._flow: Flow | None = None
        self._registration: Registration | None = None
        self._registered: asyncio.Future[None] | None = None
        self._incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self._by_usage: dict[InviteUsage, PhoneCall] = {}

    @classmethod
    async def open(
        cls,
        engine: MediaEngine,
        server: tuple[str, int],
        *,
        user: str,
        **options: Unpack[PhoneOptions],
    ) -> Phone:
        """A phone that is reachable on a port of its own. Raises OSError.

        ``options`` are those of the constructor.
        """
        phone = cls(engine, server, user=user, **options)
        await phone.start()
        return phone

    def __repr__(self) -> str:
        return f"<Phone {self.address} {len(self.calls)} calls>"

    async def start(self) -> None:
        """Listen. Raises OSError."""
        driver = self._driver
        if self.transport == "tcp":
            await driver.listen_tcp((self._local_ip, 0))
        else:
            await driver.listen_udp((self._local_ip, 0))
        self._flow = driver.flow_to(self.transport, *self.server)

    async def __aenter__(self) -> Phone:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hang up, unregister and free everything but the engine."""
        for call in self.calls:
            call.hangup()
        if self._registration is not None:
            self._registration.stop(self.now)
            self._driver.pump()
        await self._driver.close()

    @property
    def now(self) -> float:
        """The stack's time."""
        return self._driver.now

    @property
    def address(self) -> str:
        """Our address of record."""
        return str(SipUri(user=self.user, host=self._domain))

    @property
    def contact(self) -> tuple[str, int]:
        """Where we listen."""
        assert self._flow is not None
        return self._flow.local

    def pump(self) -> None:
        """Send what the stack has to send."""
        self._driver.pump()

    def open_audio(self, on_event: Callable[[MediaEvent], None]) -> PhoneAudio:
        """Audio for one call. Raises `NoAudio`."""
        return PhoneAudio(
            self._engine, self._local_ip, self._codecs, next(_session_ids), on_event, self._secure
        )

    # Registering

    async def register(self, expires: int = 3600) -> None:
        """Register, and keep registered. Raises `CallFailed` where the server refuses."""
        assert self._flow is not None
        host, port = self._flow.local
        contact = SipUri(user=self.user, host=host, port=port)
        if self.transport != "udp":
            contact.parameters["transport"] = self.transport
        if self._registration is None:
            self._registration = Registration(
                self.stack,
                self._flow,
                registrar=f"sip:{self._domain}",
                address=NameAddr.parse(f"<{self.address}>"),
                username=self.user,
                password=self._password,
                contact=f"<{contact}>",
                expires=expires,
            )
        self._registration.expires = expires
        self._registered = asyncio.get_running_loop().create_future()
        self._registration.start(self.now)
        self._driver.pump()
        async with asyncio.timeout(PATIENCE * 4):
            await self._registered

    async def unregister(self) -> None:
        """Take the registration back."""
        if self._registration is not None:
            self._registered = asyncio.get_running_loop().create_future()
            self._registration.stop(self.now)
            self._driver.pump()
            async with asyncio.timeout(PATIENCE * 4):
                await self._registered

    # Calling

    def call(
        self, target: str, *, sdp: bool = True, headers: tuple[tuple[str, str], ...] = ()
    ) -> PhoneCall:
        """Call a number, or a whole SIP URI. Without ``sdp`` the far end has to offer."""
        assert self._flow is not None
        uri = target if ":" in target else str(SipUri(user=target, host=self._domain))
        call = PhoneCall(self, target, ours=True)
        self.calls.append(call)
        self.tell(f"calling {uri}")
        body = call.open_audio().offer().encode() if sdp else b""
        request = self.stack.build_request(
            "INVITE",
            uri,
            from_=NameAddr.parse(f'"{self.user}" <{self.address}>'),
            to=NameAddr.parse(f"<{uri}>"),
            headers=headers,
            body=body,
        )
        host, port = self._flow.local
        transport = f";transport={self.transport}" if self.transport != "udp" else ""
        request.headers.add("Contact", f"<sip:{self.user}@{host}:{port}{transport}>")
        usage = self.stack.invite(request, self._flow, self.now)
        self._adopt(usage, call)
        self._driver.pump()
        return call

    async def expect_call(self, patience: float | None = PATIENCE) -> PhoneCall:
        """The next call to us; it rings already and waits for `PhoneCall.answer`."""
        try:
            async with asyncio.timeout(patience):
                return await self._incoming.get()
        except TimeoutError:
            raise CallFailed(f"nobody calls {self.user}") from None

    def forget(self, usage: InviteUsage) -> None:
        """Nothing more is told of that call."""
        self._by_usage.pop(usage, None)

    # What the stack tells

    def _adopt(self, usage: InviteUsage, call: PhoneCall) -> None:
        usage.authorizer = self._authorize
        call.take(usage)
        self._by_usage[usage] = call

    def _authorize(self, request: Request, response: Response) -> tuple[str, str] | None:
        return auth.authorization(
            request,
            response,
            username=self.user,
            password=self._password,
            cnonce=secrets.token_hex(8),
        )

    def _handle(self, event: Event) -> None:
        match event:
            case InviteReceived(usage=usage, request=request):
                self._receive_call(usage, request)
            case Registered(expires=expires):
                self.tell(f"registered as {self.user} for {expires:g} s")
                self._settle_registration(None)
            case RegistrationFailed(status=status):
                self._settle_registration(f"the server refuses to register us: {status}")
            case Unregistered():
                self.tell("not registered any more")
                self._settle_registration(None)
            case RequestReceived(transaction=transaction, request=request, usage=in_usage):
                self._receive_request(request, self._by_usage.get(in_usage) if in_usage else None)
                known = request.method in ("OPTIONS", "INFO", "NOTIFY", "MESSAGE")
                self.stack.reply(transaction, 200 if known else 405, now=self.now)
            case _:
                self._handle_call(event)

    def _settle_registration(self, failure: str | None) -> None:
        waiting = self._registered
        if waiting is None or waiting.done():
            return
        if failure is None:
            waiting.set_result(None)
        else:
            self.tell(failure)
            waiting.set_exception(CallFailed(failure))

    def _receive_call(self, usage: InviteUsage, request: Request) -> None:
        caller = request.from_
        call = PhoneCall(self, caller.uri.user or str(caller.uri), ours=False)
        self.calls.append(call)
        self._adopt(usage, call)
        self.tell(f"{call.far_end} calls")
        call.ring()
        if self.on_invite is not None:
            self.on_invite(call)
        else:
            self._incoming.put_nowait(call)

    def _receive_request(self, request: Request, call: PhoneCall | None) -> None:
        if call is None or request.method != "INFO":
            return
        for line in request.body.decode("utf-8", "replace").splitlines():
            name, _, value = line.partition("=")
            if name.strip().lower() == "signal" and value.strip():
                call.heard(DigitReceived(value.strip()[0], 100, "info"))

    def _handle_call(self, event: Event) -> None:
        usage = getattr(event, "usage", None)
        call = self._by_usage.get(usage) if usage is not None else None
        if call is None or usage is None:
            return
        now = self.now
        try:
            match event:
                case Progress(response=response):
                    call.progress(response.status, _text(response))
                case Answered(response=response):
                    if usage.ack_due:
                        usage.ack(call.open_audio().answer(_text(response)), now=now)
                        call.answered("")
                    else:
                        call.answered(_text(response))
                case OfferReceived(request=request):
                    usage.answer_reinvite(call.offered(_text(request)), now=now)
                case OfferAnswered(response=response):
                    call.offer_settled(_text(response))
                case OfferRejected(status=status):
                    self.tell(f"{call.far_end} refuses the change: {status}")
                    call.offer_settled(None)
                case Rejected(response=response):
                    self._end(usage, call, response.status, response.reason, response)
                case InviteFailed(reason=reason):
                    self._end(usage, call, 408, f"no answer ({reason.value})")
                case Cancelled(request=request):
                    self._end(usage, call, 487, "the caller gave up", request)
                case Ended(request=request, reason=reason):
                    words = "hung up by the far end" if request is not None else reason
                    self._end(usage, call, 200, words, request)
                case _:
                    pass
        except NoAudio as error:
            self.tell(str(error))
            if isinstance(event, OfferReceived):
                usage.reject_reinvite(488, now=now)
            else:
                call.hangup()

    def _end(
        self,
        usage: InviteUsage,
        call: PhoneCall,
        status: int,
        reason: str,
        message: Request | Response | None = None,
    ) -> None:
        self.forget(usage)
        call.end(status, reason, message)


def _text(message: Request | Response) -> str:
    return message.body.decode("utf-8", "replace")


def _address_towards(host: str) -> str:
    """Our address on the way to ``host``; connecting a datagram socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        return str(probe.getsockname()[0])
