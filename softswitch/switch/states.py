"""Channel states and call states, with the moves that are allowed between them."""

from __future__ import annotations

from enum import Enum, IntEnum


class ChannelState(IntEnum):
    """What drives a channel now; FreeSWITCH's names and numbers."""

    CS_NEW = 0
    CS_INIT = 1
    CS_ROUTING = 2
    CS_SOFT_EXECUTE = 3
    CS_EXECUTE = 4
    CS_EXCHANGE_MEDIA = 5
    CS_PARK = 6
    CS_CONSUME_MEDIA = 7
    CS_HIBERNATE = 8
    CS_RESET = 9
    CS_HANGUP = 10
    CS_REPORTING = 11
    CS_DESTROY = 12


class CallState(Enum):
    """How far the call is, as a person would say it."""

    DOWN = 0
    DIALING = 1
    RINGING = 2
    EARLY = 3
    ACTIVE = 4
    HELD = 5
    RING_WAIT = 6
    HANGUP = 7
    UNHELD = 8


class Direction(Enum):
    """Who called whom, seen from the switch."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


_S = ChannelState
_LIVE = frozenset(
    {
        _S.CS_ROUTING,
        _S.CS_SOFT_EXECUTE,
        _S.CS_EXECUTE,
        _S.CS_EXCHANGE_MEDIA,
        _S.CS_PARK,
        _S.CS_CONSUME_MEDIA,
        _S.CS_HIBERNATE,
        _S.CS_RESET,
    }
)
ALLOWED: dict[ChannelState, frozenset[ChannelState]] = {
    _S.CS_NEW: frozenset(_S),
    _S.CS_RESET: frozenset(_S),
    _S.CS_INIT: _LIVE,
    _S.CS_ROUTING: _LIVE,
    _S.CS_EXECUTE: _LIVE,
    _S.CS_SOFT_EXECUTE: _LIVE,
    _S.CS_EXCHANGE_MEDIA: _LIVE,
    _S.CS_PARK: _LIVE,
    _S.CS_CONSUME_MEDIA: _LIVE,
    _S.CS_HIBERNATE: _LIVE | {_S.CS_INIT},
    _S.CS_HANGUP: frozenset({_S.CS_REPORTING, _S.CS_DESTROY}),
    _S.CS_REPORTING: frozenset({_S.CS_DESTROY}),
    _S.CS_DESTROY: frozenset(),
}
"""Moves of a channel; CS_HANGUP is entered by hanging up, never by a move."""


def may_move(now: ChannelState, to: ChannelState) -> bool:
    """True if a channel in ``now`` may be set to ``to``."""
    return now == to or to in ALLOWED[now]
