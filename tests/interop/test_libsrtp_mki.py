"""Packets that name their key (MKI, RFC 3711 §3.1) pass between libsrtp and the engine."""

from __future__ import annotations

import ctypes
import ctypes.util
import select
import socket
import struct
import time

import pytest

from softswitch.media._engine import Engine
from softswitch.media.parameters import CodecParameters, RtpParameters
from tests.support.patience import PATIENCE

_PATH = ctypes.util.find_library("srtp2")
if _PATH is None:
    pytest.skip("libsrtp 2 is not installed", allow_module_level=True)
libsrtp = ctypes.CDLL(_PATH)
libsrtp.srtp_init()

HERE = "127.0.0.1"
VOICE = bytes(range(160))
SUITES = {
    "AES_CM_128_HMAC_SHA1_80": ("srtp_crypto_policy_set_rtp_default", 30),
    "AES_CM_128_HMAC_SHA1_32": ("srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32", 30),
    "AEAD_AES_128_GCM": ("srtp_crypto_policy_set_aes_gcm_128_16_auth", 28),
}
"""Suites, with what makes them in libsrtp and the octets of key and salt."""
OUTBOUND, INBOUND = 3, 2


class CryptoPolicy(ctypes.Structure):
    """``srtp_crypto_policy_t`` of srtp.h."""

    _fields_ = [(f"member{number}", ctypes.c_int) for number in range(6)]


class MasterKey(ctypes.Structure):
    """``srtp_master_key_t``."""

    _fields_ = [("key", ctypes.c_char_p), ("mki", ctypes.c_char_p), ("size", ctypes.c_uint)]


class Policy(ctypes.Structure):
    """``srtp_policy_t``."""

    _fields_ = [
        ("ssrc_type", ctypes.c_int),
        ("ssrc", ctypes.c_uint),
        ("rtp", CryptoPolicy),
        ("rtcp", CryptoPolicy),
        ("key", ctypes.c_char_p),
        ("keys", ctypes.POINTER(ctypes.POINTER(MasterKey))),
        ("keys_count", ctypes.c_ulong),
        ("ekt", ctypes.c_void_p),
        ("window_size", ctypes.c_ulong),
        ("allow_repeat", ctypes.c_int),
        ("extensions", ctypes.c_void_p),
        ("extensions_count", ctypes.c_int),
        ("next", ctypes.c_void_p),
    ]


class Session:
    """A session of libsrtp whose packets name one of several keys."""

    def __init__(self, suite: str, kind: int, keys: list[tuple[bytes, bytes]]) -> None:
        self._keys = [
            MasterKey(ctypes.c_char_p(key), ctypes.c_char_p(mki), len(mki)) for key, mki in keys
        ]
        pointers = (ctypes.POINTER(MasterKey) * len(keys))(*map(ctypes.pointer, self._keys))
        policy = Policy(ssrc_type=kind, window_size=128)
        function = SUITES[suite][0]
        getattr(libsrtp, function)(ctypes.byref(policy.rtp))
        # Reports keep their long tag where that of sound is short (RFC 4568 §6.2.2).
        function = function.replace("aes_cm_128_hmac_sha1_32", "rtp_default")
        getattr(libsrtp, function)(ctypes.byref(policy.rtcp))
        policy.keys, policy.keys_count = pointers, len(keys)
        self._session = ctypes.c_void_p()
        status = libsrtp.srtp_create(ctypes.byref(self._session), ctypes.byref(policy))
        assert status == 0, f"libsrtp refuses it with {status}"

    def protect(self, data: bytes, index: int = 0) -> bytes:
        buffer, length = _buffer(data)
        status = libsrtp.srtp_protect_mki(self._session, buffer, ctypes.byref(length), 1, index)
        assert status == 0, f"libsrtp cannot protect: {status}"
        return buffer.raw[: length.value]

    def unprotect(self, data: bytes, kind: str = "") -> bytes:
        buffer, length = _buffer(data)
        function = getattr(libsrtp, f"srtp_unprotect{kind}_mki")
        status = function(self._session, buffer, ctypes.byref(length), 1)
        assert status == 0, f"libsrtp cannot read: {status}"
        return buffer.raw[: length.value]


def _buffer(data: bytes) -> tuple[ctypes.Array[ctypes.c_char], ctypes.c_int]:
    return ctypes.create_string_buffer(data, len(data) + 200), ctypes.c_int(len(data))


def packet(number: int) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * 160, 7) + VOICE


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("size", [1, 4])
def test_named_keys_are_read_by_libsrtp_and_its_own_here(
    engine: Engine, far_end: socket.socket, suite: str, size: int
) -> None:
    length = SUITES[suite][1]
    ours, theirs, other = (bytes([seed]) * length for seed in (1, 2, 3))
    names = [number.to_bytes(size, "big") for number in (1, 2, 3)]
    stream = engine.open_stream(HERE)
    stream.set_srtp(suite, ours, theirs, send_mki=names[0], receive_mki=names[1])
    parameters = RtpParameters(
        far_end.getsockname(), (CodecParameters(0, "PCMU"),), rtcp_interval_ms=200, rtcp_mux=True
    )
    stream.configure(parameters)
    stream.connect(stream)
    sending = Session(suite, OUTBOUND, [(theirs, names[1]), (other, names[2])])
    receiving = Session(suite, INBOUND, [(other, names[2]), (ours, names[0])])
    heard, reports = [], []
    deadline = time.monotonic() + PATIENCE
    number = 65520
    while len(heard) < 60 or not reports:
        number += 1
        far_end.sendto(sending.protect(packet(number)), stream.local_address)
        while select.select([far_end], [], [], 0.01)[0]:
            data = far_end.recv(4096)
            if 192 <= data[1] <= 223 and suite.endswith("_32"):
                # libsrtp 2 looks for the name of a report as if its tag were as short as sound's.
                assert data[-10 - size : -10] == names[0]
                reports.append(data)
            elif 192 <= data[1] <= 223:
                reports.append(receiving.unprotect(data, "_rtcp"))
            else:
                heard.append(receiving.unprotect(data)[12:])
        assert time.monotonic() < deadline
    assert set(heard) == {VOICE}
    assert {report[1] for report in reports} <= {200, 201}
    assert stream.stats()["unprotected"] == 0
    # A key that was never agreed is not believed, whatever it is called.
    far_end.sendto(sending.protect(packet(number + 1), 1), stream.local_address)
    while stream.stats()["unprotected"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.01)
