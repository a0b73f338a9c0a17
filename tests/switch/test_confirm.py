"""Called legs that must confirm before they win; vectors of FreeSWITCH's own tests among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from softswitch.switch.confirm import Confirmation
from softswitch.switch.originate import originate
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension

EXEC = "group_confirm_key=exec,group_confirm_file=playback silence_stream://1000"


async def seconds_to_win(b: Bench, dial_string: str) -> float:
    """How long the attempt takes; its winner is hung up."""
    begun = b.switch.loop.time()
    winner = await originate(b.switch, dial_string)
    elapsed = b.switch.loop.time() - begun
    assert winner.get("group_dial_status") == "winner"
    winner.hangup()
    await b.ended(winner)
    return elapsed


def test_nothing_is_asked_without_a_key() -> None:
    assert Confirmation.of({"group_confirm_file": "x"}, {}) is None


def test_a_legs_own_wishes_go_before_those_for_all() -> None:
    wanted = Confirmation.of(
        {"group_confirm_key": "1", "group_confirm_file": "undef"},
        {"group_confirm_key": "2", "group_confirm_file": "x", "group_confirm_timeout": "7"},
    )
    assert wanted == Confirmation("1", "", "", 5000, 7, False)


@pytest.mark.parametrize(
    ("limit", "wanted"), [("0", (0, True)), ("5", (5, False)), ("soon", (0, True))]
)
def test_a_time_to_confirm_goes_before_none(limit: str, wanted: tuple[int, bool]) -> None:
    confirmation = Confirmation.of(
        {},
        {
            "group_confirm_key": "1",
            "group_confirm_timeout": limit,
            "group_confirm_cancel_timeout": "true",
        },
    )
    assert confirmation is not None
    assert (confirmation.timeout, confirmation.ends_timeouts) == wanted


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        (f"{EXEC}", 1),
        (f"{EXEC},null_auto_answer_delay=2000", 3),
        (f"{EXEC},null_auto_answer_delay=2000,null_pre_answer=true", 1),
        (f"{EXEC},null_auto_answer_delay=2000,null_pre_answer=true,group_confirm_early_ok=no", 3),
        (f"{EXEC},null_auto_answer_delay=2000,null_pre_answer=true,ignore_early_media=true", 3),
        (
            f"{EXEC},null_auto_answer_delay=2000,null_pre_answer=true,ignore_early_media=true,"
            "group_confirm_early_ok=true",
            3,
        ),
        ("group_confirm_file='playback silence_stream://1000',group_confirm_key=exec", 1),
    ],
)
async def test_an_application_may_confirm(tmp_path: Path, variables: str, seconds: float) -> None:
    async with bench(tmp_path) as b:
        assert await seconds_to_win(b, f"{{{variables}}}null/test") == pytest.approx(
            seconds, abs=0.2
        )


async def test_the_first_to_confirm_wins(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        winner = await originate(
            b.switch,
            f"[{EXEC}]null/test1,"
            "[group_confirm_key=exec,group_confirm_file=playback silence_stream://500]null/test2",
        )
        assert winner.channel.name == "null/test2"
        [loser] = [one for one in b.switch.sessions.values() if one is not winner]
        assert loser.get("group_dial_status") == "loser"
        assert loser.channel.hangup_cause is HangupCause.LOSE_RACE
        winner.hangup()


@pytest.mark.parametrize(
    ("variables", "confirming", "seconds"),
    [
        ("leg_timeout=4", 6000, 4),
        ("group_confirm_timeout=3,leg_timeout=15", 10_000, 5),
    ],
)
async def test_who_does_not_confirm_in_time_is_given_up(
    tmp_path: Path, variables: str, confirming: int, seconds: float
) -> None:
    application = f"group_confirm_file=playback silence_stream://{confirming}"
    async with bench(tmp_path) as b:
        begun = b.switch.loop.time()
        with pytest.raises(CallFailed) as failed:
            await originate(
                b.switch,
                f"[{variables},null_auto_answer_delay=2000,group_confirm_key=exec,{application}]"
                "null/test",
            )
        assert failed.value.cause is HangupCause.ALLOTTED_TIMEOUT
        assert b.switch.loop.time() - begun == pytest.approx(seconds, abs=0.2)


@pytest.mark.parametrize(
    "variables",
    [
        "leg_timeout=6",
        "leg_timeout=3,group_confirm_cancel_timeout=true",
        "leg_timeout=3,group_confirm_timeout=9",
        "originate_timeout=3,group_confirm_timeout=0",
        "originate_timeout=3,group_confirm_cancel_timeout=true",
    ],
)
async def test_there_may_be_time_enough_to_confirm(tmp_path: Path, variables: str) -> None:
    application = "group_confirm_file=playback silence_stream://2000"
    async with bench(tmp_path) as b:
        dial_string = (
            f"{{{variables},null_auto_answer_delay=2000,group_confirm_key=exec,{application}}}"
            "null/test"
        )
        assert await seconds_to_win(b, dial_string) == pytest.approx(4, abs=0.2)


async def test_the_key_is_asked_for_until_it_is_pressed(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1 digit:9@3 digit:12@4 digit:4@20 digit:2@21")
        wishes = (
            "group_confirm_key=42,group_confirm_file=silence_stream://500,"
            "group_confirm_error_file=silence_stream://700,group_confirm_read_timeout=3000"
        )
        begun = b.switch.loop.time()
        winner = await originate(b.switch, f"{{{wishes}}}test/bob")
        assert b.switch.loop.time() - begun == pytest.approx(21, abs=0.1)
        played = far_end(winner.media).played
        assert played.count("silence 700,0") == 1
        assert played.count("silence 500,0") > 2
        winner.hangup()


async def test_a_prompt_that_cannot_be_played_is_tried_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.script("bob", "answer@1 hangup@60")
        with pytest.raises(CallFailed):
            await originate(
                b.switch, "{group_confirm_key=1,group_confirm_file=/nowhere/x.wav}test/bob"
            )


async def test_a_bridge_waits_for_the_confirmation(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("100", "set group_confirm_key=5", "bridge test/bob"),
    ) as b:
        b.script("bob", "ring@1 answer@2 digit:5@6 hangup@9")
        session = b.call("100")
        await b.after(4)
        assert session.peer is None and not session.channel.answered
        await b.after(3)
        assert session.peer is b.legs.legs["bob"].session
        assert session.channel.answered
        await b.ended(session)
        assert session.get("originate_disposition") == "SUCCESS"


async def test_a_caller_who_leaves_ends_the_confirmation(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "set group_confirm_key=5", "bridge test/bob")) as b:
        b.script("bob", "answer@1")
        await b.ended(b.call("100", script="hangup@3"))
        assert b.legs.legs["bob"].cause is HangupCause.ORIGINATOR_CANCEL


@pytest.mark.parametrize("by", ["originate", "bridge"])
async def test_a_loopback_call_confirms_once(tmp_path: Path, by: str) -> None:
    dial_string = "[group_confirm_key=exec,group_confirm_file='event a=1']loopback/7"
    async with bench(
        tmp_path,
        extension("7", "answer", "bridge null/7"),
        extension("100", f"bridge {dial_string}"),
    ) as b:
        if by == "originate":
            session = await originate(b.switch, dial_string)
        else:
            session = b.call("100")
        await b.after(3)
        runs = [
            event
            for event in b.events
            if event.name == "CHANNEL_EXECUTE" and event.headers["Application"] == "event"
        ]
        assert len(runs) == 1
        session.hangup()
