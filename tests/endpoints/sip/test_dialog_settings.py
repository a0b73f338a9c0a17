"""What a profile's settings of calls mean to the stack."""

from __future__ import annotations

from softswitch.endpoints.sip.dialog_settings import DialogSettings
from softswitch.sip.session_timer import SessionInterval


def test_what_is_supported_follows_the_settings() -> None:
    assert DialogSettings().extensions == ("timer", "path", "replaces")
    assert DialogSettings(enable_timer=False).extensions == ("path", "replaces")
    assert DialogSettings(enable_100rel=True).extensions == ("100rel", "timer", "path", "replaces")


def test_the_session_interval_follows_the_settings() -> None:
    settings = DialogSettings(
        session_timeout=1800, minimum_session_expires=300, update_refresher=True
    )
    assert settings.session_interval == SessionInterval(True, 1800, 300, True)
    assert not DialogSettings(enable_timer=False).session_interval.enabled
