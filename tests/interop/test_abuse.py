"""Connections by the hundred that say nothing, or nonsense: phones go on working meanwhile."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from tests.support.patience import PATIENCE
from tests.support.ports import FIRST_MEDIA_PORT
from tests.support.process import SwitchProcess, phone_of, shipped_switch
from tests.support.server import until

CONNECTIONS = int(os.environ.get("SOFTSWITCH_ABUSE", "150"))
"""Connections of each of two sources."""
DESCRIPTORS = 600
"""What the switch may have open: less than a third of what is thrown at it."""
SLOW = b"OPTIONS sip:x@y SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK"
GIANT = b"OPTIONS sip:x@y SIP/2.0\r\nX-Long: " + b"a" * 300_000
NONSENSE = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 600
WEB = b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "


class Crowd:
    """Connections that are opened for nothing."""

    def __init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []

    async def come(self, port: int, said: bytes) -> None:
        """Connect as often as is allowed, from two addresses, and say that."""
        for source in ("127.0.0.2", "127.0.0.3"):
            for _ in range(CONNECTIONS // 2):
                with suppress(ConnectionError):
                    _, writer = await asyncio.open_connection(
                        "127.0.0.1", port, local_addr=(source, 0)
                    )
                    writer.write(said)
                    self._writers.append(writer)

    async def go(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        for writer in self._writers:
            with suppress(ConnectionError):
                await writer.wait_closed()
        self._writers.clear()


async def call_is_heard(switch: SwitchProcess, engine: MediaEngine) -> None:
    """A phone registers, calls, and hears itself."""
    phone = await phone_of(engine, switch)
    try:
        async with asyncio.timeout(PATIENCE):
            await phone.register()
            call = phone.call("9196")
            await call.expect_answer()
            await call.play("tone_stream://%(100000,0,440);loops=-1")
            await call.hear(440)
            call.hangup()
    finally:
        await phone.close()


async def test_phones_work_while_others_open_connections_for_nothing(tmp_path: Path) -> None:
    engine = MediaEngine(
        asyncio.get_running_loop(),
        Engine(rtp_start_port=FIRST_MEDIA_PORT + 500, rtp_end_port=FIRST_MEDIA_PORT + 999),
    )
    crowd = Crowd()
    limited = ["prlimit", f"--nofile={DESCRIPTORS}"]
    try:
        async with shipped_switch(tmp_path, tls=True, web_sockets=True, prefix=limited) as switch:
            for port in (switch.sip_port, switch.tls_port, switch.ws_port):
                for said in (b"", SLOW, GIANT, NONSENSE, WEB):
                    await crowd.come(port, said)
                await call_is_heard(switch, engine)
                assert switch.descriptors < DESCRIPTORS
                await crowd.go()
            await until(
                lambda: switch.descriptors < 100, "the end of all connections", PATIENCE,
                lambda: switch.descriptors,
            )  # fmt: skip
            await call_is_heard(switch, engine)
    finally:
        await crowd.go()
        engine.close()
