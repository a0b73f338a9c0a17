"""The switch as users run it: ``softswitch run`` in a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from softswitch.config import secrets
from softswitch.media.engine import MediaEngine
from softswitch.phone.phone import Phone
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.programs import running
from tests.support.server import until

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class SwitchProcess:
    """A running switch with its addresses and folders."""

    process: asyncio.subprocess.Process
    folder: Path
    sip_port: int
    console_port: int
    tls_port: int
    ws_port: int

    @property
    def certificate(self) -> Path:
        """The certificate that it made for itself."""
        return self.folder / "data" / "tls" / "agent.pem"

    @property
    def password(self) -> str:
        """The generated password of its users."""
        return secrets.read(self.folder / "data")["default_password"]

    @property
    def log(self) -> str:
        """What it said so far."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def resident_kilobytes(self) -> int:
        """Its memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s*(\d+) kB", status)
        assert found is not None, status
        return int(found[1])

    @property
    def processor_seconds(self) -> float:
        """What it has cost so far: unlike the clock, this knows nothing of other programs."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    async def api(self, command: str) -> str:
        """The answer of a console command, asked through the event socket."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.console_port)
        password = secrets.read(self.folder / "data")["event_socket_password"]
        writer.write(f"auth {password}\n\napi {command}\n\n".encode())
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    headers = (await reader.readuntil(b"\n\n")).decode()
                    length = re.search(r"Content-Length: (\d+)", headers)
                    body = await reader.readexactly(int(length[1])) if length else b""
                    if "api/response" in headers:
                        return body.decode()
        finally:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def shipped_switch(
    folder: Path,
    *,
    tls: bool = False,
    web_sockets: bool = False,
    codecs: str = "PCMU,PCMA",
    prefix: Sequence[str] = (),
) -> AsyncIterator[SwitchProcess]:
    """The switch with the configuration that ships, moved to free ports of the loopback.

    ``prefix`` are the words of a command that starts it, such as ``prlimit``.
    """
    conf = folder / "conf"
    shutil.copytree(ROOT / "conf", conf, dirs_exist_ok=True)
    sip_port, external_port, console_port, tls_port, ws_port = (free_port() for _ in range(5))
    _replace(
        conf / "vars.xml",
        ("bind_address=$${local_ip_v4}", "bind_address=127.0.0.1"),
        ("internal_sip_port=5060", f"internal_sip_port={sip_port}"),
        ("external_sip_port=5080", f"external_sip_port={external_port}"),
        ("codec_prefs=OPUS,G722,PCMU,PCMA", f"codec_prefs={codecs}"),
        ("internal_ssl_enable=false", f"internal_ssl_enable={str(tls).lower()}"),
        ("internal_tls_port=5061", f"internal_tls_port={tls_port}"),
    )
    _replace(conf / "autoload_configs" / "event_socket.conf.xml", ('"8021"', f'"{console_port}"'))
    # Its figures are for machines with one switch: tests run several.
    _replace(conf / "autoload_configs/modules.conf.xml", ('<load module="mod_metrics"/>', ""))
    if web_sockets:
        browsers = '<!-- Browsers: <param name="wss-binding" value=":7443"/> -->'
        binding = f'<param name="ws-binding" value=":{ws_port}"/>'
        _replace(conf / "sip_profiles/internal.xml", (browsers, binding))
    command = [*prefix, sys.executable, "-m", "softswitch", "run"]
    arguments = ["--conf", str(conf), "--data", str(folder / "data")]
    log = folder / "log"
    async with running([*command, *arguments], log) as process:
        switch = SwitchProcess(process, folder, sip_port, console_port, tls_port, ws_port)
        await until(lambda: " is up after " in switch.log, "the switch", then=lambda: switch.log)
        yield switch
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(PATIENCE):
            # A test may have killed it.
            assert await process.wait() in (0, -signal.SIGKILL), switch.log
        assert "Traceback" not in switch.log, switch.log


async def phone_of(engine: MediaEngine, switch: SwitchProcess, user: str = "1000") -> Phone:
    """A phone with the generated password."""
    server = ("127.0.0.1", switch.sip_port)
    return await Phone.open(engine, server, user=user, password=switch.password)


def _replace(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text, f"{path.name} has no {old}"
        text = text.replace(old, new)
    path.write_text(text)
