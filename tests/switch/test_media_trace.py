"""Packets of a call in the log."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch.media_trace import trace_media
from softswitch.switch.session import Session
from tests.support.engine import far_end
from tests.support.switch import Bench, bench, extension

pytestmark = pytest.mark.virtual_time

PLAN = extension("1", "answer", "park")
CAME = (False, 172, ("192.0.2.9", 4000), ("192.0.2.9", 4000), 0, 4480, 7, True)
SENT = (True, 172, None, None, 0, 4480, 7, False)


async def _call(running: Bench) -> Session:
    session = running.call("1")
    await running.after(0.01)
    return session


async def test_what_is_not_named_stays_as_it_was(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as running:
        session = await _call(running)
        native = far_end(session.media)
        for wish, on, traced in [
            ("read", True, (True, False)),
            ("WRITE", True, (True, True)),
            ("read", False, (False, True)),
            ("both", False, (False, False)),
            ("all", True, (True, True)),
        ]:
            assert trace_media(session, wish, on)
            assert native.traced == traced


@pytest.mark.parametrize("wish", ["", "v", "sideways", "vread", "vboth"])
async def test_nothing_is_traced_that_is_not_there(tmp_path: Path, wish: str) -> None:
    async with bench(tmp_path, PLAN) as running:
        session = await _call(running)
        assert not trace_media(session, wish, True)
        assert far_end(session.media).traced == (False, False)


async def test_video_is_traced_apart_and_with_all(tmp_path: Path) -> None:
    async with bench(tmp_path, PLAN) as running:
        session = await _call(running)
        session.media.video = running.switch.engine.open_stream("127.0.0.1")
        assert trace_media(session, "vread", True)
        assert far_end(session.media.video).traced == (True, False)
        assert far_end(session.media).traced == (False, False)
        assert trace_media(session, "all", True)
        assert far_end(session.media.video).traced == (True, True)


async def test_a_packet_is_one_line_as_freeswitch_writes_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, PLAN) as running:
        session = await _call(running)
        trace_media(session, "both", True)
        native = far_end(session.media)
        port = native.local_address[1]
        for packet in (CAME, SENT):
            native.pass_packet(*packet)
        await running.after(0.01)
        name = session.channel.name
        local = f"127.0.0.1:{port}"
        came = f"R {name} b= 172 {local} 192.0.2.9:4000 192.0.2.9:4000 pt=0 ts=4480 seq=7 m=1"
        sent = f"W {name} b= 172 {local} :0 :0 pt=0 ts=4480 seq=7 m=0"
        assert came in caplog.text
        assert sent in caplog.text
