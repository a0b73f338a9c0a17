from __future__ import annotations

import numpy as np
import pytest

from softswitch.media._engine import music


@pytest.mark.parametrize("rate", [8000, 16000])
def test_our_music_is_loud_enough_never_clipped_and_has_no_seam(rate: int) -> None:
    piece = np.frombuffer(music(rate), np.int16)
    assert 15 * rate < len(piece) < 30 * rate
    assert 8000 < np.max(np.abs(piece)) < 14000
    seconds = piece[: len(piece) // rate * rate].reshape(-1, rate).astype(float)
    levels = np.sqrt(np.mean(seconds**2, axis=1))
    assert levels.min() > 500, "it is never silent"
    steps = np.abs(np.diff(piece.astype(int)))
    assert abs(int(piece[0]) - int(piece[-1])) <= steps.max()
