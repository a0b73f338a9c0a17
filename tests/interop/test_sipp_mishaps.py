"""Every message of every ladder lost once, and late once: both sides agree, nothing is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.interop.test_sipp import answered
from tests.interop.test_sipp_dialogs import nothing_left
from tests.interop.test_sipp_ladders import ANSWER, BYE, CALL, ENDED, LADDERS, RATE, SETTINGS
from tests.support.programs import needs
from tests.support.relay import OneOfEachCall
from tests.support.server import Server, until
from tests.support.serving import Serve
from tests.support.sipp import Sipp
from tests.support.sipp_script import Script
from tests.support.switch import extension

pytestmark = [needs("sipp"), pytest.mark.slow]

LEFT_OUT = (
    # Its NOTIFY may come before 202: SIPp gives up, with a BYE of another dialog.
    "a refer that the partner carries out",
    # These are of headers; their messages are those of other ladders.
    "headers of variables",
    "headers to the callee",
    "what is told of earlier ways",
    "a number that is not there",
)
SLOW = (
    "glare",
    "a fork with a late answer",
    "a callee that asks for an offer again",
    "updates of the callee",
)
"""These take seconds each: loss is enough, what comes late matters less than what comes again."""
CASES = [
    (name, late)
    for name in LADDERS
    if name not in LEFT_OUT
    for late in ([0.0] if name in SLOW else [0.0, 0.06])
]

WAIT = "wait 4000"
"""How long a caller waits for a callee whose messages may all be repeated."""


def patient(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The same steps, with more time for the other side, and without what is not repeated."""
    return tuple(_patient(step) for step in steps)


def _patient(step: str) -> str:
    if step.startswith("wait "):
        return max(WAIT, step, key=lambda each: int(each.split()[1]))
    lost = step[:5] in ("< 100", "< 180", "< 183") and step[5:6] != "?" and "RSeq" not in step
    return f"{step[:5]}?{step[5:]}" if lost else step


def _is_over(callee: Sipp, calls: int) -> bool:
    outcome = callee.outcome()
    assert not outcome.failed, callee.log()
    return outcome.successful == calls


@pytest.mark.parametrize(
    ("name", "late"), CASES, ids=[f"{name}-{'late' if late else 'lost'}" for name, late in CASES]
)
async def test_each_message_once(serve: Serve, tmp_path: Path, name: str, late: float) -> None:
    ladder = LADDERS[name]
    caller = Sipp(tmp_path / "caller", Script(*patient(ladder.caller)))
    callee = Sipp(tmp_path / "callee", Script(*(ladder.callee or ANSWER)))
    first = len(ladder.caller)
    calls = first + len(ladder.callee)
    async with (
        caller.behind(OneOfEachCall(late=late)) as before_caller,
        callee.behind(OneOfEachCall(first=first, late=late)) as before_callee,
    ):
        there = f"sofia/internal/sip:sipp@127.0.0.1:{before_callee.far[1]}"
        actions = [action.format(callee=there) for action in ladder.actions]
        server = await serve(extension("7000", *actions), profile={**SETTINGS, **ladder.settings})
        before_caller.server = server.address()
        async with callee.answering():
            outcome = await caller.call(before_caller.near, "7000", calls=calls, rate=RATE)
            said = caller.log() + callee.log()
            assert (outcome.successful, outcome.failed) == (calls, 0), said
            if ladder.callee:
                # What it says last may have to be repeated, which it counts once in a second.
                await until(lambda: _is_over(callee, calls), "the callee's end", then=callee.log)
            await nothing_left(server)
        assert late or before_caller.lost


@pytest.mark.parametrize("late", [0.0, 0.06], ids=["lost", "late"])
async def test_each_message_of_a_redirection_once(
    serve: Serve, tmp_path: Path, late: float
) -> None:
    caller = Sipp(tmp_path / "caller", Script(*patient((*CALL, *BYE))))
    here = Sipp(tmp_path / "here", "uas_redirect")
    there = Sipp(tmp_path / "there", Script(*ANSWER, *ENDED))
    first, calls = 4, 10
    async with (
        here.behind(OneOfEachCall(late=late)) as before_here,
        there.behind(OneOfEachCall(first=first, late=late)) as before_there,
    ):
        bridge = f"bridge sofia/internal/sip:sipp@127.0.0.1:{before_here.far[1]}"
        actions = ("set hangup_after_bridge=true", bridge)
        server = await serve(extension("7000", *actions), profile=SETTINGS)
        elsewhere = ("-key", "elsewhere", str(before_there.far[1]))
        async with here.answering(*elsewhere), there.answering():
            outcome = await caller.call(server.address(), "7000", calls=calls, rate=RATE)
            said = caller.log() + here.log() + there.log()
            assert (outcome.successful, outcome.failed) == (calls, 0), said
            for callee in (here, there):
                await until(lambda: _is_over(callee, calls), "its end", then=callee.log)  # noqa: B023
            await nothing_left(server)
        assert late or (before_here.lost and before_there.lost)


REPLACED = "[field0]%3Bto-tag%3D[field1]%3Bfrom-tag%3D[field2]"
PLACES = {
    "invite": (
        "> INVITE sdp | Replaces: [field0];to-tag=[field1];from-tag=[field2]",
        *(*CALL[1:], "wait 2000", *BYE),
    ),
    "refer": (
        *(*CALL, f"> REFER | Refer-To: <sip:7001@example.test?Replaces={REPLACED}>", "< 202"),
        *("< NOTIFY | Subscription-State: terminated", "> 200", *ENDED),
    ),
}


@pytest.mark.parametrize("way", PLACES)
async def test_each_message_of_taking_a_place_once(serve: Serve, tmp_path: Path, way: str) -> None:
    first = Sipp(tmp_path / "first", Script(*patient((*CALL, *ENDED))))
    second = Sipp(tmp_path / "second", Script(*patient(PLACES[way])))
    callee = Sipp(tmp_path / "callee", Script(*ANSWER, *ENDED))
    calls = 12
    async with (
        first.behind(OneOfEachCall(first=6)) as before_first,
        second.behind(OneOfEachCall()) as before_second,
    ):
        there = f"bridge sofia/internal/sip:sipp@127.0.0.1:{callee.port}"
        held = (there,) if way == "invite" else ("answer", "sleep 4000")
        server = await serve(extension("7000", there), extension("7001", *held), profile=SETTINGS)
        before_first.server = before_second.server = server.address()
        async with callee.answering():
            holding = asyncio.get_running_loop().create_task(
                first.call(before_first.near, "7001", calls=calls, rate=RATE)
            )
            legs = calls * 2 if way == "invite" else calls
            await until(lambda: answered(server) == legs, "answers", then=first.log)
            (tmp_path / "dialogs").write_text("\n".join(["SEQUENTIAL", *_dialogs(server), ""]))
            options = ("-inf", str(tmp_path / "dialogs"))
            outcome = await second.call(
                before_second.near, "7000", *options, calls=calls, rate=RATE
            )
            said = second.log() + callee.log()
            assert (outcome.successful, outcome.failed) == (calls, 0), said
            assert (await holding).successful == calls, first.log()
            await nothing_left(server)
        assert before_first.lost and before_second.lost


def _dialogs(server: Server) -> list[str]:
    """Call-ID, our tag and the far end's of each call that came in, as SIPp reads them."""
    legs = [each.leg for each in server.sessions if not each.channel.outbound]
    return [";".join(leg.usage.dialog.key) for leg in legs]  # type: ignore[attr-defined]
