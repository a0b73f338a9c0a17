"""A 2xx that waits for its ACK."""

from __future__ import annotations

from softswitch.sip.flow import Flow
from softswitch.sip.pending_ack import PendingAck
from softswitch.sip.timers import TimerQueue, Timers
from softswitch.sip.transaction import Transaction

FLOW = Flow("tcp", ("192.0.2.1", 5060), ("192.0.2.2", 5060))


class Layer:
    """Takes down when something was sent, and plays the user too."""

    def __init__(self) -> None:
        self.timers = TimerQueue()
        self.settings = Timers()
        self.sent: list[float] = []
        self.given_up: list[float] = []
        self.now = 0.0

    def send(self, data: bytes, flow: Flow) -> None:
        assert (data, flow) == (b"200", FLOW)
        self.sent.append(self.now)

    def forget_transaction(self, transaction: Transaction) -> None:
        raise AssertionError("it is no transaction")

    def handle_missing_ack(self, now: float) -> None:
        self.given_up.append(now)

    def run(self, until: float) -> None:
        while (deadline := self.timers.next_timeout()) is not None and deadline <= until:
            self.now = deadline
            self.timers.fire(deadline)


def test_it_is_repeated_at_growing_intervals_up_to_t2_and_then_given_up() -> None:
    layer = Layer()
    PendingAck(layer, layer, b"200", FLOW, 1, 0.0)
    layer.run(100.0)
    assert layer.sent == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert layer.given_up == [32.0]
    assert len(layer.timers) == 0


def test_stopping_it_stops_all() -> None:
    layer = Layer()
    pending = PendingAck(layer, layer, b"200", FLOW, 1, 0.0)
    layer.run(1.0)
    pending.stop()
    pending.stop()
    layer.run(100.0)
    assert (layer.sent, layer.given_up, len(layer.timers)) == ([0.5], [], 0)
