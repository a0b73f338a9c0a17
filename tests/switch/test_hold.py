"""Music for whoever is held: begun and ended with the hold, or with either party's leaving."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension

pytestmark = pytest.mark.virtual_time
MUSIC = "silence_stream://100"


def hears_music(session: Session) -> bool:
    playing = far_end(session.media).playing
    return playing is not None and playing.loops == -1


async def talk(b: Bench, *variables: str) -> tuple[Session, Session]:
    b.script("bob", "answer@1")
    session = b.call("1")
    await b.after(2)
    assert session.peer is not None
    for item in variables:
        session.set(*item.split("=", 1))
    return session, session.peer


@pytest.mark.parametrize("name", ["hold_music", "temp_hold_music"])
async def test_the_held_party_hears_the_holders_music(tmp_path: Path, name: str) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        holder, held = await talk(b, f"{name}={MUSIC}")
        holder.on_hold(True)
        await b.after(0.5)
        assert hears_music(held)
        assert far_end(holder.media).playing is None
        holder.on_hold(False)
        await b.after(0.5)
        assert far_end(held.media).playing is None
        assert holder.peer is held
        holder.hangup()
        await b.ended(holder)


@pytest.mark.parametrize("music", ["", "silence"])
async def test_without_music_there_is_silence(tmp_path: Path, music: str) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        holder, held = await talk(b, f"hold_music={music}")
        holder.on_hold(True)
        await b.after(0.5)
        assert far_end(held.media).playing is None
        holder.hangup()
        await b.ended(holder)


@pytest.mark.parametrize("flips", [True, False])
async def test_recordings_may_go_over_to_the_partner(tmp_path: Path, flips: bool) -> None:
    async with bench(tmp_path, extension("1", "bridge test/bob")) as b:
        holder, held = await talk(b, f"flip_record_on_hold={str(flips).lower()}")
        await holder.execute("record_session", f"{tmp_path}/call.wav")
        holder.on_hold(True)
        await b.after(0.5)
        assert (len(holder.recordings), len(held.recordings)) == ((0, 1) if flips else (1, 0))
        holder.hangup()
        await b.ended(holder)
        await b.ended(held)


async def test_who_is_taken_elsewhere_hears_no_more_of_it(tmp_path: Path) -> None:
    elsewhere = extension("2", "answer", "sleep 60000")
    async with bench(tmp_path, extension("1", "bridge test/bob"), elsewhere) as b:
        holder, held = await talk(b, f"hold_music={MUSIC}")
        holder.on_hold(True)
        await b.after(0.5)
        held.transfer("2")
        await b.after(0.5)
        assert held.channel.up
        assert far_end(held.media).playing is None
        held.hangup()
        holder.hangup()
        await b.ended(held)


async def test_holding_an_ivr_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "sleep 60000")) as b:
        session = b.call("1")
        await b.after(1)
        session.set("hold_music", MUSIC)
        session.on_hold(True)
        session.on_hold(False)
        assert session.channel.up
        session.hangup()
        await b.ended(session)
