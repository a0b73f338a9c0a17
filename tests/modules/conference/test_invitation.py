from __future__ import annotations

import pytest

from softswitch.modules.conference.invitation import Invitation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3000", Invitation("3000")),
        ("3000-example.test@wide", Invitation("3000-example.test", "wide")),
        ("a@b@wide", Invitation("a@b", "wide")),
        ("3000+1234", Invitation("3000", pin="1234")),
        ("3000@wide+1234", Invitation("3000", "wide", "1234")),
        ("3000++flags{mute|deaf}", Invitation("3000", flags=frozenset(("mute", "deaf")))),
        ("3000+flags{Moderator}", Invitation("3000", flags=frozenset(("moderator",)))),
        (
            "3000@wide+12+flags{mute}",
            Invitation("3000", "wide", "12", frozenset(("mute",))),
        ),
        ("bridge:x:user/1000", Invitation("x", bridge="user/1000")),
        ("bridge:x@wide:{a=b}user/1000", Invitation("x", "wide", bridge="{a=b}user/1000")),
        ("bridge:_uuid_:test/a", Invitation("_uuid_", bridge="test/a")),
        (" 3000@ ", Invitation("3000")),
    ],
)
def test_an_argument_is_taken_apart(text: str, expected: Invitation) -> None:
    assert Invitation.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no conference"),
        ("@wide", "no conference"),
        ("+1234", "no conference"),
        ("3000+flags{mute", "never closed"),
        ("bridge:x", "dial string"),
        ("bridge:x:", "dial string"),
    ],
)
def test_what_cannot_be_meant_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Invitation.parse(text)
