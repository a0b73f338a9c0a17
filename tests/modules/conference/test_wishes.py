"""What a call asks of a room by its variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.conference.support import hall
from tests.support.switch import extension

ROOM = extension("1", "conference 3000")


@pytest.mark.parametrize(
    ("variables", "rate", "interval", "stereo"),
    [
        ({}, 8000, 20, False),
        ({"conference_force_rate": "16000"}, 16000, 20, False),
        ({"conference_force_rate": "17000", "conference_force_interval": "33"}, 8000, 20, False),
        ({"conference_force_rate": "-1", "conference_force_channels": "7"}, 8000, 20, False),
        ({"conference_force_channels": "2"}, 8000, 20, True),
        ({"conference_force_channels": "auto"}, 8000, 20, False),
        ({"conference_force_interval": "40"}, 8000, 40, False),
        ({"conference_force_interval": "auto", "rtp_use_codec_ptime": "30"}, 8000, 30, False),
    ],
)
async def test_its_maker_may_say_how_a_room_mixes(
    tmp_path: Path, variables: dict[str, str], rate: int, interval: int, stereo: bool
) -> None:
    async with hall(tmp_path, ROOM) as b:
        b.call("1", variables=variables)
        await b.after(1)
        settings = b.room.mixer.settings
        assert (settings.rate, settings.interval_ms, settings.stereo) == (rate, interval, stereo)
        later = b.call("1", variables={"conference_force_rate": "48000"})
        await b.after(1)
        assert b.room.mixer.settings.rate == rate
        b.room.end()
        await b.ended(later)


@pytest.mark.parametrize(
    ("volume_in", "volume_out", "energy", "expected"),
    [
        ("", "", "", (0, 0, 100)),
        ("4", "-4", "300", (4, -4, 300)),
        ("5", "-5", "1801", (0, 0, 100)),
        ("loud", "2", "-1", (0, 2, 0)),
        ("1", "", "-2", (1, 0, 100)),
    ],
)
async def test_a_member_may_be_as_loud_as_it_says_from_the_start(
    tmp_path: Path, volume_in: str, volume_out: str, energy: str, expected: tuple[int, int, int]
) -> None:
    variables = {
        "conference_join_volume_in": volume_in,
        "conference_join_volume_out": volume_out,
        "conference_join_energy_level": energy,
    }
    async with hall(tmp_path, ROOM) as b:
        b.call("1", variables=variables)
        await b.after(1)
        (member,) = b.room.members
        assert (member.volume_in, member.volume_out, member.energy_level) == expected
        b.room.end()


@pytest.mark.parametrize(
    ("channels", "position", "flags", "place", "message"),
    [
        ("2", "0.5:1:0", "", (0.5, 1.0, 0.0), ""),
        ("2", "-1", "", (-1.0, 0.0, 0.0), ""),
        ("2", "left", "", (0.0, 0.0, 0.0), "<x>:<y>:<z> wanted, not 'left'"),
        ("2", "nan:0:0", "", (0.0, 0.0, 0.0), "<x>:<y>:<z> wanted"),
        ("2", "1:0:0", "no-positional", (0.0, 0.0, 0.0), ""),
        ("1", "1:0:0", "", (0.0, 0.0, 0.0), "the profile has no channels=2"),
    ],
)
async def test_a_member_may_have_its_place(
    tmp_path: Path,
    channels: str,
    position: str,
    flags: str,
    place: tuple[float, float, float],
    message: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    variables = {
        "conference_position": position,
        "conference_member_flags": flags,
        "conference_force_channels": channels,
    }
    async with hall(tmp_path, ROOM) as b:
        b.call("1", variables=variables)
        await b.after(1)
        assert b.room.members[0].position == place
        b.room.end()
    assert message in caplog.text
