"""SIPp as caller and callee: a thousand bridged calls, none lost, nothing left."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from pathlib import Path

import pytest

from softswitch.endpoints.rtp_bypass import BypassableMedia
from softswitch.endpoints.sip.leg import SipLeg
from softswitch.sip.invite_usage import InviteUsage
from softswitch.switch.channel import Channel
from softswitch.switch.session import Session
from tests.support.programs import needs
from tests.support.server import Server, until
from tests.support.serving import Serve
from tests.support.sipp import Sipp
from tests.support.switch import extension

pytestmark = needs("sipp")


def bridge(callee: Sipp, transport: str = "udp") -> str:
    """The number 7000 calls SIPp."""
    uri = f"sip:uas@127.0.0.1:{callee.port};transport={transport}"
    return extension("7000", "set hangup_after_bridge=true", f"bridge sofia/internal/{uri}")


@pytest.mark.parametrize(
    ("transport", "calls", "rate"), [("udp", 1000, 50), ("tcp", 300, 50)], ids=["udp", "tcp"]
)
async def test_no_bridged_call_is_lost(
    serve: Serve, tmp_path: Path, transport: str, calls: int, rate: int
) -> None:
    callee = Sipp(tmp_path / "callee", "uas", transport=transport)
    caller = Sipp(tmp_path / "caller", "uac", transport=transport)
    server = await serve(bridge(callee, transport), listen=("CHANNEL_HANGUP_COMPLETE",))
    before = living(Session, SipLeg, InviteUsage)
    async with callee.answering():
        outcome = await caller.call(server.address(), "7000", "-d", "200", calls=calls, rate=rate)
        assert (outcome.successful, outcome.failed) == (calls, 0), caller.log()
        # On a busy machine SIPp loses packets too: a BYE may need all its repetitions.
        await until(lambda: not server.left_over(), "the end", then=callee.log)
    assert born_since(before, Session, SipLeg) == {}
    assert callee.outcome().successful == calls
    assert (await server.api("show channels count")).strip() == "0 total."
    assert len(server.ended()) == 2 * calls
    assert {end["Hangup-Cause"] for end in server.ended()} == {"NORMAL_CLEARING"}
    profile = server.profile()
    assert (profile.calls_in, profile.calls_in_failed) == (calls, 0)
    assert (profile.calls_out, profile.calls_out_failed) == (calls, 0)
    await server.stop()
    # Until then transactions had to remember calls for repetitions.
    assert born_since(before, InviteUsage) == {}


async def test_finished_calls_are_freed_without_the_collector(serve: Serve, tmp_path: Path) -> None:
    callee = Sipp(tmp_path / "callee", "uas")
    caller = Sipp(tmp_path / "caller", "uac")
    server = await serve(bridge(callee), listen=("HEARTBEAT",))
    kinds = (Session, SipLeg, InviteUsage, Channel, BypassableMedia)
    before = living(*kinds)
    gc.disable()
    try:
        async with callee.answering():
            outcome = await caller.call(server.address(), "7000", "-d", "50", calls=20, rate=20)
            assert outcome.successful == 20, caller.log()
            await until(lambda: not server.left_over(), "the end", then=callee.log)
        await server.stop()
        # What only the collector frees makes a pause for every call that is up.
        assert born_since(before, *kinds, collect=False) == {}
    finally:
        gc.enable()


def living(*kinds: type, collect: bool = True) -> list[object]:
    """The objects of these classes that the process holds."""
    if collect:
        gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, kinds)]


def born_since(before: list[object], *kinds: type, collect: bool = True) -> dict[str, int]:
    """How many more objects of these classes there are, by class.

    Those of earlier tests do not count: pytest keeps log records, and they keep their sessions.
    """
    known = {id(each) for each in before}
    return dict(
        Counter(
            type(each).__name__ for each in living(*kinds, collect=collect) if id(each) not in known
        )
    )


@pytest.mark.parametrize(("caller_by", "callee_by"), [("udp", "tcp"), ("tcp", "udp")])
async def test_transports_may_differ(
    serve: Serve, tmp_path: Path, caller_by: str, callee_by: str
) -> None:
    callee = Sipp(tmp_path / "callee", "uas", transport=callee_by)
    caller = Sipp(tmp_path / "caller", "uac", transport=caller_by)
    server = await serve(bridge(callee, callee_by))
    async with callee.answering():
        outcome = await caller.call(server.address(), "7000", "-d", "50", calls=50, rate=50)
        assert (outcome.successful, outcome.failed) == (50, 0), caller.log()
        await until(lambda: not server.left_over(), "the end", then=server.left_over)


async def test_calls_survive_the_loss_of_every_twentieth_packet(
    serve: Serve, tmp_path: Path
) -> None:
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    server = await serve(bridge(callee), profile={"timer-T1": "100"})
    async with callee.answering("-lost", "5"):
        outcome = await caller.call(
            server.address(), "7000", "-d", "100", "-lost", "5", calls=100, rate=50
        )
        assert outcome.successful == 100, caller.log() + callee.log()
        assert outcome.retransmissions > 0
        await until(lambda: not server.left_over(), "the end", then=server.left_over)
    assert {end["Hangup-Cause"] for end in server.ended()} == {"NORMAL_CLEARING"}
    assert len(server.ended()) == 200
    assert callee.outcome().failed == 0, callee.log()


async def test_callers_without_a_callee_are_refused(serve: Serve, tmp_path: Path) -> None:
    caller = Sipp(tmp_path / "caller", "uac")
    server = await serve(extension("7000", "bridge error/USER_BUSY"))
    outcome = await caller.call(server.address(), "7000", calls=50, rate=50)
    assert outcome.failed == 50
    assert "486" in caller.log()
    await until(lambda: not server.left_over(), "the end", then=server.left_over)


def answered(server: Server) -> int:
    """How many legs are up."""
    return sum(session.channel.answered for session in server.sessions)


async def test_calls_whose_far_ends_vanished_do_not_stay(serve: Serve, tmp_path: Path) -> None:
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac")
    server = await serve(bridge(callee), profile={"rtp-timeout-sec": "1", "timer-T1": "50"})
    async with callee.answering():
        calling = asyncio.get_running_loop().create_task(
            caller.call(server.address(), "7000", "-d", "60000", calls=5, rate=50)
        )
        await until(lambda: answered(server) == 10, "ten answers")
        calling.cancel()
    await until(lambda: not server.left_over(), "the end", then=server.left_over)
    assert "MEDIA_TIMEOUT" in {end["Hangup-Cause"] for end in server.ended()}
