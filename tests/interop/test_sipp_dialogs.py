"""SIPp for each thing a dialog can do: nothing fails, nothing is left, packets lost or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.programs import needs
from tests.support.server import Server, until
from tests.support.serving import Serve
from tests.support.sipp import Sipp
from tests.support.switch import extension

pytestmark = [needs("sipp"), pytest.mark.slow]

CALLS, RATE = 20, 20
LOSS = ("-lost", "4")
ANSWER = extension("7000", "answer", "park")
EARLY = extension("7001", "pre_answer", "sleep 100", "answer", "park")
RING = extension("7002", "ring_ready", "park")
REFERRED = extension("9000", "answer", "sleep 100")
SETTINGS = {"enable-100rel": "true", "manage-presence": "true", "timer-T1": "100"}


def bridge(callee: Sipp) -> str:
    return extension(
        "7003",
        "set hangup_after_bridge=true",
        f"bridge sofia/internal/sip:uas@127.0.0.1:{callee.port}",
    )


async def nothing_left(server: Server) -> None:
    """No session, task, stream or call is there; stopping proves the same of the stacks."""
    await until(lambda: not server.left_over(), "the end", then=server.left_over)
    await server.stop()


# Where the switch speaks of itself too, loss changes the order, which SIPp does not forgive.
WHOLE = [("uac_prack", "7001"), ("uac_watch", "1001"), ("uac_timer", "7000")]
EITHER = [
    ("uac_hold", "7000"),
    ("uac_zero", "7000"),
    ("uac_offerless", "7000"),
    ("uac_info", "7000"),
    ("uac_publish", "1001"),
    ("uac_text", "1001"),
]


@pytest.mark.parametrize(
    ("scenario", "number", "lost"),
    [
        *((name, number, ()) for name, number in WHOLE + EITHER),
        *((name, number, LOSS) for name, number in EITHER),
    ],
)
async def test_what_callers_do(
    serve: Serve, tmp_path: Path, scenario: str, number: str, lost: tuple[str, ...]
) -> None:
    caller = Sipp(tmp_path / "caller", scenario)
    server = await serve(ANSWER, EARLY, RING, profile=SETTINGS)
    outcome = await caller.call(server.address(), number, *lost, calls=CALLS, rate=RATE)
    assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
    await nothing_left(server)


@pytest.mark.parametrize(("scenario", "number"), [("uac_cancel", "7002"), ("uac_brief", "7000")])
async def test_calls_that_come_to_nothing(
    serve: Serve, tmp_path: Path, scenario: str, number: str
) -> None:
    caller = Sipp(tmp_path / "caller", scenario)
    server = await serve(ANSWER, RING, profile=SETTINGS)
    outcome = await caller.call(server.address(), number, calls=CALLS, rate=RATE)
    assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
    await nothing_left(server)


async def test_partners_are_handed_over(serve: Serve, tmp_path: Path) -> None:
    callee, caller = Sipp(tmp_path / "callee", "uas"), Sipp(tmp_path / "caller", "uac_refer")
    server = await serve(bridge(callee), REFERRED, profile=SETTINGS)
    async with callee.answering():
        outcome = await caller.call(server.address(), "7003", calls=CALLS, rate=RATE)
        assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
        await nothing_left(server)
    assert callee.outcome().successful == CALLS


@pytest.mark.parametrize("scenario", ["uas_reinvite", "uas_timer"])
async def test_what_callees_do(serve: Serve, tmp_path: Path, scenario: str) -> None:
    callee, caller = Sipp(tmp_path / "callee", scenario), Sipp(tmp_path / "caller", "uac")
    server = await serve(bridge(callee), profile=SETTINGS)
    async with callee.answering():
        outcome = await caller.call(server.address(), "7003", "-d", "2000", calls=CALLS, rate=RATE)
        assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log() + callee.log()
        await nothing_left(server)
    assert callee.outcome().failed == 0, callee.log()


async def test_callees_who_are_elsewhere_are_followed(serve: Serve, tmp_path: Path) -> None:
    there, caller = Sipp(tmp_path / "there", "uas"), Sipp(tmp_path / "caller", "uac")
    here = Sipp(tmp_path / "here", "uas_redirect")
    server = await serve(bridge(here), profile=SETTINGS)
    async with here.answering("-key", "elsewhere", str(there.port)), there.answering():
        outcome = await caller.call(server.address(), "7003", "-d", "100", calls=CALLS, rate=RATE)
        assert (outcome.successful, outcome.failed) == (CALLS, 0), caller.log()
        await nothing_left(server)
    assert here.outcome().successful == there.outcome().successful == CALLS


async def test_a_callees_refusal_reaches_the_caller(serve: Serve, tmp_path: Path) -> None:
    callee, caller = Sipp(tmp_path / "callee", "uas_busy"), Sipp(tmp_path / "caller", "uac")
    server = await serve(bridge(callee), profile=SETTINGS)
    async with callee.answering():
        outcome = await caller.call(server.address(), "7003", calls=CALLS, rate=RATE)
        assert outcome.successful == 0
        await nothing_left(server)
    ends = [end for end in server.ended() if end["Call-Direction"] == "inbound"]
    assert {end["Hangup-Cause"] for end in ends} == {"USER_BUSY"}
