"""Crypto lines, and what offers and answers make of them."""

from __future__ import annotations

import base64

import pytest

from softswitch.sdp.audio import LocalAudio, LocalCodec
from softswitch.sdp.crypto import SUITES, Crypto, Protection, Secure, parse_crypto, usable
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.negotiation import accept_answer, answer, offer

PLAIN = LocalAudio("192.0.2.9", 20248, (LocalCodec("PCMU", payload_type=0),), session_id=1)
STRONG, USUAL, SHORT = "AEAD_AES_256_GCM", "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"
OURS = tuple(
    Crypto(tag, suite, bytes([tag]) * SUITES[suite]) for tag, suite in enumerate((STRONG, USUAL), 1)
)
OPTIONAL = PLAIN._replace(secure=Secure.OPTIONAL, crypto=OURS)
MANDATORY = OPTIONAL._replace(secure=Secure.MANDATORY)
THEIRS = bytes(range(30))
INLINE = base64.b64encode(THEIRS).decode()


def phone(*lines: str, protocol: str = "RTP/SAVP") -> SessionDescription:
    text = ["v=0", "c=IN IP4 192.0.2.1", f"m=audio 7000 {protocol} 0", *lines]
    return SessionDescription.parse("\n".join(text))


def crypto_lines(description: SessionDescription) -> list[str]:
    return description.media[0].crypto


@pytest.mark.parametrize(
    ("value", "suite"),
    [
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}", USUAL),
        (f"7  aes_cm_128_hmac_sha1_32  inline:{INLINE}|2^48", SHORT),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1048576", USUAL),
        (f"1 AES_CM_256_HMAC_SHA1_80 inline:{'A' * 62}==", "AES_256_CM_HMAC_SHA1_80"),
        (f"1 AES_256_CM_HMAC_SHA1_80 inline:{'A' * 62}", "AES_256_CM_HMAC_SHA1_80"),
        (f"1 AEAD_AES_128_GCM inline:{'A' * 38}==", "AEAD_AES_128_GCM"),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:4", USUAL),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^20|1:4", USUAL),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:0", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:129", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|256:1", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^49", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:4|2^20", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} UNENCRYPTED_SRTP", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE};inline:{INLINE}", None),
        (f"1 F8_128_HMAC_SHA1_80 inline:{INLINE}", None),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 38}==", None),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:!!!", None),
        (f"one AES_CM_128_HMAC_SHA1_80 inline:{INLINE}", None),
        ("", None),
    ],
)
def test_lines_we_can_use_are_told_from_others(value: str, suite: str | None) -> None:
    found = parse_crypto(value)
    assert (found.suite if found else None) == suite


def test_a_line_survives_writing_and_is_not_shown() -> None:
    line = Crypto(3, USUAL, THEIRS)
    assert parse_crypto(str(line)) == line._replace(spelling=USUAL)
    assert INLINE not in repr(line) + repr(Protection(USUAL, THEIRS, THEIRS))


@pytest.mark.parametrize(
    ("behind", "mki", "lifetime"),
    [("", b"", 0), ("|2^20", b"", 1 << 20), ("|7:1", b"\7", 0), ("|99|258:4", b"\0\0\1\2", 99)],
)
def test_what_stands_behind_a_key(behind: str, mki: bytes, lifetime: int) -> None:
    found = parse_crypto(f"1 {USUAL} inline:{INLINE}{behind}")
    assert found is not None and (found.mki, found.lifetime) == (mki, lifetime)
    assert parse_crypto(str(found)) == found


def test_who_names_his_keys_is_answered_with_names_of_that_size() -> None:
    offered = phone(f"a=crypto:1 {USUAL} inline:{INLINE}|5:2")
    settled = answer(offered, MANDATORY)
    keys = settled.audio.protection
    assert keys is not None and (keys.send_mki, keys.receive_mki) == (b"\0\1", b"\0\5")
    (line,) = usable(settled.description.media[0].crypto)
    assert (line.mki, line.lifetime) == (b"\0\1", 0)
    plain = answer(phone(f"a=crypto:1 {USUAL} inline:{INLINE}"), MANDATORY).audio.protection
    assert plain is not None and plain.send_mki == plain.receive_mki == b""


def test_an_offer_names_our_keys_and_the_answer_its_own() -> None:
    ours = OURS[1]._replace(mki=b"\3", lifetime=1 << 20)
    local = MANDATORY._replace(crypto=(ours,))
    description = offer(local)
    assert crypto_lines(description)[0].endswith("|1048576|3:1")
    answered = phone(f"a=crypto:{ours.tag} {USUAL} inline:{INLINE}|9:1")
    keys = accept_answer(description, answered, local).audio.protection
    assert keys is not None
    assert (keys.send_mki, keys.receive_mki, keys.lifetime) == (b"\3", b"\x09", 1 << 20)


