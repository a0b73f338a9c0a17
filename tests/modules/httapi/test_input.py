from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.modules.httapi.document import Tag
from softswitch.modules.httapi.input import DIGIT_TIMEOUT, INPUT_TIMEOUT, Wanted
from softswitch.switch.ivr import DigitHandler
from softswitch.switch.session import Session
from tests.support.applications import application
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


def tag(*binds: str, **attributes: str) -> Tag:
    written = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Tag("pause", written, "", tuple(Tag("bind", {}, bind) for bind in binds))


@pytest.mark.parametrize(
    ("wanted", "keys", "found", "seconds"),
    [
        (tag("~\\d+#"), "digit:4@1 digit:2@2 digit:#@2.5", "42#", 2.5),
        (tag("1", "2"), "digit:2@1", "2", 1),
        (tag("1", "12"), "digit:1@1 digit:2@1.5", "12", 1.5),
        (tag("1", "12"), "digit:1@1", "1", 2.5),
        (tag("1", "2"), "digit:9@1", None, 1),
        (tag("123"), "digit:1@1", None, 2.5),
        (tag("1"), "", None, 5),
        (tag("1", input_timeout="2000"), "digit:1@3", None, 2),
        (tag("123", digit_timeout="500"), "digit:1@1 digit:2@2", None, 1.5),
        (tag("~^\\d{1,9}$", terminators="#"), "digit:#@1", None, 1),
        (tag("~("), "digit:1@1", None, 1),
    ],
)
async def test_keys_are_taken_until_they_mean_something(
    tmp_path: Path, wanted: Tag, keys: str, found: str | None, seconds: float
) -> None:
    told: list[tuple[str | None, float]] = []

    async def silent(press: DigitHandler | None) -> None:
        """Nothing sounds."""

    async def take(session: Session, data: str) -> None:
        begun = session.switch.loop.time()
        entry = await Wanted.of(wanted, session).collect(session, silent)
        told.append((entry.digits if entry else None, session.switch.loop.time() - begun))

    with application("take", take):
        async with bench(tmp_path, extension("1", "take")) as b:
            await b.ended(b.call("1", script=keys))
    assert told == [(found, pytest.approx(seconds, abs=0.01))]


async def test_the_first_key_ends_the_sound(tmp_path: Path) -> None:
    told: list[str | None] = []

    async def take(session: Session, data: str) -> None:
        async def sound(press: DigitHandler | None) -> None:
            assert press is not None
            while (digit := session.digits.take()) is None or not press(digit):
                await session.sleep(100)

        wanted = tag("~^\\d\\d$")
        entry = await Wanted.of(wanted, session).collect(session, sound)
        told.append(entry.digits if entry else None)

    with application("take", take):
        async with bench(tmp_path, extension("1", "take")) as b:
            await b.ended(b.call("1", script="digit:1@1 digit:2@1.2"))
    assert told == ["12"]


def test_time_limits_are_those_of_freeswitch() -> None:
    assert (DIGIT_TIMEOUT, INPUT_TIMEOUT) == (1500, 5000)
