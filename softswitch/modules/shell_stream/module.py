"""The module ``mod_shell_stream``: plays what a program writes. Not loaded unless wanted."""

from __future__ import annotations

import asyncio
import logging
import shlex
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import TYPE_CHECKING

from softswitch.media.interface import NativeLive, NativeSource
from softswitch.media.source import FileRequest, SourceError
from softswitch.registry import module

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

SCHEME = "shell_stream"
PIECE_MS = 100
AHEAD_SECONDS = 1.0
"""How far a program is read in front of the clock."""
UNHEARD_SECONDS = 10.0
"""A program that nobody has begun to hear for so long is ended."""


@module("mod_shell_stream")
class ShellStreams:
    """``shell_stream://<program> <arguments>``: 16-bit samples at the listener's rate, mono.

    The program is run without a shell; it finds the rate in the variable ``SAMPLE_RATE``.
    """

    def __init__(self) -> None:
        self._switch: Switch | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def start(self, switch: Switch) -> None:
        """Open such streams from now on."""
        self._switch = switch
        switch.engine.openers[SCHEME] = self.open

    async def stop(self) -> None:
        """End all programs."""
        if self._switch is not None:
            self._switch.engine.openers.pop(SCHEME, None)
        for task in list(self._running):
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def open(self, request: FileRequest) -> NativeSource:
        """Start the program. Raises `SourceError`."""
        switch = self._switch
        assert switch is not None, "it was started"
        try:
            words = shlex.split(request.specification.body)
        except ValueError as error:
            raise SourceError(request.specification, f"{error}.") from None
        if not words:
            raise SourceError(request.specification, "no program is named.")
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "SAMPLE_RATE": str(request.rate)}
        try:
            process = await asyncio.create_subprocess_exec(
                *words, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment
            )
        except OSError as error:
            raise SourceError(request.specification, f"{error.strerror}.") from None
        live = switch.engine.open_live(request.rate)
        task = switch.loop.create_task(
            _pump(process, live, request.rate), name=f"shell_stream {words[0]}"
        )
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        switch.own(task)
        return live.source()


async def _pump(process: Process, live: NativeLive, rate: int) -> None:
    """Hand on what comes with the clock, until the program or its last listener is gone."""
    loop = asyncio.get_running_loop()
    size = 2 * (rate * PIECE_MS // 1000)
    begun, written, heard = loop.time(), 0.0, False
    assert process.stdout is not None, "it was asked for"
    try:
        while True:
            heard = heard or live.listeners > 0
            elapsed = loop.time() - begun
            if live.listeners == 0 and (heard or elapsed > UNHEARD_SECONDS):
                return
            if written > elapsed + AHEAD_SECONDS:
                await asyncio.sleep(PIECE_MS / 1000)
                continue
            try:
                piece = await process.stdout.readexactly(size)
            except asyncio.IncompleteReadError as rest:
                live.write(rest.partial[: len(rest.partial) // 2 * 2], rate)
                return
            live.write(piece, rate)
            written += PIECE_MS / 1000
    finally:
        live.close()
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        # What it wrote and nobody wants is read, or its pipe would stay open.
        await process.stdout.read()
        await process.wait()
