"""Events of the engine as the core hears of them."""

from __future__ import annotations

from typing import Any

import pytest

from softswitch.media.events import (
    DigitReceived,
    DigitsSent,
    MediaEvent,
    MediaStarted,
    MediaTimeout,
    PlaybackFinished,
    RecordingFinished,
    RemoteLearned,
    StreamFailed,
    from_engine,
)


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (("digit", 7, "5", 120, "rtp"), DigitReceived("5", 120, "rtp")),
        (("playback_finished", 7, 3, 8000, "done"), PlaybackFinished(3, 8000, "done")),
        (("recording_finished", 7, 4, 160, "limit"), RecordingFinished(4, 160, "limit")),
        (("media_started", 7, "192.0.2.1", 4000), MediaStarted("192.0.2.1", 4000)),
        (("media_timeout", 7, 30000), MediaTimeout(30000)),
        (("remote_learned", 7, "192.0.2.1", 9), RemoteLearned("192.0.2.1", 9)),
        (("digits_sent", 7), DigitsSent()),
        (("stream_failed", 7, "socket gone"), StreamFailed("socket gone")),
    ],
)
def test_each_tuple_becomes_an_event_of_its_stream(raw: tuple[Any, ...], event: MediaEvent) -> None:
    assert from_engine(raw) == (7, event)


@pytest.mark.parametrize("raw", [(), ("digit",), ("digit", 7), ("news", 7), ("digits_sent", 7, 1)])
def test_a_tuple_of_another_shape_is_an_error(raw: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="no known shape"):
        from_engine(raw)
