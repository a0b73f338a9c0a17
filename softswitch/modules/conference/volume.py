"""Volumes as keys and commands count them: steps from -4 to 4."""

from __future__ import annotations

import math

MOST = 4
_FACTORS = {4: 4.3, 3: 3.3, 2: 2.3, 1: 1.3, 0: 1.0, -1: 0.8, -2: 0.6, -3: 0.4, -4: 0.2}


def bounded(step: int) -> int:
    """The nearest step there is."""
    return max(-MOST, min(MOST, step))


def decibels(step: int) -> float:
    """The gain of a step."""
    return 20 * math.log10(_FACTORS[bounded(step)])


def changed(step: int, word: str) -> int:
    """The step that ``up``, ``down`` or a number leads to. Raises ValueError for other words."""
    match word.lower():
        case "up":
            return bounded(step + 1)
        case "down":
            return bounded(step - 1)
        case _:
            return bounded(int(word))
