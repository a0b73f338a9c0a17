"""The transaction layer: all transactions, their timers, and what they send (RFC 3261 §17, §18)."""

from __future__ import annotations

from typing import NamedTuple, Unpack

from softswitch.sip.flow import Flow
from softswitch.sip.identity import ExtraHeaders, Identity, IdentityArguments
from softswitch.sip.invite_client import InviteClient
from softswitch.sip.message import Request
from softswitch.sip.non_invite_client import NonInviteClient
from softswitch.sip.timers import TimerQueue, Timers
from softswitch.sip.transaction import (
    ClientTransaction,
    InviteClientUser,
    NonInviteClientUser,
    ServerTransaction,
    Transaction,
    TransactionKey,
    Unheard,
)


class Transmit(NamedTuple):
    """Bytes to send."""

    data: bytes
    flow: Flow


class TransactionTable(Identity):
    """Keeps each transaction until it ends, and gathers what is to be sent."""

    __slots__ = (
        "_clients",
        "_merged",
        "_servers",
        "_transmits",
        "in_vain",
        "settings",
        "timers",
        "unheard",
    )

    def __init__(self, *, timers: Timers | None = None, **named: Unpack[IdentityArguments]) -> None:
        super().__init__(**named)
        self.settings = timers or Timers()
        self.timers = TimerQueue()
        self.unheard = Unheard()
        self._clients: dict[TransactionKey, ClientTransaction] = {}
        self._servers: dict[TransactionKey, ServerTransaction] = {}
        self._merged: dict[TransactionKey, ServerTransaction] = {}
        self._transmits: list[Transmit] = []
        self.in_vain: set[Flow] = set()
        """Where requests were sent again since whoever carries them out emptied this."""

    def transmits(self) -> list[Transmit]:
        """What to send, in order; each is given once."""
        transmits, self._transmits = self._transmits, []
        return transmits

    def next_timeout(self) -> float | None:
        """When ``handle_timeout`` is to be called next; None for never."""
        return self.timers.next_timeout()

    def start_request(
        self, request: Request, flow: Flow, handler: NonInviteClientUser, now: float
    ) -> NonInviteClient:
        """Send any request but INVITE and ACK for ``handler``."""
        key = (self.add_via(request, flow), request.method)
        transaction = NonInviteClient(self, key, request, flow, handler)
        self._clients[key] = transaction
        transaction.start(now)
        return transaction

    def start_invite(
        self,
        request: Request,
        flow: Flow,
        handler: InviteClientUser,
        now: float,
        patience: float = 0.0,
    ) -> InviteClient:
        """Send an INVITE for ``handler``; ``patience`` as of `InviteClient`."""
        key = (self.add_via(request, flow), "INVITE")
        transaction = InviteClient(self, key, request, flow, handler, patience)
        self._clients[key] = transaction
        transaction.start(now)
        return transaction

    def send_cancel(self, invite: InviteClient, headers: ExtraHeaders, now: float) -> None:
        """Send the CANCEL of an INVITE, with its branch and by its way (§9.1)."""
        cancel = invite.build_cancel()
        for name, value in headers:
            cancel.headers.set(name, value)
        key = (invite.key[0], "CANCEL")
        transaction = NonInviteClient(self, key, cancel, invite.flow, self.unheard)
        self._clients[key] = transaction
        transaction.start(now)

    def send(self, data: bytes, flow: Flow) -> None:
        self._transmits.append(Transmit(data, flow))

    def repeat(self, data: bytes, flow: Flow) -> None:
        """Send a request again that was not answered."""
        self.in_vain.add(flow)
        self.send(data, flow)

    def forget_transaction(self, transaction: Transaction) -> None:
        if isinstance(transaction, ServerTransaction):
            self._servers.pop(transaction.key, None)
            if transaction.merge_key is not None:
                self._merged.pop(transaction.merge_key, None)
        else:
            self._clients.pop(transaction.key, None)
