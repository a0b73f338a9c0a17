"""What a new contact replaces."""

from __future__ import annotations

import pytest

from softswitch.endpoints.sip.registration_settings import RegistrationSettings


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("true", "call-id"),
        ("Call-ID", "call-id"),
        ("contact", "contact"),
        ("false", "all"),
        ("no", "all"),
        ("", "all"),
    ],
)
def test_multiple_registrations(text: str, replaced: str) -> None:
    assert RegistrationSettings(multiple_registrations=text).registrations == replaced
