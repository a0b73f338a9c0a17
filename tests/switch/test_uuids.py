"""New ids of calls."""

from __future__ import annotations

import time
import uuid

import pytest

from softswitch.switch.uuids import MAKERS, uuid4, uuid7


def test_ids_have_the_version_that_their_maker_has() -> None:
    for version, make in MAKERS.items():
        text = make()
        made = uuid.UUID(text)
        assert str(made) == text
        assert (made.version, made.variant) == (int(version), uuid.RFC_4122)


def test_no_id_is_made_twice() -> None:
    for make in (uuid4, uuid7):
        assert len({make() for _ in range(2000)}) == 2000


def test_ids_of_version_7_sort_by_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for at in (1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000):
        monkeypatch.setattr(time, "time_ns", lambda at=at: at * 1_000_000)
        made.append(uuid7())
        assert uuid.UUID(made[-1]).int >> 80 == at
    assert made == sorted(made)
