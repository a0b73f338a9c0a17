"""Effects on the voices of a call, as operators write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import media_bugs
from softswitch.switch.preprocess import parse_wishes, preprocess
from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time

OFF = (None, None)


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("r.agc=true", [("read", "agc", 8000)]),
        ("R.AGC=yes", [("read", "agc", 8000)]),
        ("w_agc=12000", [("write", "agc", 12_000)]),
        ("ragc=99999", [("read", "agc", 30_000)]),
        ("r.agc=false", [("read", "agc", None)]),
        ("r.agc=0", [("read", "agc", None)]),
        (
            "r.noise_suppress=-20, w.noise_suppress=-90",
            [("read", "noise_suppress", 20), ("write", "noise_suppress", 60)],
        ),
        ("r.noise_suppress=off", [("read", "noise_suppress", None)]),
    ],
)
def test_wishes_are_read(text: str, wishes: list[tuple[str, str, int | None]]) -> None:
    assert parse_wishes(text) == wishes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no effect is named"),
        ("agc", "'agc' is not r.<effect>"),
        ("x.agc=true", "'x.agc=true' is not"),
        ("r.noise_suppress=20", "below zero"),
        ("r.noise_suppress=loud", "below zero"),
        ("r.echo_cancel=true", "echoes are not cancelled"),
        ("r.reverb=1", "'reverb' is no effect"),
    ],
)
def test_mistakes_are_sentences(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parse_wishes(text)


async def test_effects_add_up_until_they_are_stopped(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        effects = far_end(session.media).effects
        preprocess(session, "r.agc=true")
        assert effects == {"read": (8000, None), "write": OFF}
        preprocess(session, "r.noise_suppress=-15,w.agc=4000")
        assert effects == {"read": (8000, 15), "write": (4000, None)}
        assert [bug.function for bug in session.bugs] == ["preprocess"]
        preprocess(session, "stop")
        assert effects == {"read": OFF, "write": OFF}
        assert not session.bugs


async def test_a_mistake_changes_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        with pytest.raises(ValueError):
            preprocess(session, "r.agc=true,r.reverb=1")
        assert not session.bugs and not far_end(session.media).effects


async def test_the_last_effect_that_ends_takes_the_bug_along(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "park")) as running:
        session = running.call("1")
        await running.after(0.01)
        preprocess(session, "r.agc=true")
        preprocess(session, "r.agc=false")
        assert list(media_bugs.find(session, "preprocess")) == []
