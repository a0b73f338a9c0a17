"""baresip as a test's phone: its configuration, and its control by JSON over TCP."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.audio import tone, write_wav
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.programs import running
from tests.support.server import until

CONFIG = """poll_method epoll
sip_listen 127.0.0.1:0
call_local_timeout 30
audio_player aubridge,nowhere
audio_source aufile,{folder}/speech.wav
audio_alert aubridge,alert
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
audio_level no
rtp_ports 43000-47000
net_interface 127.0.0.1
module_path {modules}
module g711.so
module g722.so
module g726.so
module gsm.so
module l16.so
module opus.so
module srtp.so
module sndfile.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}
"""
VIDEO = """module vp8.so
module fakevideo.so
video_source fakevideo,nil
video_display fakevideo,nil
video_size 352x288
video_bitrate 256000
video_fps 15
"""
MODULES = (Path("/usr/lib/baresip/modules"), Path("/usr/local/lib/baresip/modules"))


class Baresip:
    """One running baresip that says a steady tone and keeps what it hears."""

    def __init__(self, folder: Path, reader: asyncio.StreamReader, writer: Any) -> None:
        self.folder = folder
        self.events: list[dict[str, Any]] = []
        self._reader, self._writer = reader, writer
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._tokens = itertools.count(1)
        self._listening = asyncio.get_running_loop().create_task(self._listen())

    async def do(self, command: str, parameters: str = "") -> str:
        """Run one of baresip's commands (``dial``, ``hangup``, ``accept`` …)."""
        token = str(next(self._tokens))
        answer = self._answers[token] = asyncio.get_running_loop().create_future()
        text = json.dumps({"command": command, "params": parameters, "token": token}).encode()
        self._writer.write(b"%d:%b," % (len(text), text))
        async with asyncio.timeout(PATIENCE):
            result = await answer
        assert result["ok"], f"baresip {command} {parameters}: {result}"
        return str(result.get("data", ""))

    async def expect(self, kind: str) -> dict[str, Any]:
        """Wait for the first event of that type, e.g. ``CALL_ESTABLISHED``."""
        await until(
            lambda: any(event["type"] == kind for event in self.events),
            f"{kind} of baresip",
            PATIENCE,
            then=lambda: f"but {[event['type'] for event in self.events]}\n{self.log()}",
        )
        return next(event for event in self.events if event["type"] == kind)

    async def expect_said(self, text: str) -> None:
        """Wait until it says something, such as what came of its registration."""
        await until(lambda: text in self.log(), text, PATIENCE, then=self.log)

    def log(self) -> str:
        """What it said so far."""
        return (self.folder / "log").read_text(errors="replace")

    def heard(self) -> Path:
        """The recording of what it heard in its last call."""
        recordings = sorted(self.folder.glob("dump-*-dec.wav"))
        assert recordings, f"baresip recorded nothing:\n{self.log()}"
        return recordings[-1]

    async def _listen(self) -> None:
        try:
            while True:
                size = int((await self._reader.readuntil(b":"))[:-1])
                message = json.loads((await self._reader.readexactly(size + 1))[:-1])
                if message.get("event"):
                    self.events.append(message)
                elif message.get("token") in self._answers:
                    self._answers.pop(message["token"]).set_result(message)
        except asyncio.IncompleteReadError:
            return

    async def close(self) -> None:
        """Let it unregister and end."""
        self._writer.write(b'18:{"command":"quit"},')
        async with asyncio.timeout(PATIENCE):
            await self._listening
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def baresip(
    folder: Path,
    account: str,
    *,
    says: float,
    seconds: int = 30,
    believes: Path | None = None,
    modules: tuple[str, ...] = (),
    contacts: str = "",
    video: bool = False,
) -> AsyncIterator[Baresip]:
    """Start baresip with one account (``<sip:…>;auth_pass=…``) that says a tone of ``says`` Hz.

    By TLS it talks only to whom the certificates in ``believes`` vouch for. ``video`` gives it a
    camera that films nothing, and VP8.
    """
    control = free_port()
    more = f"sip_cafile {believes}\n" if believes else ""
    more += "".join(f"module_app {name}.so\n" for name in modules)
    more += VIDEO if video else ""
    _prepare(folder, account, control, more)
    (folder / "contacts").write_text(contacts)
    write_wav(folder / "speech.wav", tone(says, seconds * 1000))
    async with running(["baresip", "-f", folder], folder / "log"):
        phone = Baresip(folder, *await _connect(control))
        try:
            yield phone
        finally:
            await phone.close()


def _prepare(folder: Path, account: str, control: int, more: str) -> None:
    folder.mkdir()
    modules = next((path for path in MODULES if path.is_dir()), MODULES[0])
    config = CONFIG.format(folder=folder, control=control, modules=modules)
    (folder / "config").write_text(config + more)
    (folder / "accounts").write_text(f"{account}\n")


async def _connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
