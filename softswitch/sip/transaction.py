"""What the four transaction machines share (RFC 3261 §17)."""

from __future__ import annotations

import logging
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Protocol

from softswitch.sip.flow import Flow
from softswitch.sip.timers import Timer, TimerEntry, TimerQueue, Timers

if TYPE_CHECKING:
    from softswitch.sip.invite_client import InviteClient
    from softswitch.sip.message import Request, Response
    from softswitch.sip.non_invite_client import NonInviteClient

logger = logging.getLogger(__name__)

TransactionKey = tuple[object, ...]
"""What matches a message to its transaction (RFC 3261 §17.1.3, §17.2.3)."""


class TransactionState(Enum):
    """The states of the four machines; each uses some of them."""

    CALLING = "INVITE sent"
    TRYING = "request sent or received, nothing answered"
    PROCEEDING = "provisional response sent or received"
    COMPLETED = "final response sent or received"
    CONFIRMED = "ACK received"
    ACCEPTED = "2xx to INVITE sent or received (RFC 6026)"
    TERMINATED = "over"


_WAITING = (TransactionState.CALLING, TransactionState.TRYING, TransactionState.PROCEEDING)


class FailureReason(StrEnum):
    """Why a request had no final response."""

    TIMEOUT = "timeout"
    TRANSPORT = "transport"


class TransactionLayer(Protocol):
    """What a machine needs of the stack that owns it."""

    timers: TimerQueue
    settings: Timers

    def send(self, data: bytes, flow: Flow) -> None: ...
    def repeat(self, data: bytes, flow: Flow) -> None: ...
    def forget_transaction(self, transaction: Transaction) -> None: ...


class NonInviteClientUser(Protocol):
    """Who made a non-INVITE request and hears what became of it."""

    def handle_response(
        self, transaction: NonInviteClient, response: Response, now: float
    ) -> None: ...
    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None: ...


class Unheard:
    """Hears the outcome of requests that matter to nobody: CANCEL, the BYE of a late fork."""

    __slots__ = ()

    def handle_response(
        self, transaction: NonInviteClient, response: Response, now: float
    ) -> None: ...

    def handle_failure(
        self, transaction: NonInviteClient, reason: FailureReason, now: float
    ) -> None: ...


class InviteClientUser(Protocol):
    """Who made an INVITE and hears what became of it."""

    def handle_invite_response(
        self, transaction: InviteClient, response: Response, now: float
    ) -> None: ...
    def handle_invite_failure(
        self, transaction: InviteClient, reason: FailureReason, now: float
    ) -> None: ...
    def handle_invite_end(self, transaction: InviteClient) -> None: ...


class Transaction:
    """One request and its responses, between this element and the next."""

    __slots__ = ("_life_timer", "_repeat_timer", "flow", "key", "layer", "state")

    kind = "transaction"

    def __init__(
        self, layer: TransactionLayer, key: TransactionKey, flow: Flow, state: TransactionState
    ) -> None:
        self.layer = layer
        self.key = key
        self.flow = flow
        self.state = state
        self._repeat_timer: TimerEntry | None = None
        self._life_timer: TimerEntry | None = None

    def handle_timer(self, timer: Timer, now: float) -> None:
        raise NotImplementedError

    def _enter(self, state: TransactionState) -> None:
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("= %s %s → %s", self.key, self.state.name, state.name)
        self.state = state

    def _repeat_after(self, delay: float, timer: Timer, now: float) -> None:
        self._repeat_timer = self.layer.timers.start(now + delay, self, timer)

    def _live_for(self, delay: float, timer: Timer, now: float) -> None:
        self._life_timer = self.layer.timers.start(now + delay, self, timer)

    def _stop_timers(self) -> None:
        timers = self.layer.timers
        if self._repeat_timer is not None:
            timers.cancel(self._repeat_timer)
        if self._life_timer is not None:
            timers.cancel(self._life_timer)
        self._repeat_timer = self._life_timer = None

    def terminate(self) -> None:
        """End at once and leave nothing behind; a second time is harmless."""
        if self.state is not TransactionState.TERMINATED:
            self._stop_timers()
            self._enter(TransactionState.TERMINATED)
            self.layer.forget_transaction(self)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key[-1]} {self.key[0]} {self.state.name} {self.flow}>"


class ClientTransaction(Transaction):
    """A request of ours: repeated until somebody answers, given up when nobody does (§17.1)."""

    __slots__ = ("_data", "_interval", "request")

    repeats: Timer
    """The timer of its repetitions: A or E."""
    gives_up: Timer
    """The timer of its patience: B or F."""

    def __init__(
        self,
        layer: TransactionLayer,
        key: TransactionKey,
        flow: Flow,
        state: TransactionState,
        request: Request,
    ) -> None:
        super().__init__(layer, key, flow, state)
        self.request = request
        self._data = request.encode()
        self._interval = layer.settings.t1

    def start(self, now: float) -> None:
        """Send the request."""
        self.layer.send(self._data, self.flow)
        if not self.flow.reliable:
            self._repeat_after(self._interval, self.repeats, now)
        self._live_for(self._patience, self.gives_up, now)

    def handle_response(self, response: Response, now: float) -> None:
        raise NotImplementedError

    def handle_transport_failure(self, now: float) -> None:
        """Nothing can be sent any more to whom it went."""
        if self.waiting:
            self._fail(FailureReason.TRANSPORT, now)

    @property
    def waiting(self) -> bool:
        """Whether the final response is still to come."""
        return self.state in _WAITING

    @property
    def _patience(self) -> float:
        """How many seconds nobody may answer."""
        return self.layer.settings.t1x64

    def _settle(self) -> None:
        """The final response has come: nothing is repeated or given up any more."""
        self._stop_timers()
        self._data = b""

    def _linger(self, seconds: float, timer: Timer, now: float) -> None:
        """Take repetitions of a final response for a while, where the flow may bring some."""
        if self.flow.reliable:
            self.terminate()
        else:
            self._enter(TransactionState.COMPLETED)
            self._live_for(seconds, timer, now)

    def _fail(self, reason: FailureReason, now: float) -> None:
        self.terminate()
        self._tell_failure(reason, now)

    def _tell_failure(self, reason: FailureReason, now: float) -> None:
        raise NotImplementedError


class ServerTransaction(Transaction):
    """A request of the peer's."""

    __slots__ = ("merge_key",)

    def __init__(
        self,
        layer: TransactionLayer,
        key: TransactionKey,
        flow: Flow,
        state: TransactionState,
    ) -> None:
        super().__init__(layer, key, flow, state)
        self.merge_key: TransactionKey | None = None
        """Under which the stack finds the same request come by another way (§8.2.2.2)."""

    def handle_request(self, request: Request, now: float) -> None:
        raise NotImplementedError

    def respond(self, response: Response, now: float) -> None:
        raise NotImplementedError
