"""The switch inside another program: its core as a library."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from softswitch.config.host import sounds_folder
from softswitch.config.store import ConfigurationStore
from softswitch.db.lock import hold
from softswitch.main import make_switch, open_configuration, start
from softswitch.switch.folders import Folders
from softswitch.switch.switch import Switch


class NotStarted(RuntimeError):
    """A profile or module did not come up; the text has a line for each."""


@asynccontextmanager
async def running(conf: Path, data: Path) -> AsyncIterator[Switch]:
    """A switch that runs on the caller's event loop until the block is left.

    It is the one that ``softswitch run`` starts, without its signals, log and terminal. Leaving
    the block hangs up what is up and frees every port.

    Raises ConfigurationErrors for a configuration that cannot be used, OSError where ``data``
    cannot be written or another switch runs on it, `NotStarted` where something did not start.
    """
    loop = asyncio.get_running_loop()
    held, store = await loop.run_in_executor(None, _open, conf, data)
    try:
        switch = make_switch(loop, store, Folders(conf, data, sounds_folder()))
        try:
            if problems := await start(switch):
                raise NotStarted("\n".join(problems))
            yield switch
        finally:
            await switch.shutdown()
    finally:
        os.close(held)


def _open(conf: Path, data: Path) -> tuple[int, ConfigurationStore]:
    """Take the data folder and read the configuration; gives the hold on the folder too."""
    data.mkdir(parents=True, exist_ok=True)
    held = hold(data)
    try:
        return held, open_configuration(conf, data)
    except BaseException:
        os.close(held)
        raise
