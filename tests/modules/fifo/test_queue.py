from __future__ import annotations

from softswitch.modules.fifo.queue import Member, Queue, Waiting


def waiting(*slots: int) -> Queue:
    return Queue("q", waiting=[Waiting(slot, float(n), None, "u") for n, slot in enumerate(slots)])


def test_lower_slots_go_first_and_within_one_who_came_first() -> None:
    queue = waiting(5, 0, 5, 0)
    order = []
    while entry := queue.take():
        order.append((entry.slot, entry.since))
    assert order == [(0, 1.0), (0, 3.0), (5, 0.0), (5, 2.0)]


def test_another_order_serves_its_slots_and_the_first_at_last() -> None:
    queue = waiting(0, 5, 1, 2)
    assert [entry.slot for _ in range(3) if (entry := queue.take(order=[5, 1]))] == [5, 1, 0]
    assert queue.take(order=[5, 1]) is None
    assert queue.take(only="nobody") is None
    assert queue.take(uuid="nobody", skill="french") is not None, "these are wishes"


def test_places_count_within_a_slot() -> None:
    queue = waiting(5, 0, 5)
    assert [queue.position(entry) for entry in queue.waiting] == [1, 1, 2]
    assert queue.waits_since == 0.0 and Queue("empty").waits_since == float("inf")


def test_a_member_is_free_within_his_limits() -> None:
    member = Member("user/1", simo=2)
    assert member.available(0)
    member.load.calls, member.load.ringing = {"a"}, 1
    assert not member.available(0)
    member.load.ringing, member.load.rests_from, member.lag = 0, 2.0, 3
    assert not member.available(4.9) and member.available(5)
    member.expires_at = 6.0
    assert not member.available(6)
    member.expires_at, member.taking_calls = None, 0
    assert not member.available(6)
    assert Member("{x=1,fifo_outbound_uuid=anne,y=2}user/1").id == "anne"
    assert member.id == Member("user/1").id != Member("user/2").id
