"""Stacks on real loopback sockets."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest

from softswitch.net.listening import ListenError
from softswitch.net.sip_driver import SipDriver
from softswitch.net.tcp import TcpLimits
from softswitch.sip.events import (
    Answered,
    Ended,
    Event,
    InviteFailed,
    InviteReceived,
    Rejected,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request
from softswitch.sip.stack import Stack
from softswitch.sip.timers import Timers
from softswitch.sip.uri import NameAddr
from tests.support.hand import Hand
from tests.support.patience import PATIENCE
from tests.support.wire import ANSWER, OFFER, tokens

E = TypeVar("E")
LOOPBACK = "127.0.0.1"
QUICK = Timers(t1=0.003, t2=0.012, t4=0.005)


class Element:
    """A stack on loopback, its driver, and the events it told."""

    def __init__(self, name: str, timers: Timers = QUICK) -> None:
        self.stack = Stack(
            sent_by=lambda flow: flow.local, token=tokens(name), timers=timers, user_agent=name
        )
        self.driver = SipDriver(self.stack, asyncio.get_running_loop(), self._handle)
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self.reaction: Callable[[Event], None] = lambda event: None
        self.addresses: dict[str, tuple[str, int]] = {}

    async def listen(self, *transports: str, limits: TcpLimits | None = None) -> Element:
        for transport in transports:
            if transport == "udp":
                bound = await self.driver.listen_udp((LOOPBACK, 0))
            else:
                bound = await self.driver.listen_tcp((LOOPBACK, 0), limits)
            self.addresses[transport] = bound
        return self

    def _handle(self, event: Event) -> None:
        self.events.put_nowait(event)
        self.reaction(event)

    async def expect(self, kind: type[E]) -> E:
        """The next event of a kind; others before it are passed over."""
        async with asyncio.timeout(PATIENCE):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event

    def flow_to(self, other: Element, transport: str) -> Flow:
        flow = self.driver.flow_to(transport, *other.addresses[transport])
        assert flow is not None
        return flow

    def request(self, method: str, body: bytes = b"") -> Request:
        return self.stack.build_request(
            method,
            "sip:there@127.0.0.1",
            from_=NameAddr.parse("<sip:here@127.0.0.1>"),
            to=NameAddr.parse("<sip:there@127.0.0.1>"),
            body=body,
        )

    def send(self, method: str, flow: Flow) -> None:
        self.stack.request(self.request(method), flow, self.driver.now)
        self.driver.pump()


@pytest.fixture
async def element() -> AsyncIterator[Callable[..., Any]]:
    """Makes elements that are closed at the end."""
    made: list[Element] = []

    async def make(name: str, *transports: str, **options: Any) -> Element:
        limits = options.pop("limits", None)
        made.append(Element(name, **options))
        return await made[-1].listen(*transports, limits=limits)

    yield make
    for each in made:
        await each.driver.close(grace=0)


def answer_ok(server: Element) -> None:
    """Have an element answer every request by 200."""

    def react(event: Event) -> None:
        if isinstance(event, RequestReceived):
            server.stack.reply(event.transaction, 200, now=server.driver.now)

    server.reaction = react


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_call_is_made_and_ended_over_real_sockets(element: Any, transport: str) -> None:
    alice = await element("alice", transport)
    bob = await element("bob", transport)
    flow = alice.flow_to(bob, transport)
    alice.stack.invite(alice.request("INVITE", OFFER.encode()), flow, alice.driver.now)
    alice.driver.pump()
    incoming = (await bob.expect(InviteReceived)).usage
    incoming.accept(ANSWER, now=bob.driver.now)
    bob.driver.pump()
    outgoing = (await alice.expect(Answered)).usage
    outgoing.bye(now=alice.driver.now)
    alice.driver.pump()
    assert (await bob.expect(Ended)).reason == "bye"
    await alice.driver.close(grace=1)
    assert not alice.stack.busy
    assert alice.driver.counts.stack_errors == bob.driver.counts.stack_errors == 0


async def test_the_loop_timer_repeats_what_is_not_answered(element: Any) -> None:
    alice = await element("alice", "udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((LOOPBACK, 0))
        alice.send("OPTIONS", Flow("udp", alice.addresses["udp"], silent.getsockname()))
        failed = await alice.expect(TransactionFailed)
    assert failed.reason == "timeout"
    assert alice.driver.counts.sent > 5
    assert alice.stack.next_timeout() is None


async def test_an_event_raised_while_handling_is_handled_in_the_same_pump(element: Any) -> None:
    alice = await element("alice", "udp")
    seen: list[str] = []

    def react(event: Event) -> None:
        seen.append(type(event).__name__)
        if isinstance(event, RequestReceived):
            alice.stack.emit(ResponseReceived(None, None, True))  # type: ignore[arg-type]
            alice.driver.pump()
            assert len(seen) == 1, "the inner pump must leave the event to the outer one"

    alice.reaction = react
    alice.stack.emit(RequestReceived(None, None, None))  # type: ignore[arg-type]
    alice.driver.pump()
    assert seen == ["RequestReceived", "ResponseReceived"]


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
async def test_a_handler_that_fails_is_logged_and_the_request_gets_500(
    element: Any, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    alice = await element("alice", "udp")
    bob = await element("bob", "udp")

    def fail(event: Event) -> None:
        raise RuntimeError("no such luck")

    bob.reaction = fail
    flow = alice.flow_to(bob, "udp")
    if method == "INVITE":
        alice.stack.invite(alice.request("INVITE"), flow, alice.driver.now)
        alice.driver.pump()
        assert (await alice.expect(Rejected)).response.status == 500
    else:
        alice.send("OPTIONS", flow)
        assert (await alice.expect(ResponseReceived)).response.status == 500
    assert "no such luck" in caplog.text
    assert bob.driver.counts.handler_errors == 1


@pytest.mark.parametrize("fails", [False, True])
async def test_a_handler_that_had_to_wait_goes_on_later(element: Any, fails: bool) -> None:
    alice = await element("alice", "udp")
    bob = await element("bob", "udp")
    waiting: asyncio.Queue[RequestReceived] = asyncio.Queue()
    bob.reaction = waiting.put_nowait
    alice.send("OPTIONS", alice.flow_to(bob, "udp"))
    event = await asyncio.wait_for(waiting.get(), PATIENCE)

    def step() -> None:
        if fails:
            raise RuntimeError("no such luck")
        bob.stack.reply(event.transaction, 200, now=bob.driver.now)

    bob.driver.resume(event, step)
    answer = await alice.expect(ResponseReceived)
    assert answer.response.status == (500 if fails else 200)
    assert bob.driver.counts.handler_errors == fails


async def test_an_error_of_the_stack_does_not_stop_the_driver(
    element: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alice = await element("alice", "udp")
    bob = await element("bob", "udp")
    answer_ok(bob)
    original = Stack.receive
    broken = iter([True])

    def receive(stack: Stack, data: bytes, flow: Flow, now: float) -> None:
        if stack is bob.stack and next(broken, False):
            raise RuntimeError("a bug")
        original(stack, data, flow, now)

    monkeypatch.setattr(Stack, "receive", receive)
    alice.send("OPTIONS", alice.flow_to(bob, "udp"))
    assert (await alice.expect(ResponseReceived)).response.status == 200
    assert bob.driver.counts.stack_errors == 1
    assert "a bug" in caplog.text


async def test_a_malformed_request_on_a_connection_is_answered_before_it_is_closed(
    element: Any,
) -> None:
    alice = await element("alice", "tcp")
    reader, writer = await asyncio.open_connection(*alice.addresses["tcp"])
    request = Hand().request("OPTIONS").encode()
    writer.write(request.replace(b"Content-Length: 0\r\n", b"Content-Length: -1\r\n"))
    async with asyncio.timeout(PATIENCE):
        answer = await reader.read()
    assert answer.startswith(b"SIP/2.0 400 ")
    writer.close()


async def test_a_request_to_a_closed_tcp_port_fails_at_once(element: Any) -> None:
    alice = await element("alice", "tcp", timers=Timers())
    with socket.socket() as reserved:
        reserved.bind((LOOPBACK, 0))
        alice.send("OPTIONS", Flow("tcp", alice.addresses["tcp"], reserved.getsockname()))
        assert (await alice.expect(TransactionFailed)).reason == "transport"


def closed_port() -> tuple[str, int]:
    """A UDP address that nobody listens at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((LOOPBACK, 0))
        address: tuple[str, int] = sock.getsockname()
    return address


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "REGISTER"])
async def test_a_request_to_a_closed_udp_port_fails_soon(element: Any, method: str) -> None:
    # By its timers alone it would fail after 3.2 s.
    alice = await element("alice", "udp", timers=Timers(t1=0.05))
    flow = Flow("udp", alice.addresses["udp"], closed_port())
    if method == "INVITE":
        alice.stack.invite(alice.request("INVITE", OFFER.encode()), flow, alice.driver.now)
        alice.driver.pump()
        assert (await alice.expect(InviteFailed)).reason == "transport"
    else:
        alice.send(method, flow)
        assert (await alice.expect(TransactionFailed)).reason == "transport"
    assert alice.driver.counts.stack_errors == 0


