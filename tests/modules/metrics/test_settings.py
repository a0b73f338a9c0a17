from __future__ import annotations

from softswitch.modules.metrics.settings import MetricsSettings


def test_figures_are_for_this_machine_unless_told_otherwise() -> None:
    assert MetricsSettings().listen_ip == "127.0.0.1"
    assert MetricsSettings().listen_port == 9282
