from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from softswitch.phone.call import PhoneCall
from softswitch.phone.phone import Phone
from softswitch.phone.session import Account, Sound, place_call, take_calls
from tests.phone.fake_card import SPOKEN, FakeSoundDevice
from tests.support.audio import heard_tone, tone, write_wav

pytestmark = pytest.mark.slow
BOB = Account("alice", "", ("127.0.0.1", 9), "example.test")


async def _call_bob(
    engine: MediaEngine, sound: Sound, answer: bool
) -> tuple[bool, list[str], PhoneCall]:
    told: list[str] = []
    async with await Phone.open(engine, ("127.0.0.1", 9), user="bob") as bob:
        account = replace(BOB, server=bob.contact)
        async with asyncio.TaskGroup() as group:
            placing = group.create_task(place_call(account, "bob", sound, told.append))
            called = await bob.expect_call()
            if answer:
                called.answer()
                called.open_audio().echo()
            else:
                called.reject(486)
        return placing.result(), told, called


async def test_a_call_says_a_file_keeps_its_echo_and_hangs_up(
    engine: MediaEngine, tmp_path: Path
) -> None:
    hello, heard = tmp_path / "hello.wav", tmp_path / "heard.wav"
    write_wav(hello, tone(700, 400))
    good, told, called = await _call_bob(engine, Sound(str(hello), str(heard), "5"), True)
    assert good, told
    assert heard_tone(heard, 700, at_least_ms=150)
    assert called.digits == "5"


async def test_a_call_ends_after_its_duration(engine: MediaEngine) -> None:
    good, told, _ = await _call_bob(engine, Sound(duration=0.05), True)
    assert good
    assert told[-1] == "bob: ended (200 hung up by us)"


async def test_a_refused_call_is_told_and_counts_as_failed(engine: MediaEngine) -> None:
    good, told, _ = await _call_bob(engine, Sound(), False)
    assert not good
    assert "not connected: the call ended with 486 Busy Here" in told


async def test_a_file_that_is_not_there_is_told(engine: MediaEngine) -> None:
    good, told, _ = await _call_bob(engine, Sound("/nowhere/hello.wav"), True)
    assert not good
    assert any("/nowhere/hello.wav" in line for line in told)


async def test_who_cannot_register_cannot_listen(engine: MediaEngine) -> None:
    told: list[str] = []
    async with await Phone.open(engine, ("127.0.0.1", 9), user="bob") as bob:
        assert not await take_calls(replace(BOB, server=bob.contact), Sound(), told.append)
    assert "the server refuses to register us: 405" in told


async def test_without_a_sound_card_nobody_is_called(
    engine: MediaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    told: list[str] = []
    async with await Phone.open(engine, ("127.0.0.1", 9), user="bob") as bob:
        account, live = replace(BOB, server=bob.contact), Sound(microphone=True)
        assert not await place_call(account, "bob", live, told.append)
        assert not await take_calls(account, live, told.append)
        assert bob.calls == []
    assert told == ["live sound needs sounddevice: pip install sounddevice"] * 2


async def test_a_live_call_lasts_beyond_what_is_played(
    engine: MediaEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSoundDevice())
    write_wav(tmp_path / "hello.wav", tone(700, 40))
    told: list[str] = []
    async with await Phone.open(engine, ("127.0.0.1", 9), user="bob") as bob:
        account = replace(BOB, server=bob.contact)
        live = Sound(str(tmp_path / "hello.wav"), microphone=True)
        async with asyncio.TaskGroup() as group:
            placing = group.create_task(place_call(account, "bob", live, told.append))
            called = await bob.expect_call()
            called.answer()
            await called.hear(SPOKEN)
            called.hangup()
        assert placing.result(), told
    assert told[-1] == "bob: ended (200 hung up by the far end)"
