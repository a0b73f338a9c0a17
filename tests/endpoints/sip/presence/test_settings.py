"""What the words of the settings mean."""

from __future__ import annotations

import pytest

from softswitch.endpoints.sip.presence.settings import PresenceSettings


@pytest.mark.parametrize(
    ("word", "managed"), [("true", True), ("passive", True), ("false", False), ("no", False)]
)
def test_whether_watchers_are_served(word: str, managed: bool) -> None:
    assert PresenceSettings(manage_presence=word).presence_managed is managed
    asks = PresenceSettings(send_message_query_on_register=word).queries_messages
    assert asks is managed
