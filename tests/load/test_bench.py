"""The benchmark's own arithmetic, and that it fits its load generator and its dialplan."""

from __future__ import annotations

import array
import json
import re
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from benchmark.load import LOADGEN, load_command
from benchmark.measure import lags, stream_memory
from benchmark.peer import measure_peer
from benchmark.scenarios import BESIDE_RATE, SCENARIOS
from benchmark.server import free_ports, write_prompt
from benchmark.table import HEADINGS, describe_machine, markdown, median, row

from softswitch.config.document import load
from softswitch.dialplan.xml import read_dialplan

ROOT = Path(__file__).resolve().parents[2]


def run(**figures: Any) -> dict[str, Any]:
    """What one run of a scenario gives: 100 calls, all answered, one of 1000 packets lost."""
    return {
        "placed": 100,
        "answered": 100,
        "setup_ms": {"p50": 4.04, "p99": 19.96},
        "rtp": {"sent": 1000, "returned": 999, "foreign": 0, "delay_ms": {"p99": 1.234}},
        "arrivals": {
            "sd_ms": 0.345,
            "largest_ms": 2.5,
            "first_sound_ms": {"p50": 7.0, "p99": 21.0},
        },
        "lag_ms": {"0.5": 0.04, "0.99": 2.96, "1": 40.0},
        "idle_mb": 60.4,
        "peak_mb": 70.0,
        "kb_per_call": 98.3,
        "cpu_ms_per_call": 3.456,
        "events": {"read": 0, "cpu_s": 1.5},
        "cpu_ms_per_call_second": 0.512,
        "floor": {
            "cpu_ms_per_call_second": 0.345,
            "rtp": {"sent": 900, "returned": 900, "delay_ms": {"p99": 2.5}},
        },
        "peer": None,
        **figures,
    }


def cells(name: str, *runs: dict[str, Any]) -> dict[str, str]:
    return dict(zip(HEADINGS, row(SCENARIOS[name], list(runs)), strict=True))


def test_a_row_tells_the_figures_of_a_scenario_with_media() -> None:
    told = cells("relay", run())
    assert told["scenario"] == "relay"
    assert told["load"] == "100 at 25/s, 12 s"
    assert told["CPU"] == "0.51 ms/call-second"
    assert told["set-up p50 / p99 ms"] == "4.0 / 20.0"
    assert (told["failed"], told["lost"], told["delay p99 ms"]) == ("0", "0.100 %", "1.23")
    assert (told["CPU of the floor"], told["p99 of the floor"]) == ("0.34", "2.50")
    assert (told["memory idle / peak MB"], told["kB a call"]) == ("60 / 70", "98")


def test_short_calls_without_media_are_counted_by_the_call() -> None:
    silent = {"sent": 0, "returned": 0, "foreign": 0, "delay_ms": {"p99": None}}
    told = cells("calls", run(answered=98, rtp=silent))
    assert told["CPU"] == "3.46 ms/call"
    assert (told["failed"], told["lost"], told["delay p99 ms"]) == ("2", "-", "-")
    assert told["CPU of the floor"] == told["p99 of the floor"] == "-"


def test_rtpengine_stands_beside_where_it_was_measured() -> None:
    peer = {"cpu_ms_per_call_second": 1.448, "rtp": {"delay_ms": {"p99": 0.63}}}
    heading = "CPU of rtpengine (its delay ms)"
    assert cells("relay", run(peer=peer))[heading] == "1.45 (p99 0.63)"
    assert cells("relay", run(peer=peer), run())[heading] == "-"


def test_rtpengine_is_not_measured_where_it_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert measure_peer(SCENARIOS["relay"].quick()) is None


def test_memory_is_told_by_the_call_only_where_calls_stay() -> None:
    told = {name: cells(name, run())["kB a call"] for name in SCENARIOS}
    short = {name for name, text in told.items() if text == "-"}
    assert short >= {"calls", "rush", "refused", "challenged", "registrations"}
    assert not short & {"relay", "echo", "thousand"}
    assert set(told.values()) == {"-", "98"}


def test_the_middle_of_several_runs_counts() -> None:
    runs = [run(cpu_ms_per_call=value) for value in (9.0, 2.0, 3.0)]
    assert cells("calls", *runs)["CPU"] == "3.00 ms/call"
    assert median([run(x=None), run(x=4)], "x") == 4
    assert median([run(x=None)], "x") is None


def test_the_table_is_markdown_with_a_cell_for_each_heading() -> None:
    rows = [row(scenario, [run()]) for scenario in SCENARIOS.values()]
    first, empty, *table = markdown("2 cores", 3, rows).splitlines()
    assert (first, empty) == ("2 cores; median of 3 runs.", "")
    assert len(table) == 2 + len(SCENARIOS)
    assert {line.count("|") for line in table} == {len(HEADINGS) + 1}


def test_where_packets_are_timed_their_evenness_and_the_first_sound_are_told() -> None:
    told = cells("prompt", run())
    assert told["packets off by sd / most ms"] == "0.34 / 2.50"
    assert told["first sound p50 / p99 ms"] == "7.00 / 21.00"
    assert cells("relay", run(arrivals=None))["first sound p50 / p99 ms"] == "-"
    silent = {"sd_ms": 0.0, "largest_ms": 0.0, "first_sound_ms": {"p50": None, "p99": None}}
    assert cells("prompt", run(arrivals=silent))["first sound p50 / p99 ms"] == "- / -"


