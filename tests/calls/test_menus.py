"""Menus and spoken values as a phone hears them, with the configuration that ships."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from softswitch.media.engine import MediaEngine
from tests.support.audio import read_wav
from tests.support.process import phone_of, shipped_switch
from tests.support.programs import needs

pytestmark = pytest.mark.slow


def spoken_seconds(path: Path) -> float:
    """For how long a recording is not silent."""
    samples, rate = read_wav(path)
    size = rate // 50
    windows = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    return float((np.sqrt((windows**2).mean(axis=1)) > 200).sum()) / 50


async def test_the_menu_speaks_and_its_keys_lead_on(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_switch(tmp_path) as switch, await phone_of(engine, switch) as phone:
        call = phone.call("5000")
        await call.expect_answer()
        number = call.record(str(tmp_path / "menu.wav"))
        await asyncio.sleep(5)
        await call.stop_recording(number)
        assert spoken_seconds(tmp_path / "menu.wav") > 2
        call.send_digits("1#")
        await asyncio.sleep(3)
        await call.play("tone_stream://%(5000,0,440)")
        await call.hear(440, 10)
        assert "9196" in await switch.api("show channels")
        call.hangup()


async def test_the_time_is_said_and_the_call_ends(tmp_path: Path, engine: MediaEngine) -> None:
    async with shipped_switch(tmp_path) as switch, await phone_of(engine, switch) as phone:
        call = phone.call("9172")
        await call.expect_answer()
        call.record(str(tmp_path / "time.wav"))
        assert await call.expect_end(30) == 200
        assert spoken_seconds(tmp_path / "time.wav") > 2


SPEAK = """<include>
<extension name="speak"><condition field="destination_number"
 expression="^7(1|2)$"><action application="answer"/>
 <action application="set" data="tts_voice=${cond($1 == 1 ? rms : slt)}"/>
 <action application="set" data="tts_engine=flite"/>
 <action application="speak" data="You have reached the sales department"/>
 <action application="playback" data="say:Good morning"/>
 <action application="hangup"/></condition></extension>
</include>"""


@needs("espeak-ng")
async def test_texts_are_spoken_with_different_voices(tmp_path: Path, engine: MediaEngine) -> None:
    folder = tmp_path / "conf/dialplan/default"
    folder.mkdir(parents=True)
    (folder / "speak.xml").write_text(SPEAK)
    heard = []
    async with shipped_switch(tmp_path) as switch, await phone_of(engine, switch) as phone:
        for number in ("71", "72"):
            call = phone.call(number)
            await call.expect_answer()
            call.record(str(tmp_path / f"{number}.wav"))
            assert await call.expect_end(30) == 200
            assert spoken_seconds(tmp_path / f"{number}.wav") > 1
            heard.append(low_share(tmp_path / f"{number}.wav"))
    man, woman = heard
    assert man > 2 * woman, heard


def low_share(path: Path) -> float:
    """How much of a recording's energy is deeper than a woman speaks: below 140 Hz."""
    samples, rate = read_wav(path)
    energy = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    frequencies = np.arange(len(energy)) * rate / len(samples)
    return float(energy[frequencies < 140].sum() / energy.sum())
