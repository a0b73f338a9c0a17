from __future__ import annotations

from softswitch.modules.event_socket.encoding import EventFormat
from softswitch.modules.event_socket.filters import parse_filter
from softswitch.modules.event_socket.listener import Listener, Overflow
from softswitch.modules.event_socket.names import parse_names
from softswitch.modules.event_socket.piece import Piece
from softswitch.switch.events import Event


def written(data: bytes) -> Piece:
    return Piece(EventFormat.PLAIN, data)


def _listener(words: str, limit: int = 1000) -> Listener:
    listener = Listener(limit=limit)
    listener.subscribe(parse_names(words.split()))
    return listener


def test_custom_events_need_their_subclass_unless_all_are_wanted() -> None:
    register = Event("CUSTOM", subclass="sofia::register")
    assert _listener("CUSTOM sofia::register").subscribed(register)
    assert not _listener("CUSTOM sofia::expire").subscribed(register)
    assert not _listener("API").subscribed(register)
    assert _listener("all").subscribed(register)


def test_unsubscribing_the_last_subclass_ends_custom() -> None:
    listener = _listener("API CUSTOM a b")
    listener.unsubscribe(parse_names(["CUSTOM", "a"]))
    assert listener.names == {"API", "CUSTOM"}
    listener.unsubscribe(parse_names(["CUSTOM", "b"]))
    assert listener.names == {"API"}


def test_unsubscribing_custom_ends_all_subclasses() -> None:
    listener = _listener("API CUSTOM a b")
    listener.unsubscribe(parse_names(["CUSTOM"]))
    assert (listener.names, listener.subclasses) == ({"API"}, set())


def test_one_channel_hears_itself_and_its_jobs() -> None:
    listener = _listener("BACKGROUND_JOB")
    assert not listener.choosy
    listener.only_channel("u-1")
    assert listener.choosy
    answer = Event("CHANNEL_ANSWER", {"Unique-ID": "u-1"})
    assert listener.subscribed(answer) and listener.chooses(answer)
    job = Event("BACKGROUND_JOB", {"Job-Owner-UUID": "u-1"})
    assert listener.subscribed(job) and listener.chooses(job)
    assert not listener.chooses(Event("CHANNEL_ANSWER", {"Unique-ID": "u-2"}))
    assert not listener.subscribed(Event("CHANNEL_HOLD", {"Unique-ID": "u-1"}))


def test_filters_choose() -> None:
    listener = _listener("all")
    listener.filters.add(parse_filter("Event-Name", "/^CHANNEL_A/"))
    assert listener.choosy
    assert listener.chooses(Event("CHANNEL_ANSWER", {"Event-Name": "CHANNEL_ANSWER"}))
    assert not listener.chooses(Event("API", {"Event-Name": "API"}))


def test_what_waits_is_taken_in_order_and_in_bounded_pieces() -> None:
    listener = _listener("all")
    for data in (b"aaaa", b"bbbb", b"cccc"):
        listener.put(written(data))
    assert listener.take(5) == b"aaaabbbb"
    assert listener.waiting
    assert listener.take(5) == b"cccc"
    assert not listener.waiting
    assert repr(listener) == "<Listener plain 1 names, 0 waiting, 3 sent, 0 lost>"


def test_a_loss_is_told_exactly_where_it_happened() -> None:
    listener = _listener("all", limit=300)
    listener.put(written(b"a" * 150))
    listener.put(written(b"b" * 140))
    listener.put(written(b"c" * 100))
    listener.put(written(b"d" * 100))
    assert listener.lost == 2
    assert listener.take(1) == b"a" * 150
    listener.put(written(b"e"))
    rest = listener.take(1000)
    before, marker, after = rest.partition(b"Lost-Events: 2\n")
    assert before.startswith(b"b" * 140 + b"Content-Length:")
    assert b"Event-Subclass: event_socket%3A%3Alost\n" in before
    assert marker
    assert after.endswith(b"e")


def test_the_policy_to_disconnect_marks_the_listener() -> None:
    listener = Listener(limit=10, overflow=Overflow.DISCONNECT)
    listener.put(written(b"x" * 11))
    assert listener.overflowed


def test_once_full_it_loses_all_until_half_has_been_read() -> None:
    listener = _listener("all", limit=100)
    for _ in range(4):
        listener.put(written(b"x" * 30))
    assert listener.full and listener.lost == 1
    assert listener.take(1) == b"x" * 30
    listener.put(written(b"y"))
    assert listener.full and listener.lost == 2
    assert listener.take(1) == b"x" * 30
    assert not listener.full
    listener.put(written(b"z"))
    told = listener.take(10_000).decode()
    assert told.startswith("x" * 30 + "Content-Length: ") and told.endswith("z")
    assert "Lost-Events: 2\n" in told
    listener.clear()
    assert not listener.waiting and not listener.full


def test_what_a_client_must_be_told_is_queued_though_there_is_no_room() -> None:
    listener = _listener("API", limit=10)
    listener.put(written(b"x" * 10))
    listener.put(written(b"lost"))
    listener.append(written(b"the end"))
    told = listener.take(10_000)
    assert told.startswith(b"x" * 10) and told.endswith(b"the end")
    assert b"Lost-Events: 1" in told
