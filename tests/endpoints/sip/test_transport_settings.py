"""Where a profile listens, as its parameters say."""

from __future__ import annotations

import ssl
from dataclasses import replace

import pytest

from softswitch.endpoints.sip.transport_settings import TransportSettings

PLAIN = TransportSettings()


@pytest.mark.parametrize(
    ("changes", "transports"),
    [
        ({}, ("udp", "tcp")),
        ({"bind_params": "transport=tcp"}, ("tcp",)),
        ({"bind_params": "maddr=x; transport=TCP,tls"}, ("tcp",)),
        ({"bind_params": "transport=sctp"}, ("udp",)),
        ({"tls": True}, ("udp", "tcp", "tls")),
        ({"tls_only": True}, ("tls",)),
        ({"ws_binding": ":5066", "wss_binding": ":7443"}, ("udp", "tcp", "ws", "wss")),
    ],
)
def test_transports(changes: dict[str, object], transports: tuple[str, ...]) -> None:
    assert replace(PLAIN, **changes).transports == transports  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("policy", "checked"),
    [
        ("none", set()),
        ("in", {"in"}),
        ("in|out", {"in", "out"}),
        ("all", {"in", "out"}),
        ("Subjects_In", {"in", "subjects_in"}),
        ("subjects_all", {"in", "out", "subjects_in", "subjects_out"}),
    ],
)
def test_policies(policy: str, checked: set[str]) -> None:
    assert replace(PLAIN, tls_verify_policy=policy).tls_verify == checked


def test_a_policy_nobody_knows_is_no_policy() -> None:
    with pytest.raises(ValueError, match="'maybe' is none of none, in, out"):
        _ = replace(PLAIN, tls_verify_policy="maybe").tls_verify


@pytest.mark.parametrize(
    ("version", "oldest"),
    [
        ("tlsv1,tlsv1.1,tlsv1.2", ssl.TLSVersion.TLSv1_2),
        ("sslv23", ssl.TLSVersion.TLSv1_2),
        ("tlsv1.3", ssl.TLSVersion.TLSv1_3),
        ("tlsv1.2,tlsv1.3", ssl.TLSVersion.TLSv1_2),
    ],
)
def test_old_versions_are_not_spoken_whatever_is_written(
    version: str, oldest: ssl.TLSVersion
) -> None:
    assert replace(PLAIN, tls_version=version).oldest_tls is oldest


@pytest.mark.parametrize(
    ("wish", "to_source"),
    [("false", False), ("client-only", False), ("true", True), ("safe", True),
     ("server-only", True)],
)  # fmt: skip
def test_where_answers_go(wish: str, to_source: bool) -> None:
    assert replace(PLAIN, force_rport=wish).answers_to_source is to_source
