"""Keys of two talking parties that do something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.media.engine import Stream
from softswitch.switch.session import Session
from tests.support.stream import FakeStream
from tests.support.switch import Bench, bench, extension


@asynccontextmanager
async def talk(folder: Path, *actions: str) -> AsyncIterator[tuple[Bench, Session, Session]]:
    """Two parties that talk after the caller ran ``actions``."""
    async with bench(folder, extension("100", *actions, "answer", "bridge test/bob")) as b:
        b.script("bob", "answer@0")
        caller = b.call("100")
        await b.after(1)
        called = b.legs.legs["bob"].session
        assert caller.peer is called
        yield b, caller, called


def press(session: Session, keys: str) -> None:
    for key in keys:
        session.on_digit(key, 100, "rtp")


def ran(session: Session, name: str = "set") -> list[str]:
    """The data of each run of an application."""
    return [data for application, data, _ in session.application_log if application == name]


def heard(session: Session) -> list[str]:
    """The keys that were sent to a party."""
    verbs: list[str] = session.leg.verbs  # type: ignore[attr-defined]
    return [verb.split()[1] for verb in verbs if verb.startswith("digits")]


def kept(session: Session) -> bool:
    """Whether the engine keeps a party's keys from its partner."""
    media: Stream | None = session.leg.media
    assert media is not None
    native = media.native
    assert isinstance(native, FakeStream)
    return not native.passes_events


@pytest.mark.parametrize(
    ("who", "flags", "caller_presses", "called_presses", "by_caller", "by_called"),
    [
        ("a", "a", "*1", "", 1, 0),
        ("a", "b", "*1", "", 0, 1),
        ("a", "s", "*1", "", 1, 0),
        ("a", "o", "*1", "", 0, 1),
        ("b", "s", "", "*1", 0, 1),
        ("b", "o", "", "*1", 1, 0),
        ("ab", "s", "*1", "*1", 1, 1),
        ("a", "s", "", "*1", 0, 0),
        ("b", "s", "*1", "", 0, 0),
        ("a", "s", "*1*1", "", 2, 0),
        ("a", "s1", "*1*1", "", 1, 0),
        ("a", "s", "1", "", 0, 0),
        ("a", "s", "*2", "", 0, 0),
        ("a", "s", "**1", "", 0, 0),
    ],
)
async def test_the_meta_key_and_a_bound_one_run_an_application(
    tmp_path: Path,
    who: str,
    flags: str,
    caller_presses: str,
    called_presses: str,
    by_caller: int,
    by_called: int,
) -> None:
    async with talk(tmp_path, f"bind_meta_app 1 {who} {flags} set::x=1") as (b, caller, called):
        press(caller, caller_presses)
        press(called, called_presses)
        await b.after(1)
        assert len(ran(caller)) == by_caller
        assert len(ran(called)) == by_called


