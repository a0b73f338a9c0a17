"""Names in SDP: found, looked up beside the call, and put into the order of what came."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from softswitch.endpoints.sip.media_names import MOST_NAMES, PATIENCE, names_in, with_addresses
from softswitch.sip.message import Headers, Response
from softswitch.sip.routing import Query, Record
from softswitch.switch.states import CallState
from tests.support.sip_bench import ALICE, BOB, SipBench, sdp, sip_bench
from tests.support.switch import extension

pytestmark = pytest.mark.virtual_time

HOST = "media.example.test"
ANSWER = extension("9196", "answer", "park")
TO_BOB = f"sofia/internal/1001@{BOB[0]}:{BOB[1]}"


def named(port: int = 4000) -> str:
    """A description with a name in c=, and another in o=."""
    return sdp(port, host=HOST).replace(f"o=far 1 1 IN IP4 {HOST}", "o=far 1 1 IN IP4 other.test")


class SlowNames:
    """A name server that answers when the test says so."""

    def __init__(self, address: str = "") -> None:
        self.asked: list[Query] = []
        self.go = asyncio.Event()
        self._address = address

    async def ask(self, query: Query) -> tuple[list[Record], float]:
        self.asked.append(query)
        await self.go.wait()
        return [self._address] if self._address else [], 60.0


def slow(running: SipBench, address: str = "") -> SlowNames:
    """Have the profile ask one."""
    names = SlowNames(address)
    running.profile.resolver._names = names
    return names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("c=IN IP4 media.example.test", ["media.example.test"]),
        ("c=IN IP4 Media.Example.Test/127", ["media.example.test"]),
        ("C=in ip4 host", ["host"]),
        ("c=IN  IP4  3com.test ", ["3com.test"]),
        ("c=IN IP6 six.test", ["six.test"]),
        ("a=rtcp:4001 IN IP4 rtcp.test", ["rtcp.test"]),
        ("c=IN IP4 192.0.2.1", []),
        ("c=IN IP4 224.2.1.1/127/3", []),
        ("c=IN IP6 2001:db8::abcd", []),
        ("c=IN IP4 0.0.0.0", []),
        ("c=IN IP4 a_b.test", []),
        ("c=IN IP4 -rf.test", []),
        ("c=IN IP4 " + "a" * 300, []),
        ("c=IN IP4 a.test b.test", ["a.test"]),
        ("o=- 1 1 IN IP4 origin.test", []),
        ("a=note:c=IN IP4 no.test", []),
    ],
)
def test_names_stand_where_addresses_are_meant(line: str, names: list[str]) -> None:
    response = Response(200, "OK", Headers([]), body=f"v=0\r\n{line}\r\nt=0 0\r\n".encode())
    assert names_in(response) == names


def test_a_message_without_a_description_names_nothing() -> None:
    assert names_in(None) == []
    assert names_in(Response(200, "OK", Headers([]))) == []


def test_no_description_has_more_names_looked_up_than_a_few() -> None:
    lines = "".join(f"c=IN IP4 host{number}.test\r\n" for number in range(100))
    assert len(names_in(Response(200, "OK", Headers([]), body=lines.encode()))) == MOST_NAMES


def test_only_the_names_that_are_known_give_way() -> None:
    body = b"v=0\r\nc=IN IP4 A.test/64\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 b.test\r\n"
    assert with_addresses(body, {"a.test": "2001:db8::1"}) == body.replace(
        b"IN IP4 A.test", b"IN IP6 2001:db8::1"
    )


async def test_a_caller_may_name_where_its_media_is(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        running.air.names[Query("ADDRESS", HOST)] = ["192.0.2.77"]
        await running.invite("9196", named())
        answer = running.alice.response(200)
        running.alice.ack(answer)
        session = running.session
        assert session.get("remote_media_ip") == "192.0.2.77"
        session.hangup()


async def test_a_name_that_nobody_knows_is_refused_as_before(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        running.alice.ask("INVITE", "9196", named())
        await running.settle()
        assert running.alice.response(488)
        assert not running.switch.sessions


async def test_a_name_server_that_says_nothing_delays_its_own_call_alone(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        names = slow(running)
        running.alice.ask("INVITE", "9196", named())
        await running.settle()
        assert running.alice.response(100)
        _, other = await running.invite("9196")
        running.alice.ack(running.alice.response(200))
        assert other.channel.answered
        await running.settle(PATIENCE)
        assert running.alice.response(488)
        assert len(names.asked) == 1
        other.hangup()


async def test_a_caller_who_gives_up_meanwhile_makes_no_call(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        names = slow(running, "192.0.2.77")
        invite = running.alice.ask("INVITE", "9196", named())
        await running.settle()
        running.alice.ask(
            "CANCEL",
            within=None,
            cseq=invite.cseq.number,
            call_id=invite.call_id,
            uri=invite.uri,
            Via=invite.headers.get("Via") or "",
            To=invite.headers.get("To") or "",
            Contact="",
        )
        await running.settle()
        assert running.alice.response(487)
        names.go.set()
        await running.settle()
        assert not running.switch.sessions


async def test_what_comes_after_a_named_answer_waits_its_turn(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        names = slow(running, "192.0.2.78")
        invite, task = await running.dial(TO_BOB)
        answer = running.bob.answer(invite, 200, named())
        await running.settle()
        assert running.bob.request("ACK")
        assert not task.done() and names.asked
        running.bob.ask("BYE", within=invite)
        await running.settle()
        names.go.set()
        await running.settle()
        assert (await task).strip() == "-ERR NORMAL_CLEARING"
        assert answer.status == 200
        assert not running.switch.sessions


async def test_names_in_a_later_offer_are_looked_up_too(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        names = slow(running, "192.0.2.79")
        answer, session = await running.call("9196")
        running.alice.ask("INVITE", body=named(4002), within=answer)
        await running.settle()
        assert session.get("remote_media_ip") == ALICE[0]
        names.go.set()
        await running.settle()
        running.alice.ack(running.alice.response(200))
        assert session.get("remote_media_ip") == "192.0.2.79"
        assert session.channel.callstate is CallState.ACTIVE
        # The second time it is known at once.
        running.alice.ask("INVITE", body=named(4004), within=answer)
        running.alice.ack(running.alice.response(200))
        assert session.get("remote_media_port") == "4004"
        assert len(names.asked) == 1
        session.hangup()


async def test_a_call_that_ends_here_meanwhile_takes_nothing_any_more(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, ANSWER) as running:
        names = slow(running, "192.0.2.79")
        answer, session = await running.call("9196")
        running.alice.ask("INVITE", body=named(4002), within=answer)
        await running.settle()
        session.hangup()
        await running.settle()
        running.alice.answer(running.alice.request("BYE"), 200)
        names.go.set()
        await running.settle()
        assert not running.switch.sessions
