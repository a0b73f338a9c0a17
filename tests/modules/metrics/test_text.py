from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from softswitch.modules.metrics.text import exposition
from softswitch.switch.measures import Measure


def test_prometheus_own_parser_reads_it() -> None:
    text = exposition(
        [
            Measure("calls_total", "Calls.", 3, {"direction": "in"}, counter=True),
            Measure("calls_total", "Calls.", 4, {"direction": 'o"u\\t\n'}, counter=True),
            Measure("sessions", "Sessions.", 2.5),
        ]
    ).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    calls = families["softswitch_calls"]
    assert (calls.type, calls.documentation) == ("counter", "Calls.")
    assert {sample.labels["direction"]: sample.value for sample in calls.samples} == {
        "in": 3,
        'o"u\\t\n': 4,
    }
    [sessions] = families["softswitch_sessions"].samples
    assert sessions.value == 2.5
