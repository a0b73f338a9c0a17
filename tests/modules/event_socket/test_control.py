from __future__ import annotations

from typing import Any

import pytest

from softswitch.modules.event_socket.control import Control


@pytest.mark.parametrize(
    ("full", "asynchronous", "headers"),
    [
        (True, True, [("Socket-Mode", "async"), ("Control", "full")]),
        (False, False, [("Socket-Mode", "static"), ("Control", "single-channel")]),
    ],
)
def test_it_is_told_in_freeswitchs_words(
    full: bool, asynchronous: bool, headers: list[tuple[str, str]]
) -> None:
    session: Any = None
    assert Control(session, full, asynchronous).headers == headers
