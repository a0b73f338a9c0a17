"""The live view of ``softswitch top``: figures of a running switch as a screen of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

Figures = Iterable[Mapping[str, Any]]


@dataclass(slots=True)
class Top:
    """Makes a screen of each set of figures; rates come from the set before."""

    _before: dict[str, float] = field(default_factory=dict)
    _before_at: float = 0.0

    def screen(self, figures: Figures, calls: list[Mapping[str, str]], now: float) -> Group:
        """What to show: the switch, its profiles and gateways, and its newest calls."""
        values: dict[str, float] = {}
        by_name: dict[str, list[Mapping[str, Any]]] = {}
        for figure in figures:
            by_name.setdefault(figure["name"], []).append(figure)
            values[_key(figure)] = figure["value"]
        elapsed = now - self._before_at
        rates = {
            key: (value - self._before[key]) / elapsed
            for key, value in values.items()
            if key in self._before and elapsed > 0
        }
        self._before, self._before_at = values, now
        parts = [self._head(values, rates), _profiles(by_name, rates), _calls(calls)]
        return Group(*(part for part in parts if part is not None))

    def _head(self, values: dict[str, float], rates: dict[str, float]) -> Text:
        lag = values.get("loop_lag_seconds{quantile=0.99}", 0.0) * 1000
        most = values.get("loop_lag_seconds{quantile=1}", 0.0) * 1000
        packets = rates.get("media_packets_received", 0.0)
        text = Text()
        text.append(
            f"up {int(values.get('uptime_seconds', 0))} s   "
            f"{values.get('sessions', 0):.0f} sessions of {values.get('sessions_max', 0):.0f}"
            f" (peak {values.get('sessions_peak', 0):.0f})   "
            f"{values.get('bridges', 0):.0f} bridged   "
            f"{rates.get('sessions_started_total', 0):.1f} new a second\n"
        )
        text.append("loop lag ")
        text.append(f"{lag:.1f} ms", style="red" if lag > 20 else "green")
        text.append(f" p99, {most:.1f} ms at most   {values.get('tasks', 0):.0f} tasks   ")
        text.append(f"{rates.get('events_total', 0):.0f} events/s   ")
        text.append(f"{values.get('media_live_streams', 0):.0f} streams   {packets:.0f} packets/s")
        return text


def _key(figure: Mapping[str, Any]) -> str:
    labels = ",".join(f"{name}={value}" for name, value in figure["labels"].items())
    return f"{figure['name']}{{{labels}}}" if labels else str(figure["name"])


def _profiles(by_name: dict[str, list[Mapping[str, Any]]], rates: dict[str, float]) -> Table | None:
    if "sip_calls_total" not in by_name:
        return None
    table = Table("profile", "direction", "calls", "failed", "a second", box=None, pad_edge=False)
    failed = {_key(one).partition("{")[2]: one for one in by_name["sip_calls_failed_total"]}
    for figure in by_name["sip_calls_total"]:
        labels, key = figure["labels"], _key(figure)
        table.add_row(
            labels["profile"],
            labels["direction"],
            f"{figure['value']:.0f}",
            f"{failed[key.partition('{')[2]]['value']:.0f}",
            f"{rates.get(key, 0):.1f}",
        )
    for figure in by_name.get("sip_registrations", ()):
        table.add_row(figure["labels"]["profile"], "registered", f"{figure['value']:.0f}", "", "")
    for figure in by_name.get("sip_gateway_up", ()):
        state = "up" if figure["value"] else "DOWN"
        table.add_row(figure["labels"]["gateway"], "gateway", state, "", "")
    return table


def _calls(calls: list[Mapping[str, str]]) -> Table | None:
    if not calls:
        return None
    columns = ("created", "direction", "cid_num", "dest", "callstate", "application", "read_codec")
    table = Table(*columns, box=None, pad_edge=False)
    for call in calls:
        table.add_row(*(call.get(name, "") for name in columns))
    return table
