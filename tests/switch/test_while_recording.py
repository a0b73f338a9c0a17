"""What a party hears while ``record`` listens to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.while_recording import recording_rate, wishes_of
from tests.support.engine import far_end
from tests.support.switch import bench, extension

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("wish", "noise"), [("true", 1400), ("400", 400), ("-1", 0), ("false", None), ("", None)]
)
async def test_the_caller_hears_the_noise_it_asks_for_while_it_records(
    tmp_path: Path, wish: str, noise: int | None
) -> None:
    actions = (f"set record_waste_resources={wish}", f"record {tmp_path}/a.wav 2", "park")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(1)
        assert far_end(session.media).filling == (noise, None)
        await b.after(2)
        assert far_end(session.media).filling == (None, None)


async def test_the_noise_of_an_idle_call_comes_back_behind_the_recording(tmp_path: Path) -> None:
    actions = (
        "set send_silence_when_idle=700",
        "answer",
        "set record_waste_resources=true",
        f"record {tmp_path}/a.wav 1",
        "park",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(0.5)
        assert far_end(session.media).filling == (1400, None)
        await b.after(1)
        assert far_end(session.media).filling == (700, None)


async def test_the_caller_hears_the_indication_when_the_recording_begins(tmp_path: Path) -> None:
    actions = ("set record_indication=tone_stream://%(200,0,800)", f"record {tmp_path}/a.wav 1")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(0.1)
        stream = far_end(session.media)
        assert stream.playing is not None
        assert stream.filling == (1400, None)
        await b.after(0.5)
        assert stream.recordings
        await b.ended(session, within=2)


async def test_an_indication_ends_with_the_recording(tmp_path: Path) -> None:
    actions = (
        "set record_indication=silence_stream://-1",
        f"record {tmp_path}/a.wav 1",
        "set after=yes",
        "park",
    )
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(2)
        assert session.get("after") == "yes"
        assert far_end(session.media).playing is None


async def test_an_indication_that_is_missing_costs_no_recording(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    actions = (f"set record_indication={tmp_path}/none.wav", f"record {tmp_path}/a.wav 1")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = await b.ended(b.call("1"), within=2)
        assert session.get("record_seconds") == "1"
        assert "none.wav" in caplog.text


@pytest.mark.parametrize(
    ("variables", "rate"),
    [
        ({}, 0),
        ({"record_rate": "16000"}, 16000),
        ({"record_rate": "16000", "record_sample_rate": "48000"}, 48000),
        ({"record_sample_rate": "fast", "record_rate": "16000"}, 16000),
        ({"record_sample_rate": "0"}, 0),
    ],
)
async def test_the_rate_has_an_older_name(
    tmp_path: Path, variables: dict[str, str], rate: int
) -> None:
    async with bench(tmp_path, extension("1", f"record {tmp_path}/a.wav 1")) as b:
        session = b.call("1", variables=variables)
        assert recording_rate(session.get) == rate
        await b.after(0.5)
        ((_, recording),) = far_end(session.media).recordings.items()
        assert recording.options["rate"] == rate
        await b.ended(session, within=2)


async def test_recordings_of_a_call_know_the_older_name_too(tmp_path: Path) -> None:
    actions = ("set record_rate=16000", "answer", f"record_session {tmp_path}/b.wav", "park")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(0.5)
        ((_, recording),) = far_end(session.media).recordings.items()
        assert recording.options["rate"] == 16000


async def test_what_stands_in_front_of_the_path_holds_for_this_file(tmp_path: Path) -> None:
    wishes = "{record_fill_cng=700,RECORD_WASTE_RESOURCES=400,record_sample_rate=16000}"
    actions = ("set record_fill_cng=1400", f"record {wishes}{tmp_path}/a.wav 2", "park")
    async with bench(tmp_path, extension("1", *actions)) as b:
        session = b.call("1")
        await b.after(1)
        stream = far_end(session.media)
        assert stream.filling == (400, None)
        ((_, native),) = stream.recordings.items()
        assert (native.path, native.options["rate"]) == (f"{tmp_path}/a.wav", 16000)
        assert native.options["fill"] == 700
        await b.after(2)
        session.hangup()
        await b.ended(session)


async def test_a_brace_that_is_not_closed_is_part_of_the_path(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", "park")) as b:
        session = b.call("1")
        wish, path = wishes_of(session, "{record_rate=8000/a.wav")
        assert (wish("record_rate"), path) == (None, "{record_rate=8000/a.wav")
        assert "without its }" in caplog.text
        session.hangup()
        await b.ended(session)
