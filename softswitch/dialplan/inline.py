"""The inline dialplan: ``set:a=1,playback:x.wav,hangup`` instead of an extension."""

from __future__ import annotations

from softswitch.dialplan.arguments import split
from softswitch.dialplan.hunt import PlannedAction

MAX_ACTIONS = 128


def inline_actions(text: str) -> tuple[PlannedAction, ...]:
    """The applications of ``app[:data],…``; ``m:X:`` in front separates them by X instead.

    Quotes and escapes protect separators. Empty items are left out.
    """
    separator = ","
    if text.startswith("m:") and text[3:4] == ":":
        separator, text = text[2], text[4:]
    actions: list[PlannedAction] = []
    for item in split(text, separator, MAX_ACTIONS):
        application, _, data = item.lstrip(" ").partition(":")
        if application:
            actions.append(PlannedAction(application, data, extension="inline"))
    return tuple(actions)
