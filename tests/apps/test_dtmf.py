from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.switch import bench, extension, verbs


@pytest.mark.parametrize(
    ("data", "sent", "milliseconds"),
    [
        ("12", ["digits 12 250"], "1000"),
        ("12@100", ["digits 12 100"], "700"),
        ("1w2", ["digits 1w2 250"], "1500"),
        ("1@100+2@200", ["digits 1 100", "digits 2 200"], "800"),
        ("~5", ["digits 5 250"], "500"),
    ],
)
async def test_send_dtmf_sends_digits(
    tmp_path: Path, data: str, sent: list[str], milliseconds: str
) -> None:
    async with bench(tmp_path, extension("1", f"send_dtmf {data}")) as b:
        session = await b.ended(b.call("1"))
        assert [verb for verb in verbs(session) if verb.startswith("digits")] == sent
        assert session.get("last_dtmf_duration") == milliseconds
        assert "pre_answer" in verbs(session)


async def test_queue_dtmf_is_as_if_the_far_end_had_sent_them(tmp_path: Path) -> None:
    actions = ("queue_dtmf 12w#", "read 1 4 silence x 3000 #")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("x") == "12"
        assert session.get("read_terminator_used") == "#"
        assert b.names(session).count("DTMF") == 3


async def test_flush_dtmf_forgets_digits(tmp_path: Path) -> None:
    actions = ("queue_dtmf 12", "flush_dtmf", "read 1 4 silence x 1000 #")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"))
        assert session.get("x") is None


@pytest.mark.parametrize("name", ["send_dtmf", "queue_dtmf"])
@pytest.mark.parametrize("data", ["", "12x", "1" * 100])
async def test_what_are_no_digits_is_logged(
    tmp_path: Path, name: str, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", f"{name} {data}", "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        assert f"{name}: <dtmf_data>" in caplog.text
