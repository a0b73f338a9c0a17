from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from softswitch.console.top import Top


def figure(name: str, value: float, **labels: str) -> dict[str, Any]:
    return {"name": name, "value": value, "labels": labels, "help": "", "counter": False}


def shown(top: Top, figures: list[dict[str, Any]], calls: list[dict[str, str]], at: float) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(top.screen(figures, calls, at))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_it_shows_the_switch_its_profiles_gateways_and_calls() -> None:
    figures = [
        figure("uptime_seconds", 61.5),
        figure("sessions", 4),
        figure("sessions_max", 1000),
        figure("sessions_started_total", 10),
        figure("bridges", 2),
        figure("loop_lag_seconds", 0.0123, quantile="0.99"),
        figure("sip_calls_total", 9, profile="internal", direction="inbound"),
        figure("sip_calls_failed_total", 3, profile="internal", direction="inbound"),
        figure("sip_registrations", 17, profile="internal"),
        figure("sip_gateway_up", 0, profile="external", gateway="trunk"),
    ]
    call = {"created": "now", "direction": "inbound", "cid_num": "1000", "dest": "9196"}
    text = shown(Top(), figures, [call], 1.0)
    assert "up 61 s   4 sessions of 1000" in text
    assert "2 bridged" in text
    assert "12.3 ms p99" in text
    lines = {line.split()[0]: line.split() for line in text.splitlines() if line.strip()}
    assert lines["trunk"][1:3] == ["gateway", "DOWN"]
    assert "17" in text
    assert lines["now"] == ["now", "inbound", "1000", "9196"]


def test_rates_come_from_the_look_before() -> None:
    top = Top()
    shown(top, [figure("sessions_started_total", 10), figure("events_total", 100)], [], 10.0)
    text = shown(top, [figure("sessions_started_total", 20), figure("events_total", 300)], [], 12.0)
    assert "5.0 new a second" in text
    assert "100 events/s" in text


def test_a_first_look_has_no_rates() -> None:
    assert "0.0 new a second" in shown(Top(), [figure("sessions_started_total", 10)], [], 10.0)
