from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.conference.support import Hall, hall


async def test_flags_and_profile_make_a_member(tmp_path: Path) -> None:
    async with hall(
        tmp_path,
        member_flags="deaf",
        auto_gain_level="1000",
        max_energy_level="9000",
        max_energy_hit_trigger="3",
        max_energy_level_mute_ms="500",
    ) as b:
        one = b.call("3000+flags{mute|moderator|ghost}", script="hangup@9")
        await b.after(1)
        settings = b.mixer.members[one.media.id]
        assert settings.mute and settings.deaf and settings.energy_level == 100
        assert settings.auto_gain == (1000, 100, 100, 1, 20)
        assert settings.ceiling == (9000, 3, 500)
        member = b.member(one)
        assert member.moderator and member.ghost
        assert (b.room.size, b.room.ghosts) == (0, 1)


async def test_verbs_change_the_mixer_and_are_told(tmp_path: Path) -> None:
    async with hall(tmp_path, muted_sound="muted.wav", unmuted_sound="unmuted.wav") as b:
        one = b.call("3000", script="hangup@30")
        await b.after(1)
        member = b.member(one)

        def settings() -> object:
            return b.mixer.members[one.media.id]

        member.mute()
        assert b.mixer.members[one.media.id].mute
        member.unmute(quiet=True)
        member.deafen()
        assert b.mixer.members[one.media.id].deaf
        member.undeafen()
        member.set_volume_in("2")
        member.set_volume_out("down")
        member.set_energy("up")
        member.set_position((0.5, 0.0, 0.0))
        await b.after(1)
        now = b.mixer.members[one.media.id]
        assert (now.mute, now.deaf, now.energy_level, now.pan) == (False, False, 300, 0.5)
        assert now.in_db > 7 and now.out_db < -1.9
        assert [Path(what).stem for what, to in b.mixer.played if to == one.media.id] == ["muted"]
        assert b.actions()[-9:-1] == [
            "mute-member",
            "unmute-member",
            "deaf-member",
            "undeaf-member",
            "volume-in-member",
            "volume-out-member",
            "energy-level-member",
            "set-position-member",
        ]


async def test_who_is_held_neither_hears_nor_is_heard(tmp_path: Path) -> None:
    async with hall(tmp_path, moh_sound="full.wav") as b:
        one = b.call("3000", script="hangup@30")
        b.call("3000", script="hangup@30")
        await b.after(1)
        member = b.member(one)
        member.hold()
        await b.after(0.1)
        assert b.mixer.members[one.media.id].mute and b.mixer.members[one.media.id].deaf
        assert ("full", one.media.id) in [(Path(what).stem, to) for what, to in b.mixer.played]
        member.unhold()
        await b.after(0.1)
        assert not b.mixer.members[one.media.id].mute
        assert not b.mixer.playing


@pytest.mark.parametrize(("level", "word", "result"), [(0, "down", 0), (1700, "up", 1800)])
async def test_energy_stays_within_bounds(
    tmp_path: Path, level: int, word: str, result: int
) -> None:
    async with hall(tmp_path) as b:
        one = b.call("3000", script="hangup@9")
        await b.after(1)
        member = b.member(one)
        member.energy_level = level
        member.set_energy(word)
        assert member.energy_level == result


async def _noise(b: Hall, stream: int) -> None:
    b.mixer.talk(stream)
    await b.after(0.3)
    b.mixer.talk(stream, talking=False)
    await b.after(0.3)


async def test_noises_raise_the_gate_until_it_is_quiet(tmp_path: Path) -> None:
    async with hall(tmp_path, auto_energy_level="300", auto_energy_seconds="5") as b:
        one = b.call("3000", script="hangup@60")
        await b.after(1)
        for _ in range(4):
            await _noise(b, one.media.id)
        assert b.member(one).energy_level == 300
        await b.after(12)
        assert b.member(one).energy_level == 100
        b.mixer.talk(one.media.id)
        await b.after(3)
        b.mixer.talk(one.media.id, talking=False)
        await b.after(1)
        assert b.member(one).energy_level == 100, "long speech is no noise"
