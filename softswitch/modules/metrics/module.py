"""The module ``mod_metrics``: ``/metrics`` for Prometheus and ``/healthz`` for supervisors."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web

from softswitch.modules.metrics.settings import MetricsSettings, read_settings
from softswitch.modules.metrics.text import exposition
from softswitch.net.listening import ListenError, listening
from softswitch.registry import module
from softswitch.switch.measures import measures

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


@module("mod_metrics", settings=MetricsSettings)
class Metrics:
    """Shows the figures of the switch to programs that watch it."""

    def __init__(self) -> None:
        self._switch: Switch | None = None
        self._settings = MetricsSettings()
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Where it listens; None while it does not run."""
        if self._runner is None:
            return None
        host, port = self._runner.addresses[0][:2]
        return str(host), int(port)

    async def start(self, switch: Switch) -> None:
        """Listen. Raises ListenError where the address cannot be had."""
        self._switch = switch
        self._settings, _ = read_settings(switch.generation.configuration)
        application = web.Application()
        application.router.add_get("/metrics", self._metrics)
        application.router.add_get("/healthz", self._health)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            host, port = self._settings.listen_ip, self._settings.listen_port
            with listening("tcp", (host, port)):
                await web.TCPSite(runner, host, port).start()
        except ListenError:
            await runner.cleanup()
            raise
        self._runner = runner
        log.info("figures are shown at http://%s:%d/metrics", *runner.addresses[0][:2])

    async def stop(self) -> None:
        """Close the listener. Idempotent."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        assert self._switch is not None
        body = exposition(measures(self._switch))
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _health(self, _request: web.Request) -> web.Response:
        """200 while calls are taken and the loop is on time, else 503 with the reasons."""
        problems = list(self._problems())
        report = {"status": "unwell" if problems else "ok", "problems": problems}
        return web.json_response(report, status=503 if problems else 200)

    def _problems(self) -> list[str]:
        assert self._switch is not None
        switch = self._switch
        problems = []
        if switch.stop_requested.is_set():
            problems.append("the switch is stopping")
        elif switch.admission.paused_inbound:
            problems.append("no calls are taken: fsctl pause")
        if switch.admission.full:
            problems.append(f"all {switch.admission.max_sessions} sessions are in use")
        most = dict(switch.pulse.lags())["1"]
        if most >= self._settings.most_lag:
            problems.append(f"the loop was {most:.1f} s late in the last minute")
        return problems
