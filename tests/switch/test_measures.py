from __future__ import annotations

from pathlib import Path

from softswitch.switch.measures import Measure, measures
from tests.support.switch import Bench, bench, extension


def values(b: Bench) -> dict[str, float]:
    return {" ".join([one.name, *one.labels.values()]): one.value for one in measures(b.switch)}


async def test_calls_are_counted_by_direction_and_cause(tmp_path: Path) -> None:
    actions = ("set hangup_after_bridge=true", "bridge test/bob")
    async with bench(tmp_path, extension("1", *actions), extension("2", "hangup USER_BUSY")) as b:
        b.script("bob", "answer@1 hangup@3")
        first = b.call("1")
        await b.after(2)
        now = values(b)
        assert (now["sessions"], now["bridges"], now["sessions_started_total"]) == (2, 1, 2)
        assert (now["answers_total inbound"], now["answers_total outbound"]) == (1, 1)
        await b.ended(first)
        await b.ended(b.call("2"))
        await b.after(1)
        now = values(b)
        assert now["sessions"] == 0
        assert now["hangups_total inbound NORMAL_CLEARING"] == 1
        assert now["hangups_total outbound NORMAL_CLEARING"] == 1
        assert now["hangups_total inbound USER_BUSY"] == 1
        assert now["uptime_seconds"] >= 4
        assert now["events_total"] > 10


async def test_others_add_their_own(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        b.switch.measures.append(lambda: iter([Measure("mine", "help", 7, {"a": "b"})]))
        assert values(b)["mine b"] == 7
