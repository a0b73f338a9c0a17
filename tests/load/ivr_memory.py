"""Thousands of callers through a menu, in virtual time: memory must stay level.

    .venv/bin/python -m tests.load.ivr_memory --calls 20000

Callers come ten at a time, type wrong and right choices or nothing, and hang up or are sent on.
After the first tenth the objects and blocks of the interpreter are counted, and at the end again:
growth beyond a handful for all later calls together is a leak, and ends the run with status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import tempfile
from pathlib import Path

from tests.support.audio import tone, write_wav
from tests.support.loop import VirtualTimeLoop
from tests.support.switch import Bench, _callers, bench, extension

AT_ONCE = 10
MOST_OBJECTS, MOST_BLOCKS = 50, 5000
"""What all calls after the first tenth may leave behind together: caches that fill late."""
MENU = """<configuration name="ivr.conf"><menus>
<menu name="main" greet-long="phrase:hello" greet-short="press.wav" invalid-sound="press.wav"
 exit-sound="press.wav" timeout="2000" inter-digit-timeout="500" max-failures="2" max-timeouts="2"
 digit-len="2">
<entry action="menu-exec-app" digits="1" param="transfer 2 XML default"/>
<entry action="menu-sub" digits="2" param="below"/>
<entry action="menu-exec-app" digits="/^(3.)$/" param="transfer 2 XML default"/>
</menu>
<menu name="below" greet-long="press.wav" timeout="1000" max-timeouts="1">
<entry action="menu-back" digits="*"/></menu>
</menus></configuration>"""
PHRASES = """<language name="en" say-module="en"><phrases><macros>
<macro name="hello"><input pattern="(.*)"><match>
<action function="play-file" data="press.wav"/>
<action function="say" data="42" method="pronounced" type="number"/>
</match></input></macro></macros></phrases></language>"""
ROUTES = (
    extension("1", "answer", "ivr main", "set after=yes"),
    extension("2", "answer", "sleep 500"),
)
SCRIPTS = ("digit:1@1", "digit:9@1 digit:9@2", "digit:2@1 digit:*@4", "digit:3@1 digit:4@1.2",
           "", "hangup@1", "hangup@0.1")  # fmt: skip


async def measure(folder: Path, calls: int) -> tuple[int, int]:
    """Objects and blocks that the last nine tenths of the calls left behind."""
    (folder / "sounds").mkdir()
    write_wav(folder / "sounds" / "press.wav", tone(440, 300))
    async with bench(folder, *ROUTES, configuration=MENU, languages=PHRASES) as b:
        await _call(b, max(calls // 10, len(SCRIPTS) * AT_ONCE))
        objects, blocks = _counted(b)
        await _call(b, calls * 9 // 10)
        later_objects, later_blocks = _counted(b)
    return later_objects - objects, later_blocks - blocks


async def _call(b: Bench, calls: int) -> None:
    for first in range(0, calls, AT_ONCE):
        for number in range(first, first + AT_ONCE):
            b.call("1", script=SCRIPTS[number // AT_ONCE % len(SCRIPTS)])
        await b.after(30)
        assert not b.switch.sessions
        # What the bench keeps for tests to look at.
        b.events.clear()
        _callers.clear()
        b.legs.legs.clear()


def _counted(b: Bench) -> tuple[int, int]:
    gc.collect()
    return len(gc.get_objects()), sys.getallocatedblocks()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    calls = parser.parse_args().calls
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        objects, blocks = runner.run(measure(Path(folder), calls))
    print(f"{calls} calls: {objects:+} objects, {blocks:+} blocks after the first tenth")
    return int(objects > MOST_OBJECTS or blocks > MOST_BLOCKS)


if __name__ == "__main__":
    sys.exit(main())
