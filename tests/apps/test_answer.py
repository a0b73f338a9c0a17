from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension, verbs


async def test_answer_answers_once(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "answer", "answer", "sleep 1000")) as b:
        session = await b.ended(b.call("1"))
        assert verbs(session).count("answer") == 1
        assert session.get("endpoint_disposition") == "ANSWER"


@pytest.mark.parametrize(
    ("flags", "data", "many"),
    [("is_conference", "", True), ("is_conference", " other", False), ("", "is_conference", True)],
)
async def test_answer_flags_count_where_nothing_is_written(
    tmp_path: Path, flags: str, data: str, many: bool
) -> None:
    async with bench(tmp_path, extension("1", f"answer {data}", "park")) as b:
        session = b.call("1", variables={"answer_flags": flags})
        await b.after(1)
        assert session.is_conference is many
        session.hangup()


async def test_answer_waits_for_answer_delay(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set answer_delay=3000", "answer")) as b:
        session = b.call("1")
        await b.after(2.9)
        assert session.channel.up
        await b.ended(session, within=0.5)


async def test_an_answer_delay_that_is_no_number_is_no_delay(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "set answer_delay=soon", "answer")) as b:
        await b.ended(b.call("1"), within=0.5)


async def test_pre_answer_opens_media_without_an_answer(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "pre_answer", "sleep 1000")) as b:
        session = b.call("1")
        await b.after(0.5)
        assert session.channel.early_media and not session.channel.answered
        assert session.leg.media is not None
        await b.ended(session)
        assert session.get("endpoint_disposition") == "EARLY MEDIA"


async def test_ring_ready_rings_and_queued_says_so(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "ring_ready"), extension("2", "ring_ready queued")
    ) as b:
        assert "ring" in verbs(await b.ended(b.call("1")))
        assert "queue" in verbs(await b.ended(b.call("2")))


async def test_wait_for_answer_goes_on_once_the_call_is_answered(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "wait_for_answer", "set waited=yes")) as b:
        session = b.call("1")
        await b.after(5)
        assert session.get("waited") is None
        await b.switch.run_command(f"uuid_answer {session.uuid}")
        await b.ended(session, within=1)
        assert session.get("waited") == "yes"


async def test_a_hangup_ends_wait_for_answer(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "wait_for_answer", "set waited=yes")) as b:
        session = await b.ended(b.call("1", script="hangup@2"))
        assert session.get("waited") is None
        assert not session.watchers


async def test_acknowledge_call_goes_on_without_a_word(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("1", "acknowledge_call", "set seen=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("seen") == "yes"
        assert not {"ring", "answer", "progress"} & set(verbs(session))
