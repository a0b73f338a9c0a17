"""Whose fault it is: ours (LocalProtocolError) or the peer's (RemoteProtocolError).

ProtocolError
├── LocalProtocolError    we asked for something the protocol forbids
└── RemoteProtocolError   the peer sent something the protocol forbids
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softswitch.sip.message import Request


class ProtocolError(Exception):
    """A rule of SIP was broken."""


class LocalProtocolError(ProtocolError):
    """We broke a rule: a mistake in this program."""


class RemoteProtocolError(ProtocolError):
    """The peer broke a rule.

    ``status`` is the SIP status to answer a request with and ``reason`` its reason phrase, a short
    sentence that names the mistake. ``partial`` is the request as far as it could be read, when
    that is enough (Via, From, To, Call-ID, CSeq) to send such an answer.
    """

    def __init__(self, status: int, reason: str, partial: Request | None = None) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.partial = partial

    def __str__(self) -> str:
        return f"{self.status} {self.reason}"
