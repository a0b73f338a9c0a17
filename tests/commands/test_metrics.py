from __future__ import annotations

import json
from pathlib import Path

from tests.support.switch import bench


async def test_figures_are_told_as_json_all_or_by_name(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        figures = json.loads(await b.switch.run_command("metrics"))
        assert {"sessions", "loop_lag_seconds", "events_total"} <= {f["name"] for f in figures}
        some = json.loads(await b.switch.run_command("metrics loop_"))
        assert {f["name"] for f in some} == {"loop_lag_seconds"}
        assert some[0]["labels"] == {"quantile": "0.5"}
        assert await b.switch.run_command("metrics nothing") == "[]\n"
