"""Music of our own, for stations whose folder holds none: soft chords, made by arithmetic."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

BEAT_SECONDS = 0.6
BEATS_A_CHORD = 4
_CHORDS = (
    (48, 60, 64, 67, 71),
    (45, 57, 60, 64, 67),
    (50, 57, 62, 65, 69),
    (43, 59, 62, 65, 67),
    (48, 60, 64, 67, 72),
    (41, 57, 60, 64, 65),
    (50, 57, 60, 65, 69),
    (43, 55, 59, 65, 71),
)
"""Bass and four voices, as MIDI numbers them."""
_PATTERN = (1, 2, 3, 4, 3, 2, 4, 3)
"""Voices that are plucked, on each half beat."""
_LEVEL = 0.35
_OVERTONES = ((1, 1.0), (2, 0.32), (3, 0.12), (4, 0.05))


@lru_cache(maxsize=4)
def piece(rate: int) -> NDArray[numpy.int16]:
    """About 19 seconds that may be played over and over; mono, at ``rate`` Hz."""
    import numpy

    pluck = cache(_pluck)
    half_beat = int(rate * BEAT_SECONDS / 2)
    length = half_beat * 2 * BEATS_A_CHORD * len(_CHORDS)
    # What sounds on behind the end is heard at the beginning, so that the loop has no seam.
    sound = numpy.zeros(length)
    position = 0
    for bass, *voices in _CHORDS:
        _add(sound, position, pluck(bass, rate, 3.2) * 0.8)
        for note in voices:
            _add(sound, position, _pad(note, rate, BEAT_SECONDS * BEATS_A_CHORD) * 0.12)
        for voice in _PATTERN:
            _add(sound, position, pluck(voices[voice - 1] + 12, rate, 1.6) * 0.5)
            position += half_beat
    sound *= _LEVEL * 32767 / numpy.max(numpy.abs(sound))
    return numpy.round(sound).astype(numpy.int16)


def _add(sound: NDArray[numpy.float64], position: int, note: NDArray[numpy.float64]) -> None:
    import numpy

    places = (position + numpy.arange(len(note))) % len(sound)
    sound[places] += note


def _pluck(note: int, rate: int, seconds: float) -> NDArray[numpy.float64]:
    import numpy

    time = numpy.arange(int(rate * seconds)) / rate
    attack = numpy.minimum(time / 0.008, 1.0)
    decay: NDArray[numpy.float64] = attack * numpy.exp(-3.0 * time / seconds)
    return _tone(note, time, rate) * decay


def _pad(note: int, rate: int, seconds: float) -> NDArray[numpy.float64]:
    import numpy

    time = numpy.arange(int(rate * seconds)) / rate
    swell: NDArray[numpy.float64] = numpy.sin(numpy.pi * time / seconds) ** 2
    return _tone(note, time, rate) * swell


def _tone(note: int, time: NDArray[numpy.float64], rate: int) -> NDArray[numpy.float64]:
    import numpy

    frequency = 440.0 * 2 ** ((note - 69) / 12)
    wave = numpy.zeros_like(time)
    for number, level in _OVERTONES:
        # Nothing near the end of the band: it would only hiss.
        if frequency * number < rate * 0.4:
            wave += level * numpy.sin(2 * numpy.pi * frequency * number * time)
    return wave
