from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from softswitch.media.source import SourceError
from softswitch.modules.voicemail.forward import join
from tests.modules.voicemail.support import BEEP, DOMAIN, Office, office
from tests.support.audio import heard_ms, read_wav, tone, write_wav
from tests.support.caller import Caller

CHECK = "voicemail/vm-listen_to_recording"
CALL = f"voicemail check auth default {DOMAIN} 1000"


async def at_the_question(o: Office) -> Caller:
    """A user who is asked how to forward his only message."""
    await o.put("a")
    caller = o.call("run")
    await caller.answers(CHECK, "8")
    await caller.hears("voicemail/vm-forward_add_intro")
    return caller


async def test_a_message_is_forwarded_as_it_is(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await at_the_question(o)
        caller.presses("8")
        await caller.answers("voicemail/vm-forward_enter_ext", "1001#")
        await caller.hears("voicemail/vm-saved", "voicemail/vm-message_number", CHECK)
        caller.hangs_up()
        await o.bench.ended(caller.session)
        # It is played again from its heading.
        assert [name[-5] for name in caller.heard if "/msg_" in name] == ["a", "a"]
        (copy,) = await o.messages("1001")
        assert (copy.cid_name, copy.cid_number, copy.forwarded_by) == (
            "Bob",
            "3000",
            f"1000@{DOMAIN}",
        )
        assert copy.seconds == 4
        assert len(await o.messages()) == 1
        assert o.events("leave-message")[0]["VM-Forwarded-By"] == f"1000@{DOMAIN}"


async def test_a_message_is_forwarded_with_words_in_front(tmp_path: Path) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await at_the_question(o)
        caller.presses("1")
        await caller.hears(BEEP)
        await o.bench.after(6)
        caller.presses("#")
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.hears("voicemail/vm-message", "voicemail/vm-saved")
        await caller.answers("voicemail/vm-forward_enter_ext", "1001#")
        await caller.hears("voicemail/vm-saved", CHECK)
        caller.hangs_up()
        await o.bench.ended(caller.session)
        (copy,) = await o.messages("1001")
        assert copy.seconds == 9
        samples, rate = read_wav(copy.path)
        assert len(samples) / rate == pytest.approx(9, abs=0.2)
        box = await o.box()
        assert sorted(path.name for path in box.folder.iterdir()) == ["msg_a.wav"]


@pytest.mark.parametrize("number", ["9999", "1002", ""])
async def test_who_has_no_mailbox_gets_nothing(tmp_path: Path, number: str) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await at_the_question(o)
        caller.presses("8")
        for _ in range(3):
            await caller.answers("voicemail/vm-forward_enter_ext", f"{number}#")
            await caller.hears("voicemail/vm-that_was_an_invalid_ext")
        await caller.hears(CHECK)
        caller.hangs_up()
        await o.bench.ended(caller.session)
        assert o.events("leave-message") == []


@pytest.mark.parametrize("key", ["5", ""])
async def test_another_key_or_none_forwards_it_as_it_is(tmp_path: Path, key: str) -> None:
    async with office(tmp_path, CALL) as o:
        caller = await at_the_question(o)
        caller.presses(key)
        await caller.answers("voicemail/vm-forward_enter_ext", "1001#")
        await caller.hears("voicemail/vm-saved")
        caller.hangs_up()
        await o.bench.ended(caller.session)
        assert len(await o.messages("1001")) == 1


def test_sounds_of_different_rates_are_joined(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(440, 1000, rate=8000), 8000)
    write_wav(tmp_path / "b.wav", tone(697, 1000, rate=16000), 16000)
    assert join((tmp_path / "a.wav", tmp_path / "b.wav"), tmp_path / "c.wav") == 2
    samples, rate = read_wav(tmp_path / "c.wav")
    assert rate == 8000
    assert heard_ms(samples[:rate], rate, 440) >= 900
    assert heard_ms(samples[rate:], rate, 697) >= 900
    with pytest.raises(SourceError):
        (tmp_path / "d.wav").write_bytes(b"no sound")
        join((tmp_path / "a.wav", tmp_path / "d.wav"), tmp_path / "e.wav")
    assert np.abs(samples).max() > 1000
