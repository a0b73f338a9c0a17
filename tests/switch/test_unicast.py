from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import unicast
from softswitch.switch.session import Session
from softswitch.switch.unicast import Unicast, UnicastError
from tests.support.engine import FakeEngine, far_end
from tests.support.stream import FakeStream
from tests.support.switch import Bench, bench, extension

HELD = extension("1", "sleep 60000")


def streams_of(b: Bench, session: Session) -> list[FakeStream]:
    """Those that are not the call's own."""
    native = b.switch.engine._native
    assert isinstance(native, FakeEngine)
    return [one for one in native.streams.values() if one.id != session.media.id]


async def begun(b: Bench) -> Session:
    session = b.call("1")
    await b.after(0.1)
    return session


async def test_what_the_party_says_goes_to_the_socket_and_what_comes_is_heard(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, HELD) as b:
        session = await begun(b)
        local = await unicast.start(session, Unicast(remote=("127.0.0.1", 9000)))
        assert local == ("127.0.0.1", 8025)
        assert "pre_answer" in session.leg.verbs  # type: ignore[attr-defined]
        [stream] = streams_of(b, session)
        assert stream.parameters is not None
        assert stream.parameters.bare and not stream.parameters.symmetric
        assert stream.parameters.remote_address == ("127.0.0.1", 9000)
        assert [(one.name, one.clock_rate) for one in stream.parameters.codecs] == [("L16", 8000)]
        call = far_end(session.media)
        flows = {(one.source.id, one.target.id) for one in call.feeds.values()}
        assert flows == {(call.id, stream.id), (stream.id, call.id)}
        assert [bug.target for bug in session.bugs] == ["127.0.0.1:8025->127.0.0.1:9000"]
        session.hangup()
        await b.ended(session)
        assert stream.closed and not session.bugs


async def test_a_second_one_takes_the_place_of_the_first(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = await begun(b)
        await unicast.start(session, Unicast())
        await unicast.start(session, Unicast())
        assert len(streams_of(b, session)) == len(session.bugs) == 1
        session.hangup()
        await b.ended(session)


async def test_it_ends_when_the_call_moves_on(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD, extension("2", "sleep 1000")) as b:
        session = await begun(b)
        await unicast.start(session, Unicast())
        await b.switch.run_command(f"uuid_transfer {session.uuid} 2")
        await b.after(0.1)
        assert not streams_of(b, session) and not session.bugs
        session.hangup()
        await b.ended(session)


async def test_native_sound_is_in_the_calls_own_codec(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        session = await begun(b)
        with pytest.raises(UnicastError, match="no codec"):
            await unicast.start(session, Unicast(native=True))
        session.channel.read_codec = ("G722", 16000, 64000)
        session.set("rtp_use_codec_rate", "8000")
        session.set("rtp_use_codec_ptime", "30")
        await unicast.start(session, Unicast(native=True))
        [stream] = streams_of(b, session)
        assert stream.parameters is not None
        [codec] = stream.parameters.codecs
        assert (codec.name, codec.clock_rate, codec.ptime) == ("G722", 8000, 30)
        await unicast.start(session, Unicast())
        [stream] = streams_of(b, session)
        assert stream.parameters is not None
        assert stream.parameters.codecs[0].clock_rate == 16000
        session.channel.read_codec = ("G729", 8000, 8000)
        with pytest.raises(UnicastError, match="G729 can only be passed on"):
            await unicast.start(session, Unicast(native=True))
        session.hangup()
        await b.ended(session)


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path, HELD) as b:
        one, other = await begun(b), await begun(b)
        await unicast.start(one, Unicast())
        with pytest.raises(UnicastError, match=r"127\.0\.0\.1:8025 cannot be used"):
            await unicast.start(other, Unicast())
        assert not other.bugs
        for session in (one, other):
            session.hangup()
            await b.ended(session)
