from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.detection import ToneWish, detect_tone, parse_tone, wait_for_level
from tests.support.engine import far_end
from tests.support.switch import bench, extension

HELD = extension("1", "answer", "sleep 60000")


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        (["fax", "1100"], ToneWish("fax", [1100.0])),
        (["busy", "480,620", "w"], ToneWish("busy", [480.0, 620.0], write=True)),
        (
            ["busy", "480,620", "r", "+30", "hangup", "USER_BUSY", "2"],
            ToneWish("busy", [480.0, 620.0], False, 30.0, "hangup", "USER_BUSY", 2),
        ),
        (["a", "440", "r", "1060"], ToneWish("a", [440.0], seconds=60.0)),
        (
            ["a", "440", "r", "0", "set", "x=1", "0"],
            ToneWish("a", [440.0], False, 0.0, "set", "x=1"),
        ),
    ],
)
def test_tones_are_read(words: list[str], wish: ToneWish) -> None:
    assert parse_tone(words, now=1000.0) == wish


@pytest.mark.parametrize("words", [["a"], ["a", "x"], ["a", "1"], ["a", ","]])
def test_what_is_no_tone_is_told(words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"wanted|frequencies"):
        parse_tone(words, 0)


async def test_a_tone_is_told_after_its_hits_and_once(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1", variables={"execute_on_tone_detect": "set hooked=yes"})
        await b.after(0.1)
        detect_tone(session, ToneWish("busy", [480, 620], False, 0, "set", "heard=yes", 2))
        detect_tone(session, ToneWish("busy", [480, 620]))
        stream = far_end(session.media)
        assert list(stream.detectors.values()) == [("tone", "read", 480, 620)]
        stream.sound()
        await b.after(0.1)
        assert session.get("heard") is None
        stream.sound()
        await b.after(0.1)
        assert (session.get("heard"), session.get("hooked")) == ("yes", "yes")
        assert not stream.detectors and not session.bugs
        told = [event for event in b.events if event.name == "DETECTED_TONE"]
        assert [event.headers["Detected-Tone"] for event in told] == ["busy"]
        session.hangup()
        await b.ended(session)


async def test_a_tone_is_given_up_in_time(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1")
        await b.after(0.1)
        detect_tone(session, ToneWish("a", [440], write=True, seconds=5))
        await b.after(4)
        assert [bug.function for bug in session.bugs] == ["tone_detect"]
        await b.after(2)
        assert not session.bugs and not far_end(session.media).detectors
        session.hangup()
        await b.ended(session)


async def test_sound_is_waited_for_while_a_file_plays(tmp_path: Path) -> None:
    plan = extension("1", "answer", "wait")
    outcomes: list[str] = []

    async def wait(session, data: str) -> None:  # type: ignore[no-untyped-def]
        for timeout in (1000, 5000, 0):
            outcome = await wait_for_level(
                session, 300, 5, timeout, listen=2, file="silence_stream://500"
            )
            outcomes.append(outcome)

    from tests.support.applications import application

    with application("wait", wait):
        async with bench(tmp_path, plan) as b:
            session = b.call("1")
            await b.after(0.5)
            stream = far_end(session.media)
            assert list(stream.detectors.values()) == [("sound", "read", 300, 5, 2)]
            assert stream.playing is not None
            await b.after(1)
            stream.sound()
            await b.after(0.1)
            session.break_()
            await b.ended(session)
            assert outcomes == ["timeout", "found", "break"]


async def test_a_call_may_say_how_often_a_tone_must_be_heard(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1", variables={"tone_detect_hits": "2"})
        await b.after(0.1)
        detect_tone(session, ToneWish("busy", [480, 620], False, 0, "set", "heard=yes"))
        for heard in (None, "yes"):
            far_end(session.media).sound()
            await b.after(0.1)
            assert session.get("heard") == heard
        session.hangup()
        await b.ended(session)


@pytest.mark.parametrize(
    ("variables", "pauses", "heard"),
    [
        ({}, (1,), "yes"),
        ({}, (6,), None),
        ({}, (6, 1), "yes"),
        ({"tone_detect_expires": "500"}, (6,), "yes"),
        ({"tone_detect_sleep": "100"}, (1,), None),
        ({"tone_detect_sleep": "100"}, (1, 1.5), "yes"),
        ({"tone_detect_sleep": "soon", "tone_detect_expires": "-1"}, (1,), "yes"),
    ],
)
async def test_hits_belong_together_only_in_time(
    tmp_path: Path, variables: dict[str, str], pauses: tuple[float, ...], heard: str | None
) -> None:
    async with bench(tmp_path, HELD) as b:
        session = b.call("1", variables=variables)
        await b.after(0.1)
        detect_tone(session, ToneWish("busy", [480, 620], False, 0, "set", "heard=yes", 2))
        far_end(session.media).sound()
        for seconds in pauses:
            await b.after(seconds)
            far_end(session.media).sound()
        await b.after(0.1)
        assert session.get("heard") == heard
        session.hangup()
        await b.ended(session)
