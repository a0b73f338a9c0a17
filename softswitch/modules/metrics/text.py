"""Figures as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from softswitch.switch.measures import Measure

PREFIX = "softswitch_"


class _Families(Collector):
    """Measures of one name as one family."""

    def __init__(self, measures: Iterable[Measure]) -> None:
        self._measures = list(measures)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for measure in self._measures:
            family = families.get(measure.name)
            if family is None:
                kind = CounterMetricFamily if measure.counter else GaugeMetricFamily
                family = kind(PREFIX + measure.name, measure.help, labels=list(measure.labels))
                families[measure.name] = family
            assert isinstance(family, CounterMetricFamily | GaugeMetricFamily)
            family.add_metric(list(measure.labels.values()), measure.value)
        return iter(families.values())


def exposition(measures: Iterable[Measure]) -> bytes:
    """All measures in Prometheus' text format (version 0.0.4)."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(measures))
    return generate_latest(registry)
