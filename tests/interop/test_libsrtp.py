"""Packets protected by libsrtp are read by the engine, and the other way round."""

from __future__ import annotations

import select
import socket
import struct
import time

import pytest

from softswitch.media._engine import Engine, Stream
from softswitch.media.parameters import CodecParameters, RtpParameters
from tests.support.patience import PATIENCE

libsrtp = pytest.importorskip("pylibsrtp")

HERE = "127.0.0.1"
VOICE = bytes(range(160))
SUITES = {
    "AES_CM_128_HMAC_SHA1_80": ("SRTP_PROFILE_AES128_CM_SHA1_80", 30),
    "AES_CM_128_HMAC_SHA1_32": ("SRTP_PROFILE_AES128_CM_SHA1_32", 30),
    "AEAD_AES_128_GCM": ("SRTP_PROFILE_AEAD_AES_128_GCM", 28),
    "AEAD_AES_256_GCM": ("SRTP_PROFILE_AEAD_AES_256_GCM", 44),
}
"""Suites that pylibsrtp knows, with the octets of key and salt."""


def session(suite: str, key: bytes, *, sends: bool) -> libsrtp.Session:
    policy = libsrtp.Policy(key=key, srtp_profile=getattr(libsrtp.Policy, SUITES[suite][0]))
    kind = "SSRC_ANY_OUTBOUND" if sends else "SSRC_ANY_INBOUND"
    policy.ssrc_type = getattr(libsrtp.Policy, kind)
    return libsrtp.Session(policy)


def packet(number: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * 160, 7) + VOICE


def echo(engine: Engine, far_end: socket.socket, suite: str, ours: bytes, theirs: bytes) -> Stream:
    stream = engine.open_stream(HERE)
    stream.set_srtp(suite, ours, theirs)
    codecs = (CodecParameters(0, "PCMU"),)
    stream.configure(RtpParameters(far_end.getsockname(), codecs, rtcp_interval_ms=200))
    stream.connect(stream)
    return stream


@pytest.mark.parametrize("suite", SUITES)
def test_an_echo_is_read_by_libsrtp(engine: Engine, far_end: socket.socket, suite: str) -> None:
    length = SUITES[suite][1]
    ours, theirs = bytes(range(length)), bytes(range(100, 100 + length))
    stream = echo(engine, far_end, suite, ours, theirs)
    sending, receiving = session(suite, theirs, sends=True), session(suite, ours, sends=False)
    heard: set[bytes] = set()
    deadline = time.monotonic() + PATIENCE
    # The numbers wrap on the way: the rollover counter must follow.
    for number in range(65520, 65600):
        far_end.sendto(sending.protect(packet(number)), stream.local_address)
        while select.select([far_end], [], [], 0.02)[0]:
            data = far_end.recv(4096)
            if not 192 <= data[1] <= 223:
                heard.add(receiving.unprotect(data)[12:])
        assert time.monotonic() < deadline
    assert heard == {VOICE}
    assert stream.stats()["packets_in"] == 80
    assert stream.stats()["unprotected"] == stream.stats()["replayed"] == 0


@pytest.mark.parametrize("suite", SUITES)
def test_reports_are_read_by_libsrtp(engine: Engine, far_end: socket.socket, suite: str) -> None:
    length = SUITES[suite][1]
    ours, theirs = bytes(length), bytes([1] * length)
    stream = engine.open_stream(HERE)
    stream.set_srtp(suite, ours, theirs)
    codecs = (CodecParameters(0, "PCMU"),)
    address = far_end.getsockname()
    parameters = RtpParameters(address, codecs, rtcp_interval_ms=100, rtcp_mux=True)
    stream.configure(parameters)
    sending, receiving = session(suite, theirs, sends=True), session(suite, ours, sends=False)
    far_end.sendto(sending.protect(packet(1)), stream.local_address)
    report = receiving.unprotect_rtcp(far_end.recv(4096))
    assert report[1] in (200, 201)
    far_end.sendto(sending.protect_rtcp(report), stream.local_address)
    deadline = time.monotonic() + PATIENCE
    while stream.stats()["rtcp_in"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_another_key_is_not_heard(engine: Engine, far_end: socket.socket) -> None:
    suite = "AES_CM_128_HMAC_SHA1_80"
    stream = echo(engine, far_end, suite, bytes(30), bytes(30))
    wrong = session(suite, b"wrong" * 6, sends=True)
    far_end.sendto(wrong.protect(packet(1)), stream.local_address)
    deadline = time.monotonic() + PATIENCE
    while stream.stats()["unprotected"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert stream.stats()["packets_in"] == 0


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("wraps", [False, True])
def test_new_keys_are_read_by_a_new_session(
    engine: Engine, far_end: socket.socket, suite: str, wraps: bool
) -> None:
    # libsrtp begins the rollover counter anew with a session: numbers that wrapped need a source
    # of their own. What it sends has begun anew as well.
    length = SUITES[suite][1]
    keys = [bytes([seed]) * length for seed in range(4)]
    stream = echo(engine, far_end, suite, keys[0], keys[1])
    sources = []
    numbers = range(65520, 65560) if wraps else range(100, 140)
    for ours, theirs, run in (
        (keys[0], keys[1], numbers),
        (keys[2], keys[3], range(numbers[-1] + 1, numbers[-1] + 21)),
    ):
        stream.set_srtp(suite, ours, theirs)
        sending, receiving = session(suite, theirs, sends=True), session(suite, ours, sends=False)
        heard = []
        for number in run:
            far_end.sendto(sending.protect(packet(number)), stream.local_address)
            while select.select([far_end], [], [], 0.02)[0]:
                data = far_end.recv(4096)
                if not 192 <= data[1] <= 223:
                    heard.append(receiving.unprotect(data))
        assert {data[12:] for data in heard} == {VOICE}
        assert len(heard) >= len(run) - 1, "what comes while the key changes may be lost"
        sources.append(heard[-1][8:12])
    assert stream.stats()["unprotected"] == stream.stats()["replayed"] == 0
