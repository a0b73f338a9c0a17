"""What text-to-speech programs write, made fit for prompts: one level, no silence around it."""

from __future__ import annotations

from pathlib import Path

QUIET = 0.01
"""Part of the loudest sample below which it is silence."""
MARGIN = 0.03
"""Seconds that are left around the words."""
LOUDEST = 0.5
"""Of full scale: as loud as people speak into phones."""


def read_speech(path: Path, rate: int) -> tuple[bytes, int]:
    """The words of a file as 16-bit samples of that rate. Raises ValueError where there are none.

    Blocks; for executors.
    """
    import numpy
    import soundfile

    try:
        samples, original = soundfile.read(str(path), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise ValueError(f"{path.name} is no sound: {error}") from None
    mono = samples.mean(axis=1)
    peak = float(numpy.abs(mono).max(initial=0.0))
    if peak == 0.0:
        raise ValueError("nothing was spoken")
    loud = numpy.flatnonzero(numpy.abs(mono) > peak * QUIET)
    margin = int(MARGIN * original)
    mono = mono[max(loud[0] - margin, 0) : loud[-1] + margin] * (LOUDEST / peak)
    if original != rate:
        mono = _resample(mono, original, rate)
    whole = numpy.clip(numpy.round(mono * 32767.0), -32768, 32767).astype("<i2")
    return whole.tobytes(), rate


def _resample(samples, original: int, rate: int):  # type: ignore[no-untyped-def]
    """By the spectrum: exact for what lies below both rates' limits."""
    import numpy

    length = max(round(len(samples) * rate / original), 1)
    spectrum = numpy.fft.rfft(samples)
    wanted = length // 2 + 1
    if wanted > len(spectrum):
        spectrum = numpy.pad(spectrum, (0, wanted - len(spectrum)))
    return numpy.fft.irfft(spectrum[:wanted], length) * (length / len(samples))
