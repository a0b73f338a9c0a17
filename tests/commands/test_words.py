"""The words that may follow commands."""

from __future__ import annotations

from softswitch import registry
from softswitch.commands.words import WORDS


def test_words_follow_commands_that_are_there() -> None:
    registry.discover("softswitch.commands")
    registry.discover("softswitch.endpoints")
    for line, words in WORDS.items():
        assert line.split()[0] in registry.command, line
        assert words and len(words) == len(set(words))