async def test_bound_keys_are_swallowed_and_others_pass(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_meta_app 1 a s set::x=1") as (b, caller, called):
        assert kept(caller) and not kept(called)
        press(caller, "5*17**#*8")
        await b.after(1)
        # 8 is bound to nothing: it is swallowed behind the meta key all the same.
        assert heard(called) == ["5", "7", "*", "#"]
        assert caller.get("last_matching_digits") == "1"


async def test_the_meta_key_holds_for_five_seconds(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_meta_app 1 a s set::x=1") as (b, caller, called):
        press(caller, "*")
        await b.after(5.1)
        press(caller, "1")
        await b.after(1)
        assert (ran(caller), heard(called)) == ([], ["1"])


async def test_another_meta_key_may_be_named(tmp_path: Path) -> None:
    actions = ("set bind_meta_key=#", "bind_meta_app 1 a s set::x=1")
    async with talk(tmp_path, *actions) as (b, caller, called):
        press(caller, "*1#1")
        await b.after(1)
        assert heard(called) == ["*", "1"]
        assert ran(caller)[-1:] == ["x=1"]


async def test_a_bound_application_is_asked_and_its_partner_held(tmp_path: Path) -> None:
    digits = "read::1 3 silence got 3000 #"
    async with talk(tmp_path, f"bind_meta_app 4 a s {digits}") as (b, caller, called):
        press(caller, "*4")
        await b.after(0.5)
        assert "endless_playback" in [name for name, _, _ in called.application_log]
        press(caller, "12#")
        await b.after(1)
        assert caller.get("got") == "12"
        assert heard(called) == []
        assert caller.peer is called
        press(caller, "7")
        assert heard(called) == ["7"]
        assert not caller.asking


async def test_an_inline_application_leaves_the_partner_alone(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_meta_app 4 a si sleep::500") as (b, caller, called):
        press(caller, "*4")
        await b.after(0.2)
        assert caller.asking == 1
        assert called.application_log == []


async def test_a_hang_up_ends_what_a_key_began(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_meta_app 4 a s sleep::60000") as (b, caller, called):
        press(caller, "*4")
        await b.after(0.2)
        caller.hangup()
        await b.ended(caller, within=2)
        await b.ended(called, within=2)


async def test_a_transfer_ends_what_a_key_began(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_meta_app 4 a s sleep::60000") as (b, caller, _):
        press(caller, "*4")
        await b.after(0.2)
        caller.transfer("park", "inline")
        await b.after(0.2)
        assert caller.asking == 0


async def test_a_key_may_transfer_the_partner(tmp_path: Path) -> None:
    actions = ("bind_meta_app 5 a s transfer::-bleg set:landed=yes,park inline",)
    async with talk(tmp_path, *actions) as (b, caller, called):
        press(caller, "*5")
        await b.after(1)
        assert called.get("landed") == "yes"
        caller.hangup()


async def test_unbinding_lets_keys_pass_again(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_meta_app 1 ab s set::x=1") as (_, caller, called):
        assert kept(caller) and kept(called)
        await caller.execute("unbind_meta_app", "1")
        assert not kept(caller) and not kept(called)
        press(caller, "*1")
        assert ran(caller) == []


@pytest.mark.parametrize(
    ("data", "presses", "runs", "passed"),
    [
        ("r,1,exec:set,x=1", "1", ["x=1"], []),
        ("r,12,exec:set,x=1", "12", ["x=1"], []),
        ("r,12,exec:set,x=1", "13", [], ["1", "3"]),
        ("r,12,exec:set,x=1", "1", [], ["1"]),
        ("r,~^[34]5$,exec:set,x=1", "45", ["x=1"], []),
        ("r,1,exec[i]:set,x=1", "11", ["x=1", "x=1"], []),
    ],
)
async def test_digit_actions_run_applications_or_leave_the_keys(
    tmp_path: Path, data: str, presses: str, runs: list[str], passed: list[str]
) -> None:
    async with talk(tmp_path, f"bind_digit_action {data}") as (b, caller, called):
        press(caller, presses)
        await b.after(2)
        assert (ran(caller), heard(called)) == (runs, passed)


async def test_keys_that_begin_others_wait_for_them(tmp_path: Path) -> None:
    actions = ("bind_digit_action r,1,exec:set,x=1", "bind_digit_action r,12,exec:set,x=12")
    async with talk(tmp_path, *actions) as (b, caller, _):
        press(caller, "1")
        await b.after(1)
        assert ran(caller) == []
        await b.after(1)
        assert ran(caller) == ["x=1"]
        press(caller, "12")
        await b.after(0.1)
        assert ran(caller) == ["x=1", "x=12"]
        assert caller.get("last_matching_digits") == "12"


async def test_a_terminator_says_that_no_key_will_follow(tmp_path: Path) -> None:
    actions = (
        "set bda_terminators=#",
        "bind_digit_action r,1,exec:set,y=1",
        "bind_digit_action r,12,exec:set,y=12",
    )
    async with talk(tmp_path, *actions) as (b, caller, called):
        press(caller, "1#")
        await b.after(0.1)
        assert ran(caller)[1:] == ["y=1"]
        press(caller, "#")
        assert heard(called) == ["#"]
        assert caller.get("last_non_matching_digits") == "#"


async def test_all_keys_together_may_have_a_time_limit(tmp_path: Path) -> None:
    actions = (
        "set bind_digit_input_timeout=2000",
        "bind_digit_action r,12345,exec:set,y=1",
    )
    async with talk(tmp_path, *actions) as (b, caller, called):
        for key in "1234":
            press(caller, key)
            await b.after(0.7)
        assert heard(called)[:3] == ["1", "2", "3"]
        assert ran(caller)[1:] == []


async def test_targets_say_whose_keys_count_and_who_acts(tmp_path: Path) -> None:
    actions = ("bind_digit_action r,1,exec:set,x=1,peer,both",)
    async with talk(tmp_path, *actions) as (b, caller, called):
        press(caller, "1")
        await b.after(2)
        assert ran(caller) == [] and ran(called) == []
        press(called, "1")
        await b.after(0.1)
        assert (ran(caller), ran(called)) == (["x=1"], ["x=1"])


async def test_a_command_leaves_its_answer(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_digit_action r,1,api:toupper,abc") as (b, caller, _):
        press(caller, "1")
        await b.after(0.1)
        assert caller.get("bind_digit_action_api_result") == "ABC"


async def test_any_other_text_is_told(tmp_path: Path) -> None:
    async with talk(tmp_path, "bind_digit_action mine,1,hello,world") as (b, caller, _):
        press(caller, "1")
        [event] = [event for event in b.events if event.name == "CHANNEL_DATA"]
        told = [event.headers[name] for name in ("digits", "realm", "string", "value")]
        assert told == ["1", "mine", "hello", "world"]


async def test_realms_are_switched_and_cleared(tmp_path: Path) -> None:
    actions = (
        "bind_digit_action one,1,exec:set,x=1",
        "bind_digit_action two,1,exec:set,x=2",
        "digit_action_set_realm two",
    )
    async with talk(tmp_path, *actions) as (b, caller, called):
        press(caller, "1")
        await b.after(0.1)
        assert ran(caller) == ["x=2"]
        await caller.execute("clear_digit_action", "all")
        assert not kept(caller)
        press(caller, "1")
        assert ran(caller) == ["x=2"] and heard(called) == []


async def test_keys_before_the_bridge_count_too(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("100", "answer", "bind_digit_action r,1,exec:set,x=1", "park")
    ) as b:
        session = b.call("100", script="digit:1@2 digit:5@3")
        await b.after(4)
        assert ran(session) == ["x=1"]
        digit = session.digits.take()
        assert digit is not None and digit.digit == "5"
