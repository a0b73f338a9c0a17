from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from softswitch.modules.cdr.legs import Legs

CALLER: Any = SimpleNamespace(other_profile=("originatee", None))
CALLED: Any = SimpleNamespace(other_profile=("originator", None))
ALONE: Any = SimpleNamespace(other_profile=None)


@pytest.mark.parametrize(
    ("legs", "caller", "called", "alone"),
    [("a", True, False, True), ("b", False, True, True), ("ab", True, True, True)],
)
def test_whose_legs_are_recorded(legs: str, caller: bool, called: bool, alone: bool) -> None:
    setting = Legs(legs)
    wanted = [setting.wanted(channel) for channel in (CALLER, CALLED, ALONE)]
    assert wanted == [caller, called, alone]


def test_a_called_leg_is_no_callers_from_its_begin() -> None:
    assert not Legs.A.may_be_wanted(CALLED)
    assert Legs.B.may_be_wanted(CALLER), "it may yet be transferred, and have called nobody"
