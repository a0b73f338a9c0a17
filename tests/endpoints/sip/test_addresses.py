"""Addresses as people write them."""

from __future__ import annotations

import pytest

from softswitch.endpoints.sip.addresses import host_of, uri_of


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip.example.com", "sip:sip.example.com"),
        ("pbx:5080", "sip:pbx:5080"),
        ("sip:example.com", "sip:example.com"),
        ("SIPS:example.com", "sips:example.com"),
    ],
)
def test_addresses_are_written_with_or_without_their_scheme(text: str, uri: str) -> None:
    assert str(uri_of(text)) == uri


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.com", "example.com"),
        ("sip:user@example.com:5060;transport=tcp", "example.com"),
        ("[2001:db8::1]:5060", "2001:db8::1"),
        ("sips.example.com:5061", "sips.example.com"),
    ],
)
def test_the_host_of_an_address(text: str, host: str) -> None:
    assert host_of(text) == host
