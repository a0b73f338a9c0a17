"""The inline dialplan."""

from __future__ import annotations

import pytest

from softswitch.dialplan.inline import MAX_ACTIONS, inline_actions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hangup", [("hangup", "")]),
        ("set:a=1,playback:x.wav,hangup", [("set", "a=1"), ("playback", "x.wav"), ("hangup", "")]),
        ("m:^:set:l=a,b^echo", [("set", "l=a,b"), ("echo", "")]),
        ("answer, echo", [("answer", ""), ("echo", "")]),
        ("bridge:sofia/x/sip:1@h", [("bridge", "sofia/x/sip:1@h")]),
        ("set:'a=1,2',echo", [("set", "a=1,2"), ("echo", "")]),
        ("answer,,echo,", [("answer", ""), ("echo", "")]),
        ("intercept:${uuid}", [("intercept", "${uuid}")]),
        ("", []), ("m:x", [("m", "x")]), (":x", []),
    ],
)  # fmt: skip
def test_items_become_applications(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(action.application, action.data) for action in inline_actions(text)] == expected


def test_there_is_a_limit_of_applications() -> None:
    assert len(inline_actions(",".join(["echo"] * 500))) == MAX_ACTIONS