def test_quick_rows_take_less_than_ten_seconds_each() -> None:
    for scenario in SCENARIOS.values():
        quick = scenario.quick()
        if not scenario.media or scenario.group == "applications":
            assert quick == scenario
            continue
        background = quick.background().calls / BESIDE_RATE
        start, end = quick.window
        assert end - start >= 2, "there is time to measure in"
        assert background + quick.calls / quick.rate + quick.hold + quick.floor_seconds < 9


def test_rows_of_applications_take_less_than_half_a_minute_each() -> None:
    rows = [one for one in SCENARIOS.values() if one.group == "applications"]
    assert {one.name for one in rows} == {"ivr", "voicemail", "queue", "centre", "queues"}
    for scenario in rows:
        start, end = scenario.window
        assert end - start >= 2, "there is time to measure in"
        assert scenario.calls / scenario.rate + scenario.hold < 25


def test_the_lag_of_the_loop_is_told_and_what_is_no_echo_is_not_called_lost() -> None:
    told = cells("ivr", run())
    assert told["loop lag p50 / p99 / most ms"] == "0.0 / 3.0 / 40.0"
    assert (told["lost"], told["delay p99 ms"]) == ("-", "-")


def test_the_lag_is_read_from_what_the_switch_measures() -> None:
    measures = [
        {"name": "sessions", "value": 3, "labels": {}},
        {"name": "loop_lag_seconds", "value": 0.002, "labels": {"quantile": "0.99"}},
    ]
    assert lags(json.dumps(measures)) == {"0.99": 2.0}


def test_as_many_calls_as_wanted_are_up_at_once() -> None:
    for calls in (10, 100, 2000):
        scenario = SCENARIOS["relay"].with_calls(calls)
        start, end = scenario.window
        assert scenario.calls == calls and end - start >= 10
    assert SCENARIOS["calls"].with_calls(50).hold == SCENARIOS["calls"].hold


def test_calls_beside_others_are_up_until_those_have_ended() -> None:
    for scenario in SCENARIOS.values():
        calls = scenario.background()
        assert calls.hold > calls.calls / calls.rate + 1 + scenario.calls / scenario.rate
        assert (calls.calls, calls.number) == (scenario.beside, SCENARIOS["relay"].number)
    told = cells("pacing", run())
    assert told["load"] == "50 at 25/s, 12 s, 500 bridged beside"


def test_the_prompt_is_heard_from_its_first_moment(tmp_path: Path) -> None:
    write_prompt(tmp_path / "prompt.wav")
    with wave.open(str(tmp_path / "prompt.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (8000, 480_000)
        first = array.array("h", file.readframes(160))
    assert max(first) > 7000


def test_the_memory_of_a_stream_is_read_from_what_is_printed() -> None:
    assert stream_memory("worker 0.5 ms\nmemory 17.3 kB a stream\n") == 17.3


def test_the_load_generator_knows_what_it_is_told() -> None:
    source = (ROOT / "softswitch/media/native/loadgen/src/options.rs").read_text()
    known = set(re.findall(r'"(--[a-z-]+)" =>', source))
    for scenario in SCENARIOS.values():
        program, *arguments = load_command(scenario, 1, 2, 3)
        if scenario.registers:
            continue
        assert program == str(LOADGEN)
        assert arguments[::2] == sorted(set(arguments[::2]), key=arguments.index)
        assert set(arguments[::2]) <= known
        assert "127.0.0.1:1" in arguments


def test_strangers_call_from_an_address_that_is_not_trusted() -> None:
    command = load_command(SCENARIOS["challenged"], 1, 2, 3)
    assert command[command.index("--caller") + 1] == "127.0.0.2:3"


def test_registrations_are_measured_by_themselves() -> None:
    program, script, *arguments = load_command(SCENARIOS["registrations"], 1, 2, 3)
    assert program == sys.executable
    known = set(re.findall(r'"(--[a-z-]+)"', Path(script).read_text()))
    assert set(arguments[::2]) <= known
    told = cells("registrations", run(setup_ms={"p50": None, "p99": None}))
    assert (told["CPU"], told["set-up p50 / p99 ms"]) == ("3.46 ms/registration", "-")


def test_each_scenario_dials_a_number_of_the_dialplan(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("SIP", "1"),
        ("SOCKET", "2"),
        ("CALLEE", "127.0.0.1:3"),
        ("PROMPT", "x.wav"),
    ):
        monkeypatch.setenv(f"SOFTSWITCH_BENCH_{name}", value)
    dialplan, findings = read_dialplan(load(ROOT / "scripts" / "bench-conf", {}))
    assert not findings
    [context] = dialplan.contexts
    expressions = [extension.conditions[0].expression for extension in context.extensions]
    for scenario in SCENARIOS.values():
        if scenario.registers:
            continue
        assert any(re.search(text, scenario.number) for text in expressions), scenario


def test_the_machine_is_described_in_one_line() -> None:
    assert re.fullmatch(r"\d+ cores of .+, Linux .+, Python 3\..+, load .+", describe_machine())


def test_ports_are_free_and_differ() -> None:
    assert len(set(free_ports(3))) == 3


def test_a_row_with_listeners_tells_how_many_events_they_got_for_the_time() -> None:
    told = cells("listened", run(events={"read": 60_000, "cpu_s": 1.5}))
    assert told["CPU"] == "3.46 ms/call, 40,000 events/CPU-s"
    stalled = cells("stalled", run(events={"read": 0, "cpu_s": 1.5}))
    assert stalled["CPU"] == "3.46 ms/call"
