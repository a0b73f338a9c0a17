"""The end of a call: its hooks, events and figures."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from softswitch.switch.caller import Times
from softswitch.switch.ending import FIGURES, figures, stamp
from softswitch.switch.leg import GoneLeg
from softswitch.switch.variables import Variables
from tests.support.switch import bench, extension

SECOND = 1_000_000


def test_durations_are_differences_of_whole_seconds() -> None:
    times = Times(
        created=10 * SECOND + 900_000,
        progress=11 * SECOND + 100_000,
        answered=12 * SECOND + 999_999,
        bridged=13 * SECOND,
        hungup=15 * SECOND + 100_000,
        hold_accum=1_234_567,
    )
    values = figures(times, (), Variables())
    assert (values["duration"], values["mduration"], values["uduration"]) == (
        "5",
        "4200",
        "4200000",
    )
    assert (values["billsec"], values["billmsec"], values["billusec"]) == ("3", "2101", "2100001")
    assert (values["progresssec"], values["answersec"], values["waitsec"]) == ("1", "2", "3")
    assert (values["progress_mediasec"], values["flow_billsec"]) == ("0", "5")
    assert (values["hold_accum_seconds"], values["hold_accum_ms"]) == ("1", "1234")
    assert values["answer_stamp"] == stamp(12)
    assert "progress_media_stamp" not in values
    assert values["progress_media_epoch"] == values["resurrect_epoch"] == "0"
    assert values["digits_dialed"] == "none"


def test_all_figures_are_known_by_name() -> None:
    assert figures(Times(*[SECOND] * 11), [(3, 5)], Variables()).keys() <= FIGURES
    assert "start_stamp" in FIGURES


def test_each_hold_is_told_with_its_begin_and_end() -> None:
    assert "hold_events" not in figures(Times(), [], Variables())
    assert figures(Times(), [(3, 5), (7, 9)], Variables())["hold_events"] == "{{3,5},{7,9}}"


def test_digits_that_were_dialed_are_kept() -> None:
    variables = Variables()
    variables.set("digits_dialed", "12")
    assert "digits_dialed" not in figures(Times(), [], variables)


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({}, "12345"),
        ({"digits_dialed_filter": "345"}, "12XXX"),
        ({"digits_dialed_filter": "9"}, "12345"),
        ({"digits_dialed_filter": "("}, "12345"),
        ({"sensitive_dtmf": "true"}, "none"),
    ],
)
async def test_the_keys_that_were_pressed_are_told(
    tmp_path: Path, wish: dict[str, str], told: str
) -> None:
    async with bench(tmp_path, extension("100", "bridge test/bob", "sleep 9000")) as b:
        b.script("bob", "answer@0 hangup@3")
        session = b.call("100", script="digit:12@1 digit:345@5 hangup@6", variables=wish)
        await b.ended(session)
        assert session.get("digits_dialed") == told


def test_an_unanswered_call_has_nothing_to_bill() -> None:
    values = figures(Times(created=SECOND, hungup=9 * SECOND), (), Variables())
    assert (values["duration"], values["billsec"], values["flow_billsec"]) == ("8", "0", "0")


async def test_the_record_is_complete_when_the_call_is(tmp_path: Path) -> None:
    async with bench(tmp_path, extension("100", "answer", "sleep 2000", "hangup USER_BUSY")) as b:
        session = await b.ended(b.call("100"))
        [complete] = [event for event in b.events if event.name == "CHANNEL_HANGUP_COMPLETE"]
        headers = complete.headers
        assert headers["variable_hangup_cause"] == headers["Hangup-Cause"] == "USER_BUSY"
        assert headers["variable_hangup_cause_q850"] == "17"
        assert (headers["variable_billsec"], headers["variable_last_app"]) == ("2", "hangup")
        assert headers["variable_last_arg"] == "USER_BUSY"
        assert headers["variable_caller_id"] == '"Alice" <1000>'
        assert b.switch.find(session.uuid) is None
        assert isinstance(session.leg, GoneLeg)


@pytest.mark.parametrize("name", ["api_hangup_hook", "api_reporting_hook"])
@pytest.mark.parametrize("attached", [True, False])
async def test_hooks_run_when_the_call_is_over(tmp_path: Path, name: str, attached: bool) -> None:
    async with bench(tmp_path, extension("100", "answer")) as b:
        session = b.call("100")
        session.set(name, "global_setvar::seen=${uuid} ${hangup_cause}")
        session.set("session_in_hangup_hook", "true" if attached else "")
        await b.ended(session)
        assert b.switch.globals["seen"] == f"{session.uuid} NORMAL_CLEARING"


@pytest.mark.parametrize("name", ["api_hangup_hook", "api_reporting_hook"])
async def test_a_hook_that_fails_costs_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def fail(*_: object, **__: object) -> str:
        raise RuntimeError("broken")

    async with bench(tmp_path, extension("100", "answer")) as b:
        monkeypatch.setattr(b.switch, "run_command", fail)
        session = await b.ended(b.call("100", variables={name: "status"}), within=1)
        assert b.names(session)[-4:] == [
            "CHANNEL_STATE",
            "CHANNEL_HANGUP_COMPLETE",
            "CHANNEL_DESTROY",
            "CHANNEL_STATE",
        ]


@pytest.mark.parametrize(
    "actions",
    [
        ("answer", "playback silence_stream://500"),
        ("answer", "record_session call.wav", "sleep 500"),
        ("bridge test/bob", "bridge test/bob|test/bob", "answer"),
        ("bridge nowhere/bob", "answer"),
        ("answer", "eavesdrop none", "sleep 100"),
    ],
    ids=" ".join,
)
async def test_a_call_that_is_over_is_freed_without_the_collector(
    tmp_path: Path, actions: tuple[str, ...]
) -> None:
    async with bench(tmp_path, extension("100", "set continue_on_fail=true", *actions)) as b:
        b.script("bob", "hangup:USER_BUSY@0.1")
        gc.collect()
        gc.disable()
        try:
            session = b.call("100")
            legs = [session.leg]
            await b.ended(session, within=60)
            await b.after(1)
            for leg in (*legs, *b.legs.legs.values()):
                # Legs of a test remember their sessions.
                leg.attach(None)  # type: ignore[arg-type]
            freed = weakref.ref(session)
            del session
            assert freed() is None
        finally:
            gc.enable()


@pytest.mark.parametrize("wished", [True, False])
async def test_the_figures_of_the_sound_are_logged_on_request(
    tmp_path: Path, wished: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    actions = ("set rtp_audio_in_mos=4.50", f"set log_audio_stats_on_hangup={wished}")
    async with bench(tmp_path, extension("1", *actions)) as b:
        await b.ended(b.call("1"))
        assert ("figures of its sound: rtp_audio_in_mos=4.50" in caplog.text) is wished
