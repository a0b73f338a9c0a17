"""How far a leg comes: ringing, early media, answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.causes import CallFailed, HangupCause
from tests.support.switch import bench, extension, verbs


async def test_media_that_cannot_be_opened_ends_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no port is free")

    async with bench(tmp_path, extension("100", "playback silence_stream://1000")) as b:
        monkeypatch.setattr(b.switch.engine, "open_stream", fail)
        session = await b.ended(b.call("100"))
        assert session.channel.hangup_cause is HangupCause.NORMAL_TEMPORARY_FAILURE


async def test_a_caller_that_cannot_be_told_of_ringing_hears_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CallFailed(HangupCause.WRONG_CALL_STATE)

    async with bench(tmp_path, extension("100", "bridge test/bob")) as b:
        b.script("bob", "ring@1 answer@2 hangup@3")
        session = b.call("100")
        monkeypatch.setattr(session.leg, "ring", fail)
        await b.ended(session)
        assert verbs(session)[0] == "answer"


async def test_ringing_and_early_media_are_told_once_and_not_after_the_answer(
    tmp_path: Path,
) -> None:
    async with bench(
        tmp_path,
        extension(
            "100", "ring_ready", "ring_ready", "pre_answer", "ring_ready", "answer", "answer"
        ),
    ) as b:
        session = await b.ended(b.call("100"))
        assert verbs(session) == ["ring", "ring", "pre_answer", "answer", "hangup NORMAL_CLEARING"]
        for name in ("CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_ANSWER"):
            assert b.names(session).count(name) == 1


@pytest.mark.parametrize("hook", ["", "set execute_on_media_timeout=set lost=yes"])
async def test_a_call_without_media_ends_after_its_hooks(tmp_path: Path, hook: str) -> None:
    actions = (hook, "answer", "park") if hook else ("answer", "park")
    async with bench(tmp_path, extension("100", *actions)) as b:
        session = b.call("100")
        await b.after(1)
        session.on_media_timeout()
        await b.ended(session, within=1)
        assert session.channel.hangup_cause is HangupCause.MEDIA_TIMEOUT
        assert session.get("lost") == ("yes" if hook else None)
