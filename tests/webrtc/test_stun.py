"""STUN messages: the vectors of RFC 5769 and what hostile servers send."""

from __future__ import annotations

import random

import pytest

from softswitch.webrtc.stun import (
    MAGIC,
    StunError,
    binding_request,
    binding_success,
    is_binding_request,
    mapped_address,
)

TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
# RFC 5769 §2.2 and §2.3, without the attributes behind the address.
IPV4 = bytes.fromhex("0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643")
IPV6 = bytes.fromhex(
    "010100182112a442b7e7a701bc34d686fa87dfae002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
)


def test_a_request_has_the_magic_cookie_and_its_transaction() -> None:
    request = binding_request(TRANSACTION)
    assert request[:2] == b"\x00\x01"
    assert request[4:8] == MAGIC.to_bytes(4, "big")
    assert request[8:] == TRANSACTION


@pytest.mark.parametrize(
    ("answer", "address"),
    [
        (IPV4, ("192.0.2.1", 32853)),
        (IPV6, ("2001:db8:1234:5678:11:2233:4455:6677", 32853)),
    ],
)
def test_the_hidden_address_of_an_answer_is_read(answer: bytes, address: tuple[str, int]) -> None:
    assert mapped_address(answer, TRANSACTION) == address


def test_the_plain_address_of_an_old_server_is_read() -> None:
    answer = (
        bytes.fromhex("0101000c2112a442") + TRANSACTION + bytes.fromhex("000100080001138ac0000201")
    )
    assert mapped_address(answer, TRANSACTION) == ("192.0.2.1", 5002)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "too short"),
        (IPV4[:19], "too short"),
        (IPV4[:-1], "length"),
        (b"\x01\x11" + IPV4[2:], "refused"),
        (IPV4[:8] + bytes(12) + IPV4[20:], "another question"),
        (IPV4[:2] + b"\x00\x00" + IPV4[4:20], "names no address"),
        (IPV4[:23] + b"\xff" + IPV4[24:], "cut off"),
        (IPV4[:25] + b"\x07" + IPV4[26:], "no known form"),
    ],
)
def test_any_other_answer_says_what_is_wrong(answer: bytes, reason: str) -> None:
    with pytest.raises(StunError, match=reason):
        mapped_address(answer, TRANSACTION)


def test_damaged_answers_raise_nothing_else() -> None:
    chance = random.Random(8489)
    for _ in range(2000):
        data = bytearray(chance.choice((IPV4, IPV6)))
        for _ in range(chance.randrange(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            mapped_address(bytes(data[: chance.randrange(len(data) + 1)]), TRANSACTION)
        except StunError:
            pass


@pytest.mark.parametrize("address", [("192.0.2.7", 40000), ("2001:db8::7", 40000)])
def test_what_we_tell_others_they_understand(address: tuple[str, int]) -> None:
    request = binding_request(TRANSACTION)
    assert is_binding_request(request)
    assert mapped_address(binding_success(request, address), TRANSACTION) == address


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\1",
        b"\0\0\0\0",
        binding_request(bytes(12)) + b"x",
        b"OPTIONS sip:a SIP/2.0\r\n\r\n",
    ],
)
def test_what_is_no_binding_request_is_taken_for_none(data: bytes) -> None:
    assert not is_binding_request(data)
