"""Parameters a stream is configured with."""

from __future__ import annotations

import dataclasses

import pytest

from softswitch.media.parameters import CodecParameters, RtpParameters


def test_parameters_cannot_be_changed_behind_the_engines_back() -> None:
    parameters = RtpParameters(("192.0.2.1", 4000), (CodecParameters(0, "PCMU"),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        parameters.send = False  # type: ignore[misc]
    assert dataclasses.replace(parameters, send=False) != parameters


def test_a_plain_stream_sends_and_receives_twenty_milliseconds() -> None:
    codec = CodecParameters(8, "PCMA")
    assert (codec.clock_rate, codec.channels, codec.ptime, codec.fmtp) == (8000, 1, 20, "")
    parameters = RtpParameters(None, (codec,))
    assert parameters.send and parameters.receive and parameters.symmetric
    assert parameters.telephone_event is None and parameters.remote_rtcp_address is None
