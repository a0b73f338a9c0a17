"""The compiled engine on real sockets: packets in, packets and events out."""

from __future__ import annotations

import array
import gc
import itertools
import os
import select
import socket
import statistics
import struct
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from softswitch.media.interface import RecordingOptions
from softswitch.media.parameters import (
    CodecParameters,
    MemberParameters,
    MixerParameters,
    RtpParameters,
)
from tests.support.patience import PATIENCE
from tests.support.ports import free_port

if TYPE_CHECKING:
    from softswitch.media._engine import Engine, Stream

native = pytest.importorskip("softswitch.media._engine")

HERE = "127.0.0.1"
SO_TIMESTAMPNS = 35
"""Linux: the kernel tells when a packet came."""
PCMU = CodecParameters(0, "PCMU")
PCMA = CodecParameters(8, "PCMA")
L16 = CodecParameters(96, "L16")
VOICE = bytes([0x2A]) * 160


class Ears:
    """Waits for events of an engine, keeping those that are not asked for yet."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.waiting: list[tuple[Any, ...]] = []

    def hear(self, name: str) -> tuple[Any, ...]:
        deadline = time.monotonic() + PATIENCE
        while True:
            for event in self.waiting:
                if event[0] == name:
                    self.waiting.remove(event)
                    return event
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.engine.event_fd], [], [], max(left, 0))
            assert ready, f"no {name} came, only {self.waiting}"
            self.waiting += self.engine.take_events()


class FarEnd:
    """The other end of a stream: a socket that speaks RTP by hand."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HERE, 0))
        self.socket.settimeout(PATIENCE)
        self.address: tuple[str, int] = self.socket.getsockname()
        self.sequence = 0

    def say(
        self, stream: Stream, payload: bytes = VOICE, *, payload_type: int = 0, marker: bool = False
    ) -> None:
        self.sequence += 1
        second = payload_type | 0x80 * marker
        header = struct.pack("!BBHII", 0x80, second, self.sequence, self.sequence * 160, 7)
        self.socket.sendto(header + payload, stream.local_address)

    def press(self, stream: Stream, event: int) -> None:
        """One key of 100 ms, its last packet three times."""
        self.sequence += 1
        timestamp = self.sequence * 160
        for end, duration in [(0, 160), (0, 320), (0x80, 800), (0x80, 800), (0x80, 800)]:
            header = struct.pack("!BBHII", 0x80, 101, self.sequence, timestamp, 7)
            payload = struct.pack("!BBH", event, end | 10, duration)
            self.socket.sendto(header + payload, stream.local_address)
            self.sequence += 1

    def hear(self) -> tuple[int, int, int, bytes]:
        """Payload type (with marker), sequence, timestamp and payload of the next packet."""
        packet, _ = self.socket.recvfrom(4096)
        _, second, sequence, timestamp, _ = struct.unpack("!BBHII", packet[:12])
        return second, sequence, timestamp, packet[12:]


