"""kill -9 at any moment: each record of a call that was said to be over is there, once."""

from __future__ import annotations

import asyncio
import csv
import os
import random
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from softswitch.config import secrets
from tests.support.process import SwitchProcess, shipped_switch
from tests.support.server import until

KILLS = int(os.environ.get("SOFTSWITCH_KILLS", "3"))
"""Kills of a run; a hundred by hand."""
RATE = 40
"""Calls a second."""


async def test_each_acknowledged_record_outlives_kills(tmp_path: Path) -> None:
    dice = random.Random(11)
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        async with shipped_switch(tmp_path) as switch:
            await call_until_killed(switch, 0.2 + 1.5 * dice.random(), acknowledged)
    assert len(acknowledged) > KILLS
    async with shipped_switch(tmp_path) as switch:
        for _ in range(200):
            if " 0 waiting" in await switch.api("cdr status"):
                break
            await asyncio.sleep(0.1)
    lines = (tmp_path / "data/log/cdr-csv/Master.csv").read_text().splitlines()
    found = Counter(row[10] for row in csv.reader(lines))
    assert acknowledged - found.keys() == set()
    assert {uuid: count for uuid, count in found.items() if count > 1} == {}


async def call_until_killed(switch: SwitchProcess, after: float, acknowledged: set[str]) -> None:
    """Make short calls, note which are said to be over, and kill the switch."""
    reader, writer = await asyncio.open_connection("127.0.0.1", switch.console_port)
    password = secrets.read(switch.folder / "data")["event_socket_password"]
    writer.write(f"auth {password}\n\nevent plain CHANNEL_HANGUP_COMPLETE\n\n".encode())
    listening = asyncio.get_running_loop().create_task(listen(reader, acknowledged))
    known = len(acknowledged)
    end = asyncio.get_running_loop().time() + after
    while asyncio.get_running_loop().time() < end or len(acknowledged) == known:
        length = random.Random(len(acknowledged)).randrange(1, 400)
        writer.write(f"bgapi originate null/x &sleep({length})\n\n".encode())
        await asyncio.sleep(1 / RATE)
    switch.process.kill()
    await switch.process.wait()
    await until(listening.done, "the end of the connection")
    writer.close()


async def listen(reader: asyncio.StreamReader, acknowledged: set[str]) -> None:
    """Note the calls that are over until the connection is."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = (await reader.readuntil(b"\n\n")).decode()
            length = re.search(r"Content-Length: (\d+)", head)
            body = (await reader.readexactly(int(length[1]))).decode() if length else ""
            over = re.search(r"^Unique-ID: (\S+)", body, re.MULTILINE)
            if over is not None:
                acknowledged.add(over[1])
