"""baresip behind each kind of NAT: registered, calling, called, heard."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

import pytest

from softswitch.config import secrets
from tests.support.audio import heard_tone, tone, write_wav
from tests.support.baresip import CONFIG, MODULES
from tests.support.nat import (
    INSIDE,
    OUTSIDE,
    PHONE_PORTS,
    ROUTER,
    SHIFT,
    House,
    Kind,
    house,
    needs_namespaces,
)
from tests.support.patience import PATIENCE
from tests.support.process import ROOT
from tests.support.programs import needs, running
from tests.support.server import until

pytestmark = [needs("baresip"), *needs_namespaces, pytest.mark.slow]
SAYS = 440


class Switch:
    """A switch with the shipped configuration in a namespace."""

    def __init__(self, folder: Path, network: House, namespace: str = "") -> None:
        self.folder = folder
        self.network = network
        self._namespace = namespace or network.outside

    @property
    def password(self) -> str:
        return secrets.read(self.folder / "data")["default_password"]

    async def api(self, line: str) -> str:
        """The answer of a console command, asked from within."""
        command = [sys.executable, "-m", "softswitch", "console", "-x", line]
        command += ["--data", str(self.folder / "data")]
        process = await asyncio.create_subprocess_exec(
            *self.network.within(self._namespace, *command), stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate()
        return out.decode()

    async def until(self, line: str, text: str) -> str:
        """Ask again until the answer has that text."""
        for _ in range(100):
            answer = await self.api(line)
            if text in answer:
                return answer
            await asyncio.sleep(0.1)
        raise AssertionError(f"{line}: {answer}")


def prepare_switch(
    folder: Path, network: House, *, own: str = OUTSIDE, namespace: str = ""
) -> list[str]:
    """Its configuration, and the command that runs it."""
    shutil.copytree(ROOT / "conf", folder / "conf")
    variables = folder / "conf" / "vars.xml"
    text = variables.read_text()
    usual = "bind_address=$${local_ip_v4}"
    assert usual in text
    variables.write_text(text.replace(usual, f"bind_address={own}"))
    arguments = ["--conf", str(folder / "conf"), "--data", str(folder / "data")]
    command = [sys.executable, "-m", "softswitch", "run", *arguments]
    return network.within(namespace or network.outside, *command)


def prepare_phone(folder: Path, password: str, *, own: str = INSIDE, server: str = OUTSIDE) -> None:
    """The folder of a baresip that answers by itself and says a tone."""
    folder.mkdir()
    modules = next(path for path in MODULES if path.is_dir())
    text = CONFIG.format(folder=folder, control=4444, modules=modules)
    text = text.replace("sip_listen 127.0.0.1:0", f"sip_listen {own}:5060")
    text = text.replace("rtp_ports 43000-47000", f"rtp_ports {PHONE_PORTS[1]}-{PHONE_PORTS[-1]}")
    text = "".join(line for line in text.splitlines(True) if "net_interface" not in line)
    (folder / "config").write_text(text)
    account = f"<sip:1000@{server}>;auth_pass={password};answermode=auto;audio_codecs=pcmu"
    (folder / "accounts").write_text(f"{account};regint=600\n")
    (folder / "contacts").write_text("")
    write_wav(folder / "speech.wav", tone(SAYS, 60_000))


OPTIONS = """
import socket
phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
phone.bind(("{own}", 0))
phone.settimeout(5)
phone.connect(("{host}", {port}))
phone.send((
    "OPTIONS sip:1000@{host} SIP/2.0\\r\\nVia: SIP/2.0/UDP {own}:%d;branch=z9hG4bK1;rport\\r\\n"
    "Max-Forwards: 70\\r\\nFrom: <sip:x@{own}>;tag=1\\r\\nTo: <sip:1000@{host}>\\r\\n"
    "Call-ID: 1\\r\\nCSeq: 1 OPTIONS\\r\\nContent-Length: 0\\r\\n\\r\\n"
    % phone.getsockname()[1]
).encode())
print(phone.recv(4096).decode())
"""
"""A stranger outside who knows the port of a mapping."""


async def stranger_is_let_in(network: House) -> bool:
    """Whether the phone hears a request from a port that it never sent to."""
    script = OPTIONS.format(own=OUTSIDE, host=ROUTER, port=PHONE_PORTS[0] + SHIFT)
    process = await asyncio.create_subprocess_exec(
        *network.within(network.outside, sys.executable, "-c", script),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    return out.startswith(b"SIP/2.0 ")


@pytest.mark.parametrize("kind", Kind)
async def test_a_phone_behind_nat_calls_and_is_called(tmp_path: Path, kind: Kind) -> None:
    async with house(kind) as network:
        switch = Switch(tmp_path, network)
        log = tmp_path / "log"
        async with running(prepare_switch(tmp_path, network), log) as process:
            await until(lambda: " is up after " in log.read_text(), "the switch", PATIENCE,
                        log.read_text)  # fmt: skip
            phone = tmp_path / "phone"
            prepare_phone(phone, switch.password)
            dial = ["baresip", "-f", str(phone), "-e", f"/dial sip:9196@{OUTSIDE}"]
            async with running(network.within(network.inside, *dial), phone / "log") as baresip:
                contact = await switch.until(f"sofia_contact */1000@{OUTSIDE}", "fs_nat=yes")
                assert "sip:1000" in contact and f"@{INSIDE}:5060" in contact
                assert f"fs_path=sip%3A{ROUTER}%3A" in contact
                if kind is Kind.FULL_CONE:
                    assert f"{ROUTER}%3A{PHONE_PORTS[0] + SHIFT}" in contact
                    assert await stranger_is_let_in(network)
                await switch.until("show calls count", "1 total")
                # What is heard takes its time.
                await asyncio.sleep(2)
                # The BYE finds its way in, and so does a call.
                await switch.api("hupall")
                await switch.until("show channels count", "0 total")
                answer = await switch.api(f"originate user/1000@{OUTSIDE} &echo()")
                assert answer.startswith("+OK"), answer
                await asyncio.sleep(2)
                await switch.api("hupall")
                await switch.until("show channels count", "0 total")
                baresip.terminate()
                await baresip.wait()
            recordings = sorted(phone.glob("dump-*-dec.wav"))
            assert len(recordings) == 2, (phone / "log").read_text()
            for recording in recordings:
                assert heard_tone(recording, SAYS, at_least_ms=500)
            process.terminate()
            await process.wait()
        assert "Traceback" not in log.read_text()
