from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.engine import far_end
from tests.support.switch import bench, extension


async def test_sound_is_displaced_while_the_plan_goes_on(tmp_path: Path) -> None:
    plan = extension(
        "1",
        "answer",
        "displace_session silence_stream://60000 mr +5000",
        "sleep 1000",
        "stop_displace_session silence_stream://60000",
        "sleep 1000",
        "displace_session silence_stream://60000",
        "sleep 1000",
        "remove_bugs displace",
        "sleep 1000",
    )
    async with bench(tmp_path, plan) as b:
        session = b.call("1")
        await b.after(0.5)
        ((_, injection),) = far_end(session.media).injections.items()
        assert (injection.options["into"], injection.options["replace"]) == ("speak", False)
        await b.after(1)
        assert not far_end(session.media).injections
        await b.after(1)
        injections = far_end(session.media).injections.values()
        assert [injection.options["into"] for injection in injections] == ["hear", "speak"]
        await b.after(1)
        assert not session.bugs
        await b.ended(session)


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("displace_session", "is missing"),
        ("displace_session /no.wav m", "cannot play /no.wav"),
        ("stop_displace_session /no.wav", "does not run"),
    ],
)
async def test_mistakes_are_told(
    tmp_path: Path, action: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "answer", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert text in caplog.text
