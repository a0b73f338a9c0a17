"""Files without a header."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from softswitch.media.source import DecodedFile
from tests.media.formats.requests import ask
from tests.support.audio import heard_ms, tone


def decode(path: Path) -> tuple[list[int], int]:
    found = ask(path.name, path.parent)
    assert isinstance(found, DecodedFile)
    samples, rate = found.decode(found.path)
    return np.frombuffer(samples, np.int16).tolist(), rate


@pytest.mark.parametrize(
    ("name", "data", "samples", "rate"),
    [
        ("a.PCMU", b"\xff\x00\x80", [0, -32124, 32124], 8000),
        ("a.ul", b"\xff", [0], 8000),
        ("a.PCMA", b"\xd5\x2a", [8, -32256], 8000),
        ("a.al", b"\xd5", [8], 8000),
        ("a.r8", b"\x01\x00\xff\xff", [1, -1], 8000),
        ("a.r16", b"\x01\x00", [1], 16000),
        ("a.raw", b"\x01\x00", [1], 8000),
        ("a.L16", b"\x01\x00", [1], 8000),
        ("a.r32", b"\x01\x00", [1], 32000),
    ],
)
def test_the_extension_says_what_the_bytes_are(
    tmp_path: Path, name: str, data: bytes, samples: list[int], rate: int
) -> None:
    (tmp_path / name).write_bytes(data)
    assert decode(tmp_path / name) == (samples, rate)


def test_gsm_frames_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "a.gsm"
    soundfile.write(path, tone(500, 400), 8000, format="RAW", subtype="GSM610")
    samples, rate = decode(path)
    assert heard_ms(np.array(samples, np.int16), rate, 500) >= 300
