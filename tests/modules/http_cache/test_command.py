from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from tests.support.switch import bench


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    "line",
    [
        "http_get http://x/",
        "http_tryget http://x/",
        "http_prefetch http://x/",
        "http_put http://x/ /y",
        "http_remove_cache http://x/",
        "http_clear_cache",
    ],
)
async def test_without_the_module_commands_say_so(tmp_path: Path, line: str) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(line) == "-ERR mod_http_cache is not loaded\n"