async def test_what_a_phone_may_answer_when_it_is_up_again_waits_for_it(element: Any) -> None:
    alice = await element("alice", "udp")
    alice.send("NOTIFY", Flow("udp", alice.addresses["udp"], closed_port()))
    assert (await alice.expect(TransactionFailed)).reason == "timeout"


async def test_an_answer_that_comes_late_is_heard_though_its_sender_is_watched(
    element: Any,
) -> None:
    alice = await element("alice", "udp", timers=Timers(t1=0.05))
    bob = await element("bob", "udp")
    alice.stack.invite(
        alice.request("INVITE", OFFER.encode()), alice.flow_to(bob, "udp"), alice.driver.now
    )
    heard = itertools.count()
    # Bob misses the first two: Alice watches him when he answers the third.
    bob.driver.screens = lambda flow, data: next(heard) >= 2
    alice.driver.pump()
    incoming = (await bob.expect(InviteReceived)).usage
    incoming.accept(ANSWER, now=bob.driver.now)
    bob.driver.pump()
    assert await alice.expect(Answered)


async def test_a_request_without_a_listener_for_its_transport_fails_at_once(element: Any) -> None:
    alice = await element("alice", "udp", timers=Timers())
    alice.send("OPTIONS", Flow("tcp", ("127.0.0.1", 1), ("127.0.0.1", 2)))
    assert (await alice.expect(TransactionFailed)).reason == "transport"
    assert alice.driver.counts.unsendable == 1


