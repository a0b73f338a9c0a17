"""The long fuzz run, shortened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.load.event_socket_fuzz import AT_ONCE, FRAMES, frame, fuzz, kinds_of
from tests.support.process import shipped_switch


async def test_a_short_run_finds_frames_of_the_protocol_and_nothing_else(tmp_path: Path) -> None:
    async with shipped_switch(tmp_path) as switch:
        seen, _ = await fuzz(switch, AT_ONCE * FRAMES, 9)
    assert seen["frames"] >= AT_ONCE * FRAMES
    assert seen["command/reply"] > 0 and seen["api/response"] > 0


def test_one_seed_makes_the_same_frames() -> None:
    one, other = random.Random(5), random.Random(5)
    assert [frame(one) for _ in range(50)] == [frame(other) for _ in range(50)]


@pytest.mark.parametrize(
    "answer",
    [
        b"Content-Type: command/reply\n",
        b"Reply-Text: +OK\n\n",
        b"Content-Type: text/html\n\n",
        b"Content-Type: api/response\nContent-Length: 5\n\n+OK\n",
    ],
)
def test_what_is_no_frame_is_found(answer: bytes) -> None:
    with pytest.raises(AssertionError):
        kinds_of(answer)
