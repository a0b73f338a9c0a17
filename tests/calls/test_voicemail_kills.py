"""kill -9 while messages are left: what a caller was told is saved is there, whole, once."""

from __future__ import annotations

import asyncio
import os
import random
import re
import sqlite3
import wave
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest

from softswitch.config import secrets
from softswitch.media.engine import MediaEngine
from softswitch.phone.call import CallFailed
from softswitch.phone.phone import Phone
from tests.support.process import SwitchProcess, phone_of, shipped_switch
from tests.support.server import until

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("SOFTSWITCH_KILLS", "2"))
"""Kills of a run; sixty by hand."""
CALLERS = 6
"""Who leave one message after another at the same time, each in a mailbox of his own."""
LEAVE = """<include>
<extension name="leave">
<condition field="destination_number" expression="^leave(\\d)$">
<action application="answer"/>
<action application="set" data="skip_greeting=true"/>
<action application="set" data="skip_instructions=true"/>
<action application="set" data="skip_record_check=true"/>
<action application="set" data="skip_record_urgent_check=true"/>
<action application="voicemail" data="default $${domain} 100$1"/>
</condition></extension>
</include>"""


class Told:
    """What the switch says to callers and to programs."""

    def __init__(self) -> None:
        self.saved: set[str] = set()
        """Calls whose callers began to hear that their message is saved."""

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Note it until the connection ends."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\n\n")).decode()
                length = re.search(r"Content-Length: (\d+)", head)
                body = (await reader.readexactly(int(length[1]))).decode() if length else ""
                if re.search(r"^Playback-File-Path: \S*vm-saved", body, re.MULTILINE):
                    found = re.search(r"^Unique-ID: (\S+)", body, re.MULTILINE)
                    assert found is not None, body
                    self.saved.add(found[1])


async def test_each_message_that_was_said_to_be_saved_outlives_kills(
    tmp_path: Path, engine: MediaEngine
) -> None:
    dice = random.Random(7)
    told = Told()
    folder = tmp_path / "conf/dialplan/default"
    folder.mkdir(parents=True)
    (folder / "leave.xml").write_text(LEAVE)
    for _ in range(KILLS):
        async with shipped_switch(tmp_path) as switch:
            await leave_until_killed(switch, engine, told, dice)
    async with shipped_switch(tmp_path) as switch:
        rows = messages(tmp_path)
        for number in range(CALLERS):
            count = await switch.api(f"vm_boxcount 100{number}@127.0.0.1|all")
            assert int(count.partition(":")[0]) == sum(row[0] == f"100{number}" for row in rows)
    assert len(told.saved) >= KILLS
    assert told.saved - {uuid for _, uuid, _, _ in rows} == set()
    counts = Counter(uuid for _, uuid, _, _ in rows)
    assert {uuid: count for uuid, count in counts.items() if count > 1} == {}
    for _, _, path, seconds in rows:
        with wave.open(path) as file:
            assert file.getnframes() // file.getframerate() == seconds, path
            assert len(file.readframes(1 << 24)) == file.getnframes() * file.getsampwidth()


async def leave_until_killed(
    switch: SwitchProcess, engine: MediaEngine, told: Told, dice: random.Random
) -> None:
    """Leave messages, note which are said to be saved, and kill the switch at some moment."""
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", switch.console_port)
    password = secrets.read(switch.folder / "data")["event_socket_password"]
    writer.write(f"auth {password}\n\nevent plain PLAYBACK_START\n\n".encode())
    listening = loop.create_task(told.listen(reader))
    async with await phone_of(engine, switch, "1000") as phone:
        callers = [loop.create_task(leave(phone, number, dice)) for number in range(CALLERS)]
        known = len(told.saved)
        await until(lambda: len(told.saved) > known, "the first message", 60)
        # The kill is at a moment that nothing but chance chooses.
        await asyncio.sleep(4 * dice.random())
        switch.process.kill()
        await switch.process.wait()
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)
    await until(listening.done, "the end of the connection")
    writer.close()


async def leave(phone: Phone, number: int, dice: random.Random) -> None:
    """Leave one message after another."""
    await asyncio.sleep(dice.random())
    while True:
        # The switch may be gone in the middle of it.
        with suppress(CallFailed):
            call = phone.call(f"leave{number}")
            await call.expect_answer()
            await call.hear(640, 30)
            await asyncio.sleep(0.5)
            await call.play_to_end(f"tone_stream://%({3000 + dice.randrange(600)},0,440)")
            call.send_digits("#")
            await call.expect_end(30)


def messages(folder: Path) -> list[tuple[str, str, str, int]]:
    """User, uuid, file and seconds of all messages."""
    (path,) = (folder / "data").rglob("voicemail_default.db")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return list(
            database.execute("SELECT username, uuid, file_path, message_len FROM voicemail_msgs")
        )
