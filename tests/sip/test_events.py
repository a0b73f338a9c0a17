"""What the stack tells its user."""

from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from softswitch.sip.events import Event


@pytest.mark.parametrize("kind", get_args(Event))
def test_events_cannot_be_changed_and_name_their_subject(kind: type) -> None:
    names = [field.name for field in dataclasses.fields(kind)]
    assert names[0] in ("usage", "transaction", "registration", "subscription", "subscriber")
    event = kind(*[None] * len(names))
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(event, names[0], 1)
    assert not hasattr(event, "__dict__")
    assert kind.__doc__
