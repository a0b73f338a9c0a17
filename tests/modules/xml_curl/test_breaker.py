from __future__ import annotations

from softswitch.modules.xml_curl.breaker import FAILURES, LONGEST, SHORTEST, Breaker


def broken(now: float = 0.0) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker()
    assert [breaker.failed(now) for _ in range(FAILURES)] == [False] * (FAILURES - 1) + [True]
    return breaker


def test_a_few_failures_are_borne() -> None:
    breaker = Breaker()
    for _ in range(5):
        for _ in range(FAILURES - 1):
            breaker.failed(0.0)
        assert breaker.allows(0.0) and not breaker.open
        assert not breaker.answered()


def test_a_dead_server_is_tried_once_after_each_pause() -> None:
    breaker = broken()
    assert not breaker.allows(SHORTEST - 0.1)
    assert breaker.allows(SHORTEST)
    assert not breaker.allows(SHORTEST + 0.1)


def test_pauses_grow_up_to_a_limit() -> None:
    breaker, now = broken(), 0.0
    pauses = []
    for _ in range(8):
        begin = now
        while not breaker.allows(now):
            now += 0.5
        pauses.append(now - begin)
        assert not breaker.failed(now)
    assert pauses[:3] == [SHORTEST, SHORTEST * 2, SHORTEST * 4]
    assert pauses[-1] == LONGEST


def test_requests_that_were_under_way_do_not_lengthen_the_pause() -> None:
    breaker = broken()
    for _ in range(50):
        assert not breaker.failed(0.5)
    assert breaker.allows(SHORTEST)


def test_an_answer_ends_the_pauses() -> None:
    breaker = broken()
    assert breaker.allows(SHORTEST)
    assert breaker.answered()
    assert breaker.allows(SHORTEST) and not breaker.answered()
    assert "0 failures" in repr(breaker)


def test_a_trial_that_never_comes_back_is_repeated() -> None:
    breaker = broken()
    assert breaker.allows(SHORTEST)
    assert breaker.allows(SHORTEST * 2)