def test_mandatory_protection_is_offered_as_savp() -> None:
    description = offer(MANDATORY)
    assert description.media[0].protocol == "RTP/SAVP"
    assert [line.suite for line in usable(crypto_lines(description))] == [STRONG, USUAL]


def test_optional_protection_is_offered_beside_plain_rtp() -> None:
    description = offer(OPTIONAL)
    assert description.media[0].protocol == "RTP/AVP"
    assert len(crypto_lines(description)) == 2
    assert crypto_lines(offer(PLAIN)) == []


@pytest.mark.parametrize("protocol", ["RTP/SAVP", "RTP/AVP", "RTP/SAVPF"])
def test_an_offer_is_answered_in_its_transport_with_its_tag(protocol: str) -> None:
    offered = phone(f"a=crypto:4 {USUAL} inline:{INLINE}", protocol=protocol)
    for local in (OPTIONAL, MANDATORY):
        settled = answer(offered, local)
        assert settled.audio.protection == Protection(USUAL, OURS[1].key, THEIRS)
        line = settled.description.media[0]
        assert (line.protocol, line.crypto) == (protocol, [str(OURS[1]._replace(tag=4))])


def test_a_suite_is_answered_in_the_offers_spelling() -> None:
    long = "AES_256_CM_HMAC_SHA1_80"
    local = OPTIONAL._replace(crypto=(Crypto(1, long, b"k" * 46),))
    offered = phone(f"a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:{'A' * 62}==")
    settled = answer(offered, local)
    assert settled.audio.protection is not None and settled.audio.protection.suite == long
    assert crypto_lines(settled.description)[0].startswith("1 AES_CM_256_HMAC_SHA1_80 inline:")


@pytest.mark.parametrize(
    ("offered", "local", "reason"),
    [
        (phone(f"a=crypto:1 {USUAL} inline:{INLINE}"), PLAIN, "RTP/SAVP is not allowed here"),
        (phone(), OPTIONAL, "RTP/SAVP without a crypto line"),
        (phone(f"a=crypto:1 {SHORT} inline:{INLINE}"), OPTIONAL, "without a crypto line we can"),
        (phone(protocol="RTP/AVP"), MANDATORY, "SRTP is mandatory here"),
    ],
)
def test_what_cannot_be_protected_as_wished_is_refused(
    offered: SessionDescription, local: LocalAudio, reason: str
) -> None:
    settled = answer(offered, local)
    assert reason in (settled.audio.rejected or "")
    assert settled.description.media[0].port == 0


def test_plain_rtp_stays_plain_where_protection_is_no_must() -> None:
    for local in (PLAIN, OPTIONAL):
        settled = answer(phone(protocol="RTP/AVP"), local)
        assert settled.audio.rejected is None and settled.audio.protection is None
        assert crypto_lines(settled.description) == []


def test_of_two_lines_the_protected_one_is_taken_where_it_must_be() -> None:
    offered = phone(
        "m=audio 7002 RTP/SAVP 0", f"a=crypto:1 {USUAL} inline:{INLINE}", protocol="RTP/AVP"
    )
    settled = answer(offered, MANDATORY)
    assert settled.audio.remote_address == ("192.0.2.1", 7002)
    assert [line.port for line in settled.description.media] == [0, 20248]


def test_an_answer_chooses_one_of_our_lines() -> None:
    ours = offer(MANDATORY)
    settled = accept_answer(ours, phone(f"a=crypto:2 {USUAL} inline:{INLINE}"), MANDATORY)
    assert settled.audio.protection == Protection(USUAL, OURS[1].key, THEIRS)
    for wrong in (f"a=crypto:1 {USUAL} inline:{INLINE}", f"a=crypto:9 {USUAL} inline:{INLINE}"):
        assert accept_answer(ours, phone(wrong), MANDATORY).audio.rejected is not None


def test_an_answer_may_pass_over_an_optional_offer_alone() -> None:
    plain = phone(protocol="RTP/AVP")
    assert accept_answer(offer(OPTIONAL), plain, OPTIONAL).audio.rejected is None
    refused = accept_answer(offer(MANDATORY), plain, MANDATORY).audio.rejected
    assert refused is not None and "mandatory" in refused


def test_a_later_offer_keeps_to_the_suite_that_is_used() -> None:
    answered = answer(phone(f"a=crypto:4 {USUAL} inline:{INLINE}"), OPTIONAL).description
    again = offer(MANDATORY, answered)
    assert [line.suite for line in usable(crypto_lines(again))] == [USUAL]
    assert usable(crypto_lines(again))[0].key == OURS[1].key