@pytest.fixture(params=[True, False], ids=["io_uring", "epoll"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    engine = native.Engine(io_uring=request.param)
    yield engine
    engine.close()


@pytest.fixture
def ears(engine: Engine) -> Ears:
    return Ears(engine)


@pytest.fixture
def far_end() -> Iterator[Callable[[], FarEnd]]:
    opened: list[FarEnd] = []

    def open_far_end() -> FarEnd:
        opened.append(FarEnd())
        return opened[-1]

    yield open_far_end
    for end in opened:
        end.socket.close()


def settle(end: FarEnd, *codecs: CodecParameters, **changes: Any) -> RtpParameters:
    plain = RtpParameters(
        end.address, codecs or (PCMU,), telephone_event=101, telephone_event_receive=101
    )
    return replace(plain, **changes)


def open_leg(engine: Engine, end: FarEnd, *codecs: CodecParameters, **changes: Any) -> Stream:
    stream = engine.open_stream(HERE)
    stream.configure(settle(end, *codecs, **changes))
    return stream


def speak_until_heard(speaker: FarEnd, stream: Stream, listener: FarEnd) -> None:
    """A packet that overtakes `connect` goes where the stream was connected before."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        payload = os.urandom(160)
        speaker.say(stream, payload)
        while select.select([listener.socket], [], [], 0.05)[0]:
            if listener.hear()[3] == payload:
                return
    raise AssertionError("nothing was heard")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()


def test_two_legs_hear_each_other(engine: Engine, far_end: Callable[[], FarEnd]) -> None:
    alice, bob = far_end(), far_end()
    one, other = open_leg(engine, alice), open_leg(engine, bob)
    one.connect(other)
    alice.say(one)
    assert bob.hear()[3] == VOICE
    bob.say(other, b"\x11" * 160)
    assert alice.hear()[3] == b"\x11" * 160


def test_different_codecs_are_translated(engine: Engine, far_end: Callable[[], FarEnd]) -> None:
    alice, bob = far_end(), far_end()
    one, other = open_leg(engine, alice), open_leg(engine, bob, PCMA)
    one.connect(other)
    alice.say(one)
    second, _, _, payload = bob.hear()
    assert second & 0x7F == 8
    assert len(payload) == 160
    assert payload != VOICE


def test_bare_sound_comes_and_goes_without_headers_in_native_byte_order(
    engine: Engine, far_end: Callable[[], FarEnd]
) -> None:
    alice, program = far_end(), far_end()
    leg = open_leg(engine, alice)
    bare = engine.open_stream(HERE, port=0)
    bare.configure(RtpParameters(program.address, (L16,), symmetric=False, bare=True))
    leg.feed(bare, hear="read", into="hear")
    bare.feed(leg, hear="read", into="hear")
    # 0x2A of mu-law is -5372 of linear samples.
    loudness = struct.pack("=160h", *[-5372] * 160)
    deadline = time.monotonic() + PATIENCE
    heard = b""
    while heard != loudness:
        assert time.monotonic() < deadline, heard
        alice.say(leg)
        if select.select([program.socket], [], [], 0.02)[0]:
            heard = program.socket.recv(4096)
    said = b""
    while said != VOICE:
        assert time.monotonic() < deadline, said
        program.socket.sendto(loudness, bare.local_address)
        if select.select([alice.socket], [], [], 0.02)[0]:
            said = alice.hear()[3]


def test_bare_datagrams_of_any_length_do_no_harm(
    engine: Engine, far_end: Callable[[], FarEnd]
) -> None:
    program, stranger = far_end(), far_end()
    bare = engine.open_stream(HERE, port=0)
    bare.configure(RtpParameters(program.address, (L16,), symmetric=False, bare=True))
    for data in (b"", b"\x01", b"\x80\xc8" + b"\0" * 50, os.urandom(4096), VOICE):
        program.socket.sendto(data, bare.local_address)
    stranger.socket.sendto(VOICE, bare.local_address)
    wait_until(lambda: bare.stats()["foreign"] == 1)
    assert bare.stats()["packets_in"] == 4


@pytest.mark.parametrize("workers", [1, 3])
def test_legs_of_any_worker_can_be_connected_again_and_again(
    workers: int, far_end: Callable[[], FarEnd]
) -> None:
    engine = native.Engine(workers=workers)
    ends = [far_end() for _ in range(4)]
    legs = [open_leg(engine, end) for end in ends]
    for first, second in [(0, 1), (2, 3), (0, 2), (1, 3), (0, 3), (3, 1)]:
        legs[first].connect(legs[second])
        for speaker, listener in [(first, second), (second, first)]:
            speak_until_heard(ends[speaker], legs[speaker], ends[listener])
    engine.close()


def test_a_stream_connected_with_itself_is_an_echo(
    engine: Engine, far_end: Callable[[], FarEnd]
) -> None:
    alice = far_end()
    stream = open_leg(engine, alice)
    stream.connect(stream)
    alice.say(stream)
    assert alice.hear()[3] == VOICE


def test_the_first_packet_starts_the_media(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    alice = far_end()
    stream = open_leg(engine, alice)
    alice.say(stream)
    assert ears.hear("media_started") == ("media_started", stream.id, *alice.address)
    assert stream.stats()["packets_in"] == 1


def test_packets_go_where_they_come_from_behind_a_nat(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    told, real = far_end(), far_end()
    stream = open_leg(engine, told)
    stream.connect(stream)
    real.say(stream)
    assert real.hear()[3] == VOICE
    assert ears.hear("remote_learned") == ("remote_learned", stream.id, *real.address)
    assert stream.stats()["remote"] == real.address


def test_strangers_are_not_heard(engine: Engine, far_end: Callable[[], FarEnd]) -> None:
    alice, stranger = far_end(), far_end()
    stream = open_leg(engine, alice, symmetric=False)
    stream.connect(stream)
    stranger.say(stream, b"\0" * 160)
    alice.say(stream)
    assert alice.hear()[3] == VOICE
    assert stream.stats()["foreign"] == 1


def test_silence_on_the_wire_is_told(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    stream = open_leg(engine, far_end(), timeout_ms=50)
    name, identity, silent = ears.hear("media_timeout")
    assert (name, identity) == ("media_timeout", stream.id)
    assert silent >= 50


def test_a_buffer_is_played_at_an_even_pace(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    alice = far_end()
    stream = open_leg(engine, alice, L16)
    samples = array.array("h", range(1600))
    playback = stream.play(engine.open_buffer(samples.tobytes(), 8000))
    heard = [alice.hear() for _ in range(10)]
    audio = array.array("h", b"".join(payload for _, _, _, payload in heard))
    audio.byteswap()
    assert audio == samples
    assert [timestamp - heard[0][2] for _, _, timestamp, _ in heard] == list(range(0, 1600, 160))
    finished = ("playback_finished", stream.id, playback, 1600, "done")
    assert ears.hear("playback_finished") == finished


def test_a_wav_file_of_another_rate_is_played(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    path = tmp_path / "tone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(struct.pack("<hh", 1000, 3000) * 1600)
    source = engine.open_wav(str(path))
    assert source.milliseconds == 100
    alice = far_end()
    stream = open_leg(engine, alice, L16)
    stream.play(source)
    packets = [alice.hear()[3] for _ in range(5)]
    middle = struct.unpack("!160h", packets[2])
    assert all(abs(sample - 2000) < 50 for sample in middle), "mixed down to mono"
    assert ears.hear("playback_finished")[3:] == (800, "done")


def test_a_file_that_vanished_fails_its_playback_alone(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    path = tmp_path / "gone.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        # Too long to be kept in memory.
        file.writeframes(bytes(2 << 20))
    source = engine.open_wav(str(path))
    path.unlink()
    alice = far_end()
    stream = open_leg(engine, alice)
    playback = stream.play(source)
    failed = ("playback_finished", stream.id, playback, 0, "failed")
    assert ears.hear("playback_finished") == failed
    stream.connect(stream)
    alice.say(stream)
    assert alice.hear()[3] == VOICE


def test_a_playback_can_be_stopped(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    alice = far_end()
    stream = open_leg(engine, alice)
    playback = stream.play(engine.open_silence(-1), loops=-1)
    alice.hear()
    stream.stop(playback)
    assert ears.hear("playback_finished")[4] == "stopped"


def test_digits_sent_by_one_stream_are_received_by_another(engine: Engine, ears: Ears) -> None:
    one, other = engine.open_stream(HERE), engine.open_stream(HERE)
    codecs, agreed = (PCMU,), {"telephone_event": 101, "telephone_event_receive": 101}
    one.configure(RtpParameters(other.local_address, codecs, **agreed))  # type: ignore[arg-type]
    other.configure(RtpParameters(one.local_address, codecs, **agreed))  # type: ignore[arg-type]
    one.send_digits("4#", duration_ms=60, gap_ms=40)
    assert ears.hear("digit") == ("digit", other.id, "4", 60, "rtp")
    assert ears.hear("digit") == ("digit", other.id, "#", 60, "rtp")
    assert ears.hear("digits_sent") == ("digits_sent", one.id)


def test_a_key_is_told_once_and_passed_on_with_the_other_payload_type(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    alice, bob = far_end(), far_end()
    one, other = open_leg(engine, alice), open_leg(engine, bob, telephone_event=97)
    one.connect(other)
    alice.press(one, 5)
    passed = [bob.hear() for _ in range(5)]
    assert {second & 0x7F for second, _, _, _ in passed} == {97}
    assert len({timestamp for _, _, timestamp, _ in passed}) == 1
    assert ears.hear("digit") == ("digit", one.id, "5", 100, "rtp")
    alice.press(one, 6)
    assert ears.hear("digit")[2] == "6", "the first was not told again"


def test_a_key_that_is_kept_is_told_but_not_passed_on(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    alice, bob = far_end(), far_end()
    one, other = open_leg(engine, alice), open_leg(engine, bob, telephone_event=97)
    one.connect(other)
    alice.say(one)
    first = bob.hear()
    one.pass_events(passed=False)
    alice.press(one, 5)
    alice.say(one)
    assert ears.hear("digit") == ("digit", one.id, "5", 100, "rtp")
    second, sequence, _, _ = bob.hear()
    # One number is left out by the far end itself, behind its key.
    assert (second & 0x7F, sequence) == (0, first[1] + 2), "what was kept leaves no gap"
    one.pass_events(passed=True)
    alice.press(one, 6)
    assert bob.hear()[0] & 0x7F == 97


def test_digits_in_the_audio_are_detected(engine: Engine, ears: Ears) -> None:
    one, other = engine.open_stream(HERE), engine.open_stream(HERE)
    one.configure(RtpParameters(other.local_address, (PCMU,)))
    other.configure(RtpParameters(one.local_address, (PCMU,)))
    other.detect(dtmf=True)
    one.send_digits("7", duration_ms=80, method="inband")
    one.play(engine.open_silence(-1))
    name, identity, digit, duration, source = ears.hear("digit")
    assert (name, identity, digit, source) == ("digit", other.id, "7", "inband")
    assert 60 <= duration <= 100


def test_a_recording_holds_what_was_said(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    alice = far_end()
    stream = open_leg(engine, alice, L16)
    path = tmp_path / "said.wav"
    recording = stream.record(str(path), limit_ms=100)
    for _ in range(5):
        alice.say(stream, struct.pack("!h", 1234) * 160, payload_type=96)
    finished = ("recording_finished", stream.id, recording, 800, "limit")
    assert ears.hear("recording_finished") == finished
    with wave.open(str(path), "rb") as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 800)
        audio = array.array("h", file.readframes(800))
    assert audio.count(1234) == 800


@pytest.mark.parametrize("name", ["record", "tap"])
def test_recordings_and_taps_take_the_same_wishes_and_no_others(
    name: str, engine: Engine, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    stream = open_leg(engine, far_end(), L16)
    begin = getattr(stream, name)
    arguments = [str(tmp_path / "a.wav")] if name == "record" else []
    wishes = {wish: 0 for wish in RecordingOptions.__annotations__} | {"hear": "both"}
    wishes |= {"stereo": True, "swap": False, "rate": 16000, "initial_silence_ms": None}
    assert begin(*arguments, **wishes)
    with pytest.raises(TypeError, match="volume"):
        begin(*arguments, volume=3)
    with pytest.raises(TypeError):
        begin(*arguments, stereo="yes")
    with pytest.raises(ValueError, match="read, write or both"):
        begin(*arguments, hear="nothing")


def test_a_recording_of_nothing_may_be_noise(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    stream = open_leg(engine, far_end(), L16)
    path = tmp_path / "noise.wav"
    stream.record(str(path), limit_ms=100, fill=400)
    assert ears.hear("recording_finished")[3:] == (800, "limit")
    with wave.open(str(path), "rb") as file:
        audio = array.array("h", file.readframes(800))
    assert 50 < statistics.mean(abs(sample) for sample in audio) < 200


def test_a_closed_stream_finishes_its_recordings(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    stream = open_leg(engine, far_end())
    stream.record(str(tmp_path / "both.wav"), hear="both", stereo=True, rate=16_000)
    stream.close()
    assert ears.hear("recording_finished")[4] == "closed"
    with wave.open(str(tmp_path / "both.wav"), "rb") as file:
        assert (file.getframerate(), file.getnchannels()) == (16_000, 2)


def test_a_file_that_cannot_be_made_raises(
    engine: Engine, far_end: Callable[[], FarEnd], tmp_path: Path
) -> None:
    stream = open_leg(engine, far_end())
    with pytest.raises(FileNotFoundError):
        stream.record(str(tmp_path / "no such folder" / "x.wav"))
    with pytest.raises(FileNotFoundError):
        engine.open_wav(str(tmp_path / "missing.wav"))
    (tmp_path / "text.wav").write_text("this is no sound")
    with pytest.raises((OSError, ValueError)):
        engine.open_wav(str(tmp_path / "text.wav"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_fails_the_recording_and_not_the_stream(
    engine: Engine, ears: Ears, far_end: Callable[[], FarEnd]
) -> None:
    alice = far_end()
    stream = open_leg(engine, alice)
    try:
        recording = stream.record("/dev/full")
    except OSError:
        pass  # refused from the beginning
    else:
        stream.stop(recording)
        assert ears.hear("recording_finished")[4].startswith("failed: ")
    stream.connect(stream)
    alice.say(stream)
    assert alice.hear()[3] == VOICE


def test_reports_are_sent_and_a_closed_stream_says_goodbye(engine: Engine) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtcp:
        rtcp.bind((HERE, 0))
        rtcp.settimeout(PATIENCE)
        stream = engine.open_stream(HERE)
        far = RtpParameters((HERE, 9), (PCMU,), remote_rtcp_address=rtcp.getsockname())
        stream.configure(replace(far, rtcp_interval_ms=20))
        packet = rtcp.recv(1500)
        assert packet[1] == 201, "a receiver report: nothing was sent yet"
        stream.play(engine.open_silence(20))
        while packet[1] != 200:
            packet = rtcp.recv(1500)
        stream.close()
        while packet[-8:] != struct.pack("!BBHI", 0x81, 203, 1, stream.ssrc):
            packet = rtcp.recv(1500)


def test_a_closed_handle_raises(engine: Engine, far_end: Callable[[], FarEnd]) -> None:
    stream = open_leg(engine, far_end())
    other = engine.open_stream(HERE)
    source = engine.open_silence(100)
    source.close()
    with pytest.raises(native.StreamClosed):
        stream.play(source)
    stream.close()
    stream.close()
    for call in (stream.disconnect, stream.stats, lambda: stream.connect(other)):
        with pytest.raises(native.StreamClosed):
            call()
    with pytest.raises(native.StreamClosed):
        other.connect(stream)
    engine.close()
    engine.close()
    with pytest.raises(native.StreamClosed):
        other.disconnect()
    with pytest.raises(OSError, match="closed"):
        engine.open_stream(HERE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"remote_address": ("example.org", 4000)}, "not an IP address"),
        ({"codecs": (CodecParameters(128, "PCMU"),)}, "at most 127"),
        ({"codecs": (CodecParameters(0, "PCMU", ptime=0),)}, "0 ms"),
        ({"telephone_event": 200}, "at most 127"),
    ],
)
def test_parameters_that_cannot_be_are_refused(
    engine: Engine, far_end: Callable[[], FarEnd], change: dict[str, Any], words: str
) -> None:
    stream = engine.open_stream(HERE)
    with pytest.raises(ValueError, match=words):
        stream.configure(settle(far_end(), **change))


def test_streams_of_two_engines_cannot_be_connected(engine: Engine) -> None:
    other = native.Engine()
    with pytest.raises(ValueError, match="different engines"):
        engine.open_stream(HERE).connect(other.open_stream(HERE))
    other.close()


def test_wrong_arguments_are_refused(engine: Engine) -> None:
    stream = engine.open_stream(HERE)
    for call in (
        lambda: engine.open_stream("localhost"),
        lambda: engine.open_stream(HERE, dscp=64),
        lambda: engine.open_buffer(b"abc", 8000),
        lambda: engine.open_buffer(b"abcd", 0),
        lambda: engine.open_tone("%(100"),
        lambda: stream.send_digits("12x"),
        lambda: stream.send_digits("1", method="info"),
        lambda: stream.record("/tmp/never.wav", hear="all"),
        lambda: native.Engine(rtp_start_port=4001, rtp_end_port=4002),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()


def test_a_closed_stream_frees_its_ports_at_once() -> None:
    port = free_port()
    engine = native.Engine(rtp_start_port=port, rtp_end_port=port + 1)
    for _ in range(20):
        stream = engine.open_stream(HERE)
        assert stream.local_address == (HERE, port)
        with pytest.raises(OSError, match="no free port pair"):
            engine.open_stream(HERE)
        stream.close()
    engine.close()


def test_a_forgotten_stream_is_closed(engine: Engine) -> None:
    stream = engine.open_stream(HERE)
    assert engine.stats()["streams"] == 1
    del stream
    gc.collect()
    assert engine.stats()["streams"] == 0


def test_a_closed_engine_leaves_no_thread_and_no_descriptor() -> None:
    def count() -> tuple[int, int]:
        return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

    gc.collect()
    before = count()
    engine = native.Engine(workers=2)
    streams = [engine.open_stream(HERE) for _ in range(10)]
    assert count() > before
    engine.close()
    del engine, streams
    gc.collect()
    wait_until(lambda: count() == before)


def test_an_engine_ends_while_legs_move_from_room_to_room() -> None:
    engine = native.Engine(workers=2)
    legs = [engine.open_stream(HERE) for _ in range(700)]
    rooms = [engine.open_mixer(MixerParameters()) for _ in range(2)]
    for leg in legs[:40] + legs[-40:]:
        for room in rooms:
            room.add(leg, MemberParameters())
    engine.close()
    assert engine.stats()["streams"] == 0


def test_io_uring_is_used_only_where_it_is_wanted() -> None:
    engine = native.Engine(workers=3, io_uring=False)
    assert (engine.workers, engine.method) == (3, "epoll")
    engine.close()
    engine = native.Engine(workers=0)
    assert engine.workers == len(os.sched_getaffinity(0))
    assert engine.method in {"io_uring", "epoll"}
    assert engine.priority in {"real-time", "high", "usual"}
    engine.close()


def test_sound_goes_on_while_python_is_stuck(engine: Engine, far_end: Callable[[], FarEnd]) -> None:
    """Played by one stream, received by the next, passed on by a third: none needs Python."""
    listener = far_end()
    listener.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    player, relay, last = (engine.open_stream(HERE) for _ in range(3))
    player.configure(RtpParameters(relay.local_address, (PCMU,)))
    relay.configure(RtpParameters(player.local_address, (PCMU,)))
    last.configure(settle(listener))
    relay.connect(last)
    player.play(engine.open_silence(-1, 400), loops=-1)
    listener.hear()
    ticks = 0

    def witness() -> None:
        nonlocal ticks
        while time.monotonic() < stuck_until:
            time.sleep(0.01)
            ticks += 1

    # The interpreter would hand its lock over after some milliseconds to whoever asks for it.
    patient = sys.getswitchinterval()
    stuck_until = time.monotonic() + 2
    other = threading.Thread(target=witness)
    sys.setswitchinterval(60)
    try:
        other.start()
        began = ticks
        while time.monotonic() < stuck_until:
            pass
        assert ticks - began <= 1, "another thread of Python ran: the lock was not held"
    finally:
        sys.setswitchinterval(patient)
        other.join()
    arrivals = []
    while select.select([listener.socket], [], [], 0)[0]:
        _, ancillary, _, _ = listener.socket.recvmsg(4096, 64)
        seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
        arrivals.append(seconds + nanoseconds / 1e9)
    gaps = [later - earlier for earlier, later in itertools.pairwise(arrivals)]
    assert len(arrivals) >= 90, "the machine may be busy, but not for so long"
    assert statistics.median(gaps) == pytest.approx(0.02, abs=0.003)


def test_malformed_packets_do_no_harm(engine: Engine, far_end: Callable[[], FarEnd]) -> None:
    alice = far_end()
    stream = open_leg(engine, alice)
    stream.connect(stream)
    for length in range(0, 60):
        alice.socket.sendto(bytes([0xBF]) * length, stream.local_address)
    alice.say(stream)
    assert alice.hear()[3] == VOICE
    assert stream.stats()["malformed"] > 0


def test_handles_show_what_they_are(engine: Engine) -> None:
    stream = engine.open_stream(HERE)
    assert repr(stream) == f"<Stream {stream.id} {HERE}:{stream.local_address[1]}>"
    assert repr(engine) == "<Engine 1 streams>"
    assert repr(engine.open_silence(20)) == "<Source 20 ms>"
    stream.close()
    assert "closed" in repr(stream)


def test_the_codecs_are_named() -> None:
    assert {"PCMU", "PCMA", "L16", "G722", "OPUS", "GSM", "G726-32"} <= set(native.codecs())
