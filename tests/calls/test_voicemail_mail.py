"""Mail of messages that are left by phone, to a server that does not always take it."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from softswitch.media.engine import MediaEngine
from tests.support.audio import heard_tone, tone, write_wav
from tests.support.office import leave_message_for_absent
from tests.support.process import SwitchProcess, phone_of, shipped_switch
from tests.support.server import until

pytestmark = pytest.mark.slow

USER = """<include>
<user id="1001"><params>
<param name="password" value="$${default_password}"/>
<param name="vm-mailto" value="bob@example.test"/>
<param name="vm-email-all-messages" value="true"/>
<param name="vm-attach-file" value="true"/>
</params><variables><variable name="user_context" value="default"/></variables></user>
</include>"""


MOST = 1 << 20
"""Bytes of a mail."""


class MailServer:
    """Speaks as much of SMTP as a client needs; refuses for now until it is told to accept."""

    def __init__(self) -> None:
        self.accepts = False
        self.refused = 0
        self.taken: list[bytes] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test\r\n")
        while line := await reader.readline():
            match line.split()[0].upper():
                case b"RCPT" if not self.accepts:
                    self.refused += 1
                    writer.write(b"451 4.3.0 later\r\n")
                case b"DATA":
                    writer.write(b"354 go on\r\n")
                    self.taken.append(await reader.readuntil(b"\r\n.\r\n"))
                    writer.write(b"250 taken\r\n")
                case b"QUIT":
                    writer.write(b"221 bye\r\n")
                    break
                case _:
                    writer.write(b"250 well\r\n")
        writer.close()


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[MailServer, int]]:
    mails = MailServer()
    server = await asyncio.start_server(mails.talk, "127.0.0.1", 0, limit=MOST)
    async with server:
        yield mails, server.sockets[0].getsockname()[1]


async def use(switch: SwitchProcess, port: int) -> None:
    """Have the running switch send mail for 1001, and to that port."""
    (switch.folder / "conf/directory/default/1001.xml").write_text(USER)
    path = switch.folder / "conf/autoload_configs/voicemail.conf.xml"
    path.write_text(re.sub("localhost:25", f"127.0.0.1:{port}", path.read_text()))
    assert "+OK" in await switch.api("reloadxml")


async def test_mail_that_is_refused_for_now_outlives_a_crash(
    tmp_path: Path, engine: MediaEngine
) -> None:
    async with mail_server() as (mails, port):
        async with shipped_switch(tmp_path) as switch:
            await use(switch, port)
            async with await phone_of(engine, switch, "1000") as alice:
                await leave_message_for_absent(alice, "1001")
                await until(lambda: bool(mails.refused), "an attempt", 30)
            switch.process.send_signal(signal.SIGKILL)
        assert len(list((tmp_path / "data/mail").iterdir())) == 1
        mails.accepts = True
        write_wav(tmp_path / "note.wav", tone(880, 4000))
        async with shipped_switch(tmp_path) as switch:
            await use(switch, port)
            # What is new has what waits tried again at once.
            assert await switch.api(f"vm_inject 1001@127.0.0.1 {tmp_path}/note.wav") == "+OK\n"
            await until(lambda: len(mails.taken) == 2, "both mails", 30)
    for frequency, data in zip((440, 880), mails.taken, strict=True):
        (sound,) = [
            part
            for part in message_from_bytes(data).walk()
            if part.get_content_maintype() == "audio"
        ]
        path = tmp_path / f"{frequency}.wav"
        path.write_bytes(sound.get_payload(decode=True))  # type: ignore[arg-type]
        assert heard_tone(path, frequency, at_least_ms=3000)
