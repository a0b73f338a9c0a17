"""Programs that are not ours: whether they are there, starting and ending them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

PACKAGES = {
    "baresip": "baresip-core",
    "sipp": "sip-tester",
    "sipsak": "sipsak",
    "linphonec": "linphone-cli",
    "fail2ban-regex": "fail2ban",
}
"""The Debian package of each program."""


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where the program is not installed, and say how to install it."""
    package = PACKAGES.get(program, program)
    return pytest.mark.skipif(
        shutil.which(program) is None,
        reason=f"{program} is not installed (apt-get install {package})",
    )


@asynccontextmanager
async def running(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program that writes what it says into ``log`` and is ended with the block."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment) if environment is not None else None,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
