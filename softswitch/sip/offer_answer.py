"""Who owes whom an SDP answer, and the descriptions in force (RFC 3264 §4, RFC 3311 §5)."""

from __future__ import annotations

from enum import Enum


class OfferState(Enum):
    """Where the exchange stands."""

    STABLE = "no offer is open"
    LOCAL_OFFER = "we offered and wait for the answer"
    REMOTE_OFFER = "the peer offered and waits for our answer"


class OfferAnswer:
    """The offers and answers of one session, as text; what they say is for the user to judge."""

    __slots__ = ("_proposed", "local", "remote", "state")

    def __init__(self) -> None:
        self.state = OfferState.STABLE
        self.local = ""
        """Our description in force."""
        self.remote = ""
        """The peer's description in force."""
        self._proposed = ""

    def send(self, sdp: str) -> None:
        """We send a description: the answer to an open offer, else an offer."""
        if self.state is OfferState.REMOTE_OFFER:
            self.remote, self.local = self._proposed, sdp
            self._settle()
        else:
            self._proposed = sdp
            self.state = OfferState.LOCAL_OFFER

    def receive(self, sdp: str) -> None:
        """The peer's description came: the answer to our open offer, else an offer."""
        if self.state is OfferState.LOCAL_OFFER:
            self.local, self.remote = self._proposed, sdp
            self._settle()
        else:
            self._proposed = sdp
            self.state = OfferState.REMOTE_OFFER

    def withdraw(self) -> None:
        """The open offer was refused: what was in force stays in force."""
        self._settle()

    def _settle(self) -> None:
        self._proposed = ""
        self.state = OfferState.STABLE

    def __repr__(self) -> str:
        return f"<OfferAnswer {self.state.name}>"
