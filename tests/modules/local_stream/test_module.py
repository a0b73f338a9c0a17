from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.media.source import SourceError
from softswitch.modules.local_stream.module import LocalStreams
from tests.support.switch import bench

CONF = """<configuration name="local_stream.conf">
<directory name="moh/16000" path="{0}"><param name="rate" value="16000"/></directory>
<directory name="moh" path="{0}"/><directory name="default" path="{0}"/>
</configuration>"""


@pytest.mark.virtual_time
async def test_stations_are_found_by_name_rate_and_at_last_the_default(tmp_path: Path) -> None:
    async with bench(tmp_path, configuration=CONF.format(tmp_path)) as b:
        streams = LocalStreams()
        await streams.start(b.switch)
        engine = b.switch.engine
        for name, rate, opened in [
            ("moh", 16000, "live 16000"),
            ("moh", 48000, "live 8000"),
            ("jazz", 8000, "live 8000"),
        ]:
            source = await engine.open_source(f"local_stream://{name}", rate)
            assert source.parts[0].description == opened  # type: ignore[attr-defined]
        await streams.end("default")
        with pytest.raises(SourceError, match="no such station"):
            await engine.open_source("local_stream://jazz")
        assert not await streams.end("jazz") and not streams.begin("jazz")
        assert streams.begin("default") and streams.begin("default")
        await streams.stop()
        with pytest.raises(SourceError):
            await engine.open_source("local_stream://moh")