async def test_close_waits_until_requests_are_answered(element: Any) -> None:
    alice = await element("alice", "udp")
    bob = await element("bob", "udp")
    alice.send("OPTIONS", alice.flow_to(bob, "udp"))
    loop = asyncio.get_running_loop()
    closing = loop.create_task(alice.driver.close(grace=5))
    transaction = (await bob.expect(RequestReceived)).transaction
    assert not closing.done()
    bob.stack.reply(transaction, 200, now=bob.driver.now)
    bob.driver.pump()
    await closing
    assert (await alice.expect(ResponseReceived)).final


async def test_close_gives_up_after_its_grace(element: Any) -> None:
    alice = await element("alice", "udp", timers=Timers())
    bob = await element("bob", "udp")
    alice.send("OPTIONS", alice.flow_to(bob, "udp"))
    await alice.driver.close(grace=0.01)
    assert alice.stack.busy


def test_a_call_runs_on_uvloop_too() -> None:
    uvloop = pytest.importorskip("uvloop")

    async def call() -> None:
        alice = await Element("alice", Timers(t1=0.05)).listen("udp", "tcp")
        bob = await Element("bob").listen("udp", "tcp")
        answer_ok(bob)
        alice.send("OPTIONS", Flow("udp", alice.addresses["udp"], closed_port()))
        assert (await alice.expect(TransactionFailed)).reason == "transport"
        for transport in ("udp", "tcp"):
            flow = alice.flow_to(bob, transport)
            alice.stack.invite(alice.request("INVITE", OFFER.encode()), flow, alice.driver.now)
            alice.send("OPTIONS", flow)
            (await bob.expect(InviteReceived)).usage.accept(ANSWER, now=bob.driver.now)
            bob.driver.pump()
            (await alice.expect(Answered)).usage.bye(now=alice.driver.now)
            alice.driver.pump()
            assert (await bob.expect(Ended)).reason == "bye"
        await alice.driver.close()
        await bob.driver.close()
        assert alice.driver.counts.stack_errors == bob.driver.counts.stack_errors == 0

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(call())


async def test_an_address_that_is_given_back_can_be_had_again(element: Any) -> None:
    alice = await element("alice")
    address = await alice.driver.listen_udp((LOOPBACK, 0))
    with pytest.raises(ListenError, match=rf"udp 127.0.0.1:{address[1]}: address already in use"):
        await alice.driver.listen_udp(address)
    alice.driver.unlisten("udp", address)
    assert alice.driver.flow_to("udp", LOOPBACK, 9) is None
    await asyncio.sleep(0)
    assert await alice.driver.listen_udp(address) == address


async def test_each_transport_is_named_where_its_address_is_taken(element: Any) -> None:
    alice = await element("alice")
    address = await alice.driver.listen_tcp((LOOPBACK, 0))
    with pytest.raises(ListenError, match=r"tcp 127\.0\.0\.1:\d+: address already in use"):
        await alice.driver.listen_tcp(address)
    with pytest.raises(ListenError, match=r"ws 127\.0\.0\.1:\d+: address already in use"):
        await alice.driver.listen_ws(address)
