"""Making and hearing tones: how a test knows who heard what."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


def tone(
    frequency: float, milliseconds: int, *, rate: int = 8000, amplitude: float = 8000.0
) -> Samples:
    """A sine as 16-bit samples."""
    time = np.arange(milliseconds * rate // 1000) / rate
    return np.round(amplitude * np.sin(2 * math.pi * frequency * time)).astype(np.int16)


def power(samples: Samples, rate: int, frequency: float) -> float:
    """Power of one frequency by Goertzel's filter: amplitude squared over two."""
    coefficient = 2 * math.cos(2 * math.pi * frequency / rate)
    last = before = 0.0
    for sample in samples.tolist():
        last, before = sample + coefficient * last - before, last
    energy = last * last + before * before - coefficient * last * before
    return 2 * energy / max(len(samples), 1) ** 2


def read_wav(path: Path | str) -> tuple[Samples, int]:
    """First channel of a 16-bit WAV file, and its rate."""
    with wave.open(str(path), "rb") as file:
        assert file.getsampwidth() == 2, "not 16-bit"
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return samples[:: file.getnchannels()].astype(np.int16), file.getframerate()


def write_wav(path: Path | str, samples: Samples, rate: int = 8000, channels: int = 1) -> None:
    """A 16-bit WAV file; samples of several channels alternate."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def write_coded_wav(path: Path | str, format_tag: int, data: bytes, rate: int = 8000) -> None:
    """A WAV file of one byte a sample, e.g. format 7 (mu-law)."""
    layout = struct.pack("<HHIIHH", format_tag, 1, rate, rate, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", len(layout)) + layout
    body += b"data" + struct.pack("<I", len(data)) + data
    Path(path).write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def heard_ms(samples: Samples, rate: int, frequency: float, *, window_ms: int = 50) -> int:
    """For how long the tone was what was mainly heard, in whole windows."""
    size = window_ms * rate // 1000
    heard = 0
    for start in range(0, len(samples) - size + 1, size):
        window = samples[start : start + size]
        total = float(np.mean(window.astype(np.float64) ** 2))
        # Quieter than 100 is no tone anybody meant to send.
        if total > 100.0**2 / 2 and power(window, rate, frequency) > total / 2:
            heard += window_ms
    return heard


def heard_tone(path: Path | str, frequency: float, *, at_least_ms: int = 200) -> bool:
    """Whether a recording holds the tone for so long: "did b hear a?"."""
    samples, rate = read_wav(path)
    return heard_ms(samples, rate, frequency) >= at_least_ms
