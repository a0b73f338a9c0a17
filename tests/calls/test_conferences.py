"""Phones in rooms: who hears whom, measured in what each of them recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from softswitch.phone.call import PhoneCall
from tests.support.audio import Samples, power, read_wav
from tests.support.server import Server
from tests.support.serving import Serve
from tests.support.switch import extension

TONES = (440, 700, 1130)
LISTEN = 1.5
"""Seconds of sound that is judged: real time, there is nothing else to wait for."""
CLEAR = 1000.0**2 / 2
"""Power of a tone that is meant to be heard: an amplitude of 1000."""
NOTHING = 60.0**2 / 2

ROOMS = (
    extension("(3\\d+)", "conference $1"),
    extension("wide(\\d+)", "conference $1@wide"),
    extension("4000", "conference 4000+flags{mute}"),
)
CONFIGURATION = """<configuration name="modules.conf"><modules><load module="mod_conference"/>
</modules></configuration><configuration name="conference.conf"><caller-controls>
<group name="default"><control action="mute" digits="0"/><control action="hangup" digits="#"/>
</group></caller-controls><profiles>
<profile name="default"><param name="energy-level" value="100"/></profile>
<profile name="wide"><param name="rate" value="16000"/></profile>
</profiles></configuration>"""


async def speakers(
    server: Server, number: str, codecs: tuple[str, ...] = ("PCMU", "PCMU", "PCMU")
) -> list[PhoneCall]:
    """Three phones in a room, each saying a tone of its own."""
    calls = []
    for user, tone, codec in zip(range(1000, 1003), TONES, codecs, strict=True):
        phone = await server.phone(str(user), codecs=codec)
        call = phone.call(number)
        await call.expect_answer()
        await call.play(f"tone_stream://%(60000,0,{tone})")
        calls.append(call)
    return calls


async def listen(calls: list[PhoneCall], folder: Path) -> list[set[int]]:
    """Which tones each of them hears."""
    # What was said when the last of them joined must have passed.
    await asyncio.sleep(0.5)
    paths = [folder / f"{index}.wav" for index in range(len(calls))]
    numbers = [call.record(str(path)) for call, path in zip(calls, paths, strict=True)]
    await asyncio.sleep(LISTEN)
    for call, number in zip(calls, numbers, strict=True):
        await call.stop_recording(number)
    return [tones_of(path) for path in paths]


def tones_of(path: Path) -> set[int]:
    """The tones in a recording; each is either clearly there or not at all."""
    samples, rate = read_wav(path)
    steady: Samples = samples[len(samples) // 4 :]
    heard = set()
    for tone in TONES:
        strength = power(steady, rate, tone)
        assert strength > CLEAR or strength < NOTHING, (tone, strength)
        if strength > CLEAR:
            heard.add(tone)
    return heard


OTHERS = [set(TONES) - {tone} for tone in TONES]


@pytest.mark.parametrize(
    ("number", "codecs"),
    [
        ("3000", ("PCMU", "PCMU", "PCMU")),
        ("3000", ("PCMU", "PCMA", "G722")),
        ("wide3000", ("G722", "PCMU", "L16@16000h")),
        ("3000", ("OPUS", "OPUS", "PCMU")),
    ],
)
async def test_each_of_three_hears_exactly_the_two_others(
    serve: Serve, tmp_path: Path, number: str, codecs: tuple[str, ...]
) -> None:
    profile = {"codec-prefs": "PCMU,PCMA,G722,OPUS,L16@16000h"}
    server = await serve(*ROOMS, configuration=CONFIGURATION, profile=profile)
    calls = await speakers(server, number, codecs)
    assert await listen(calls, tmp_path) == OTHERS
    for call in calls:
        call.hangup()


async def test_who_mutes_himself_is_not_heard_and_hears_all_the_same(
    serve: Serve, tmp_path: Path
) -> None:
    server = await serve(*ROOMS, configuration=CONFIGURATION)
    calls = await speakers(server, "3000")
    calls[0].send_digits("0")
    assert await listen(calls, tmp_path) == [
        {TONES[1], TONES[2]},
        {TONES[2]},
        {TONES[1]},
    ]
    assert await server.api("conference 3000 unmute 1") == "+OK unmute 1\n"
    await server.api("conference 3000 relate 2 1 nohear")
    await server.api("conference 3000 deaf 3")
    assert await listen(calls, tmp_path) == [OTHERS[0], {TONES[2]}, set()]
    for call in calls:
        call.hangup()


async def test_a_room_is_recorded_as_all_hear_it(serve: Serve, tmp_path: Path) -> None:
    server = await serve(*ROOMS, configuration=CONFIGURATION)
    calls = await speakers(server, "3000")
    await asyncio.sleep(0.5)
    assert await server.api("conference 3000 record room.wav") == "+OK Record file room.wav\n"
    await asyncio.sleep(LISTEN)
    await server.api("conference 3000 norecord all")
    for call in calls:
        call.hangup()
    await asyncio.gather(*(call.until_end() for call in calls))
    assert tones_of(tmp_path / "recordings/room.wav") == set(TONES)


async def test_who_goes_silent_or_away_disturbs_nobody(serve: Serve, tmp_path: Path) -> None:
    server = await serve(*ROOMS, configuration=CONFIGURATION)
    calls = await speakers(server, "3000")
    await calls[0].play("silence_stream://60000")
    assert (await listen(calls, tmp_path)) == [OTHERS[0], {TONES[2]}, {TONES[1]}]
    calls[1].hangup()
    await calls[1].until_end()
    assert (await listen([calls[2]], tmp_path)) == [set()]
    await calls[0].play(f"tone_stream://%(60000,0,{TONES[0]})")
    assert (await listen([calls[0], calls[2]], tmp_path)) == [{TONES[2]}, {TONES[0]}]
    for call in (calls[0], calls[2]):
        call.hangup()


async def test_members_go_from_one_room_to_another(serve: Serve, tmp_path: Path) -> None:
    server = await serve(*ROOMS, configuration=CONFIGURATION)
    calls = await speakers(server, "3000")
    answer = await server.api("conference 3000 transfer 3001 1 2")
    assert answer.count("+OK Member") == 2
    assert await listen(calls, tmp_path) == [{TONES[1]}, {TONES[0]}, set()]
    calls[0].send_digits("#")
    await calls[0].until_end()
    for call in calls[1:]:
        call.hangup()


async def test_many_listeners_hear_the_three_who_speak(serve: Serve, tmp_path: Path) -> None:
    server = await serve(*ROOMS, configuration=CONFIGURATION, listen=("CHANNEL_HANGUP_COMPLETE",))
    calls = await speakers(server, "3000")
    phone = await server.phone("1003", codecs="PCMA")
    crowd = [phone.call("3000") for _ in range(40)]
    for call in crowd:
        await call.expect_answer()
    assert await server.api("conference 3000 get count") == "43"
    assert await listen([*calls, crowd[0], crowd[-1]], tmp_path) == [
        *OTHERS,
        set(TONES),
        set(TONES),
    ]
    samples, _ = read_wav(tmp_path / "3.wav")
    assert np.abs(samples[len(samples) // 4 :]).max() > 5000
    for call in [*calls, *crowd]:
        call.hangup()
