from __future__ import annotations

import re
from pathlib import Path

import softswitch
from softswitch.dialplan.timeofday import ATTRIBUTES
from softswitch.reference.words import DIALPLAN, USER_PARAMS

CODE = Path(softswitch.__file__).parent


def test_each_parameter_of_a_user_that_is_read_is_told_of() -> None:
    read = {
        name
        for path in CODE.rglob("*.py")
        for name in re.findall(r"""\.param\(\s*"([a-z0-9-]+)\"""", path.read_text())
    }
    assert sorted(read - USER_PARAMS.keys()) == []


def test_each_attribute_of_time_is_told_of() -> None:
    assert sorted(set(ATTRIBUTES) - DIALPLAN.keys()) == []
