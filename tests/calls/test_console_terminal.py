"""The console at a terminal, against a running switch: what hands that know fs_cli type."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from softswitch.config import secrets
from tests.support.patience import PATIENCE
from tests.support.process import SwitchProcess, shipped_switch

pytestmark = pytest.mark.slow

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[>=]|\r")
F2 = "\x1bOQ"


class Terminal:
    """A console with a pseudo-terminal; what it shows is kept without escape sequences."""

    def __init__(self, process: asyncio.subprocess.Process, descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self._screen = ""
        self._came = asyncio.Event()
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._descriptor)
        if b"\x1b[6n" in data:
            # A terminal tells where its cursor is.
            os.write(self._descriptor, b"\x1b[1;1R")
        self._screen += _ESCAPES.sub("", data.decode(errors="replace"))
        self._came.set()

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    async def expect(self, text: str) -> None:
        """Wait until it shows a text after all that was expected before."""
        try:
            async with asyncio.timeout(PATIENCE):
                while text not in self._screen:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"no {text!r} came, but {self._screen[-1500:]!r}") from None
        self._screen = self._screen.partition(text)[2]

    async def enter(self, line: str, *answers: str) -> None:
        self.type(f"{line}\r")
        for answer in answers:
            await self.expect(answer)

    async def ended(self) -> int:
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)


@asynccontextmanager
async def console(switch: SwitchProcess, *options: str) -> AsyncIterator[Terminal]:
    ours, theirs = os.openpty()
    password = secrets.read(switch.folder / "data")["event_socket_password"]
    command = [sys.executable, "-m", "softswitch", "console", "-P", str(switch.console_port)]
    command += ["-p", password, "--data", str(switch.folder / "console"), *options]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=os.environ | {"TERM": "xterm", "HOME": str(switch.folder), "COLUMNS": "200"},
    )
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        terminal.close()


async def test_what_hands_know_works_at_a_terminal(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        async with console(switch, "-U", "-n") as terminal:
            await terminal.expect("Connected to ")
            await terminal.expect(">")
            await terminal.enter("version", "softswitch Version")
            terminal.type(F2)
            await terminal.expect("session(s) since startup")
            await terminal.enter("nosuch thing", "Command not found!")
            await terminal.enter("/event plain CUSTOM my::own", "+OK event listener enabled plain")
            await terminal.enter("/filter Event-Subclass my::own", "+OK filter added.")
            await terminal.enter("/filter delete all", "+OK filter deleted.")
            await terminal.enter("/noevents", "+OK no longer listening for events")
            await terminal.enter("/log 7", "+OK log level 7 [7]")
            await terminal.enter("log warning seen by all", "seen by all")
            await terminal.enter("/uuid 1234", "log lines of 1234")
            await terminal.enter("/uuid", "log lines of all calls")
            await terminal.enter("/logfilter needle", "log lines with 'needle'")
            await terminal.enter("/nolog", "+OK no longer logging")
            await terminal.enter("/nosuch", "/nosuch is not known")
            terminal.type("\x03")
            await terminal.enter("hostname")
            await terminal.enter("/quit")
            assert await terminal.ended() == 0
        assert (tmp_path / "console/console_history").stat().st_mode & 0o077 == 0
        async with console(switch, "-i") as terminal:
            await terminal.expect(">")
            terminal.type("\x03")
            assert await terminal.ended() == 0


async def test_it_comes_back_with_a_switch_that_was_restarted(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch, console(switch, "-rR") as terminal:
        await terminal.expect("Connected to ")
        await terminal.enter("fsctl shutdown", "The connection is lost.")
        async with asyncio.timeout(PATIENCE):
            await switch.process.wait()
        terminal.process.send_signal(signal.SIGINT)
        assert await terminal.ended() == 0
