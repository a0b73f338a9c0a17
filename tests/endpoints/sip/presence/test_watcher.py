"""What is new to a watcher: all at first, then what changed, and what is over."""

from __future__ import annotations

from types import SimpleNamespace

from softswitch.endpoints.sip.presence.state import DialogState
from softswitch.endpoints.sip.presence.watcher import Watcher


def watcher(
    user: str = "1000", protocol: str = "", domains: frozenset[str] = frozenset()
) -> Watcher:
    profile = SimpleNamespace(domains=domains)
    return Watcher(profile, None, "dialog", user, "X", protocol)  # type: ignore[arg-type]


def test_all_is_told_first_then_what_changed() -> None:
    one, two = DialogState("1", True, "early"), DialogState("2", False, "confirmed")
    made = watcher()
    made.told = None
    assert made.changes([one, two]) == ([one, two], False)
    assert made.changes([one, two]) == ([], True)
    answered = DialogState("1", True, "confirmed")
    over = DialogState("2", False, "terminated")
    assert made.changes([answered]) == ([answered, over], True)


def test_whom_it_watches() -> None:
    assert watcher().resources == ("1000@x",)
    assert watcher("3001", "conf").resources == ("3001@x", "conf+3001@x")
    assert watcher("park+5", "park").resources == ("park+5@x",)
    same = frozenset({"x", "y"})
    assert watcher(domains=same).resources == ("1000@x", "1000@y")
    assert watcher("3001", "conf", same).resources[2:] == ("conf+3001@x", "conf+3001@y")
    assert watcher(domains=frozenset({"z"})).resources == ("1000@x",)
    assert watcher().entity == "sip:1000@X"
