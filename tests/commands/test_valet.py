"""The command ``valet_info``."""

from __future__ import annotations

from pathlib import Path

from tests.support.switch import bench, extension


async def test_lots_and_their_calls_are_listed(tmp_path: Path) -> None:
    async with bench(
        tmp_path, extension("1", "valet_park a&amp;b 6001"), extension("2", "valet_park c 7")
    ) as b:
        run = b.switch.run_command
        assert await run("valet_info") == "<lots>\n</lots>\n"
        one, two = b.call("1"), b.call("2")
        await b.after(1)
        first = (
            f'  <lot name="a&amp;b">\n    <extension uuid="{one.uuid}">6001</extension>\n  </lot>\n'
        )
        second = f'  <lot name="c">\n    <extension uuid="{two.uuid}">7</extension>\n  </lot>\n'
        assert await run("valet_info") == f"<lots>\n{first}{second}</lots>\n"
        assert await run("valet_info c") == f"<lots>\n{second}</lots>\n"
        assert await run("valet_info nowhere") == "<lots>\n</lots>\n"
        one.hangup()
        two.hangup()
