"""Linphone's phone for terminals, which says a tone from a file and records what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.audio import tone, write_wav
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.server import until

CONFIG = """[sip]
sip_port={sip}
sip_tcp_port=-1
sip_tls_port=-1
guess_hostname=1
[rtp]
audio_rtp_port={rtp}
"""


class Linphone:
    """One running linphonec."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.folder = folder
        self._process = process

    def say(self, line: str) -> None:
        """Type a line of its own commands (``call``, ``answer``, ``terminate`` …)."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def expect(self, text: str) -> None:
        """Wait until it says something."""
        await until(lambda: text in self.log(), text, PATIENCE, then=self.log)

    def log(self) -> str:
        """What it said so far."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def heard(self) -> Path:
        """The recording of what it hears."""
        return self.folder / "heard.wav"


@asynccontextmanager
async def linphone(folder: Path, *, says: float, seconds: int = 30) -> AsyncIterator[Linphone]:
    """Start a phone that says a tone of ``says`` Hz."""
    (folder / ".local" / "share" / "linphone").mkdir(parents=True)
    config = folder / "linphonerc"
    config.write_text(CONFIG.format(sip=free_port(), rtp=free_port()))
    write_wav(folder / "speech.wav", tone(says, seconds * 1000))
    with (folder / "log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("linphonec", "-c", str(config)),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        )
    phone = Linphone(folder, process)
    try:
        await phone.expect("linphonec>")
        phone.say("soundcard use files")
        phone.say(f"play {folder / 'speech.wav'}")
        phone.say(f"record {phone.heard}")
        yield phone
    finally:
        if process.returncode is None:
            # It does not listen while it asks for a password.
            process.terminate()
            try:
                async with asyncio.timeout(5):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
