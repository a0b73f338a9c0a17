from __future__ import annotations

import numpy as np
import pytest

from softswitch.modules.local_stream.music import piece


@pytest.mark.parametrize("rate", [8000, 16000])
def test_our_music_is_loud_enough_never_clipped_and_has_no_seam(rate: int) -> None:
    music = piece(rate)
    assert 15 * rate < len(music) < 30 * rate
    assert 8000 < np.max(np.abs(music)) < 14000
    seconds = music[: len(music) // rate * rate].reshape(-1, rate).astype(float)
    levels = np.sqrt(np.mean(seconds**2, axis=1))
    assert levels.min() > 500, "it is never silent"
    steps = np.abs(np.diff(music.astype(int)))
    assert abs(int(music[0]) - int(music[-1])) <= steps.max()
