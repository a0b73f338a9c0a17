"""Whether a call is to be protected, and by what."""

from __future__ import annotations

import pytest

from softswitch.endpoints.rtp_security import (
    LONGEST_LIFETIME,
    USUAL,
    KeyRing,
    lifetime,
    security,
)
from softswitch.sdp.crypto import SUITES, Secure

EVERYTHING = tuple(SUITES)
GCM, LONG, SHORT = "AEAD_AES_256_GCM", "AES_256_CM_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"
OFF, MAY, MUST = Secure.FORBIDDEN, Secure.OPTIONAL, Secure.MANDATORY


@pytest.mark.parametrize(
    ("value", "called", "calling"),
    [
        (None, (MAY, EVERYTHING), (OFF, USUAL)),
        ("true", (MUST, EVERYTHING), (MUST, USUAL)),
        ("mandatory", (MUST, EVERYTHING), (MUST, USUAL)),
        ("optional", (MAY, EVERYTHING), (MAY, USUAL)),
        ("false", (OFF, EVERYTHING), (OFF, USUAL)),
        ("forbidden", (OFF, EVERYTHING), (OFF, USUAL)),
        (f"optional:{GCM}|{SHORT}", (MAY, (GCM, SHORT)), (MAY, (GCM, SHORT))),
        ("mandatory:AES_CM_256_HMAC_SHA1_80", (MUST, (LONG,)), (MUST, (LONG,))),
        (f"{SHORT}:{GCM}", (MUST, (SHORT, GCM)), (MUST, (SHORT, GCM))),
    ],
)
def test_every_value_of_the_variable(
    value: str | None,
    called: tuple[Secure, tuple[str, ...]],
    calling: tuple[Secure, tuple[str, ...]],
) -> None:
    variables = {"rtp_secure_media": value} if value else {}
    assert security(variables, inbound=True) == (*called, ())
    assert security(variables, inbound=False) == (*calling, ())


def test_each_direction_may_have_its_own_wish_and_suites_apart() -> None:
    variables = {
        "rtp_secure_media": "optional",
        "rtp_secure_media_inbound": "forbidden",
        "rtp_secure_media_outbound": "mandatory",
        "rtp_secure_media_suites": f"{SHORT} {GCM}",
        "rtp_sdes_suites": LONG,
    }
    assert security(variables, inbound=True)[0] is OFF
    assert security(variables, inbound=False) == (MUST, (SHORT, GCM), ())
    del variables["rtp_secure_media_suites"]
    assert security(variables, inbound=False) == (MUST, (LONG,), ())


def test_suites_that_nobody_knows_are_told() -> None:
    asked = {"rtp_secure_media": f"true:ROT13|{SHORT}"}
    assert security(asked, inbound=False) == (MUST, (SHORT,), ("ROT13",))
    assert security({"rtp_secure_media": "perhaps"}, inbound=True) == (MUST, (), ("perhaps",))


def test_a_call_keeps_its_keys_and_another_has_others() -> None:
    ring = KeyRing()
    first = ring.lines((GCM, SHORT))
    assert [(line.tag, len(line.key)) for line in first] == [(1, 44), (2, 30)]
    assert ring.lines((SHORT,))[0].key == first[1].key
    assert KeyRing().lines((SHORT,))[0].key != first[1].key
    assert first[0].key.hex() not in repr(ring)


def test_renewed_keys_are_others_and_bear_another_name() -> None:
    ring = KeyRing()
    (first,) = ring.lines((SHORT,), named=True, lifetime=1 << 20)
    assert (first.mki, first.lifetime) == (b"\1", 1 << 20)
    ring.renew()
    (second,) = ring.lines((SHORT,), named=True)
    assert second.mki == b"\2" and second.key != first.key
    assert ring.lines((SHORT,))[0].mki == b""
    for _ in range(255):
        ring.renew()
    assert ring.lines((SHORT,), named=True)[0].mki == b"\2", "a name has one octet"


@pytest.mark.parametrize(
    ("text", "packets"),
    [
        (None, 0),
        ("", 0),
        ("many", 0),
        ("5000", 5000),
        (" 2^20 ", 1 << 20),
        ("2^48", LONGEST_LIFETIME),
        ("999999999999", LONGEST_LIFETIME),
    ],
)
def test_the_lifetime_of_a_key(text: str | None, packets: int) -> None:
    assert lifetime(text) == packets
