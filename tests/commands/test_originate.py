from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.commands.originate import application_of
from softswitch.dialplan.hunt import PlannedAction
from tests.support.switch import bench, extension


async def test_originate_runs_an_application_on_who_answers(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "ring@1 answer@2")
        answer = await b.switch.run_command("originate test/bob &set(x=1)")
        session = b.legs.legs["bob"].session
        assert answer == f"+OK {session.uuid}\n"
        await b.ended(session)
        assert session.get("x") == "1"


async def test_originate_sends_who_answers_to_an_extension(tmp_path: Path) -> None:
    other = f'<context name="other">{extension("9", "set there=yes")}</context>'
    async with bench(tmp_path, contexts=other) as b:
        b.script("bob", "answer@1")
        await b.switch.run_command("originate test/bob 9 XML other 'Al B' 4711")
        session = b.legs.legs["bob"].session
        assert session.channel.profile.caller_id_name == "Al B"
        assert session.channel.profile.caller_id_number == "4711"
        await b.ended(session)
        assert session.get("there") == "yes"


async def test_variables_of_the_dial_string_are_set(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1")
        await b.switch.run_command("originate {a=1,b='x y'}test/bob &park() undef undef")
        session = b.legs.legs["bob"].session
        assert (session.get("a"), session.get("b")) == ("1", "x y")
        session.hangup()
        await b.ended(session)


async def test_originate_gives_up_after_its_timeout(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "ring@1")
        begun = b.switch.loop.time()
        answer = await b.switch.run_command("originate test/bob &park() XML default N 1 7")
        assert answer == "-ERR NO_ANSWER\n"
        assert b.switch.loop.time() - begun == pytest.approx(7, abs=0.1)
        await b.after(1)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("originate error/USER_BUSY &park()", "-ERR USER_BUSY\n"),
        ("originate nosuch/x &park()", "-ERR CHAN_NOT_IMPLEMENTED\n"),
        ("originate {a=b &park()", "-ERR DESTINATION_OUT_OF_ORDER\n"),
    ],
)
async def test_a_failure_is_told_by_its_cause(tmp_path: Path, line: str, answer: str) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == answer


@pytest.mark.parametrize("line", ["originate", "originate x", "originate 1 2 3 4 5 6 7 8"])
async def test_originate_wants_its_arguments(tmp_path: Path, line: str) -> None:
    async with bench(tmp_path) as b:
        assert (await b.switch.run_command(line)).startswith("-USAGE: <call url> <exten>|&")


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("&park()", PlannedAction("park", "")),
        ("&park", PlannedAction("park", "")),
        ("&playback(a b.wav)", PlannedAction("playback", "a b.wav")),
        ("&bridge(a(b)c)", PlannedAction("bridge", "a(b")),
    ],
)
def test_arguments_end_at_the_first_closing_parenthesis(text: str, action: PlannedAction) -> None:
    assert application_of(text) == action
