"""Safe unless told otherwise."""

from __future__ import annotations

from softswitch.endpoints.sip.security_settings import SecuritySettings


def test_who_guesses_and_who_scans_is_shut_out_by_default() -> None:
    settings = SecuritySettings()
    assert settings.ban_failures
    assert settings.drop_scanners
    assert not settings.accept_blind_auth
    # A trunk sends thousands: nobody knows a good limit but the operator.
    assert settings.max_requests_per_second == 0
