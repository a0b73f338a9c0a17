"""Digest authentication, both sides."""

from __future__ import annotations

import hashlib

import pytest

from softswitch.sip.auth import (
    Challenge,
    Credentials,
    a1_hash,
    answer,
    authorization,
    is_refused,
)
from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.message import Headers, Request, Response

RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
MD5 = RFC_7616.format(algorithm="MD5")
SHA256 = RFC_7616.format(algorithm="SHA-256")
RFC_7616_MD5 = "8ca523f5e9506fed4657c9700eebdbec"
RFC_7616_SHA256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"


def answer_as_mufasa(*challenges: str, **changes: str) -> Credentials:
    return Credentials.parse(
        answer(
            challenges,
            method="GET",
            uri="/dir/index.html",
            username="Mufasa",
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            **({"password": "Circle of Life"} | changes),  # type: ignore[arg-type]
        )
    )


def test_answers_of_rfc_7616() -> None:
    assert answer_as_mufasa(MD5).response == RFC_7616_MD5
    assert answer_as_mufasa(SHA256).response == RFC_7616_SHA256


def test_answer_of_rfc_2617() -> None:
    value = answer(
        ['Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f6'
         '00bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'],
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle Of Life",
        cnonce="0a4f113b",
    )  # fmt: skip
    assert value == (
        'Digest username="Mufasa", realm="testrealm@host.com", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", '
        'response="6629fae49393a05397450978507c4ef1", algorithm=MD5, cnonce="0a4f113b", '
        'qop=auth, nc=00000001, opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )


def test_strongest_supported_challenge_is_answered() -> None:
    unknown = RFC_7616.format(algorithm="SHA-512-256")
    assert answer_as_mufasa(unknown, MD5, 'Basic realm="x"', SHA256).algorithm == "SHA-256"
    assert answer_as_mufasa("Digest broken", MD5).algorithm == "MD5"


def test_stored_hash_stands_for_the_password_of_its_algorithm() -> None:
    ha1 = a1_hash("Mufasa", "http-auth@example.org", "Circle of Life")
    assert ha1 == "3d78807defe7de2157e2b0b6573a855f"
    assert answer_as_mufasa(SHA256, MD5, ha1=ha1).response == RFC_7616_MD5
    ha1 = a1_hash("Mufasa", "http-auth@example.org", "Circle of Life", "SHA-256")
    assert answer_as_mufasa(MD5, SHA256, ha1=ha1).response == RFC_7616_SHA256
    with pytest.raises(ValueError, match="unsupported"):
        a1_hash("a", "b", "c", "CRC")


def test_unanswerable_challenges_are_the_peers_fault() -> None:
    for challenge in (
        "Negotiate",
        'Digest realm="r"',
        'Digest realm="r", nonce="n", algorithm=SHA-1',
        'Digest realm="r", nonce="n", qop="auth-conf"',
    ):
        with pytest.raises(RemoteProtocolError):
            answer_as_mufasa(challenge)


def h(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def test_auth_int_covers_the_body() -> None:
    value = answer(
        ['Digest realm="r", nonce="n", qop="auth-int"'],
        method="INVITE", uri="sip:b@b", username="u", password="p", body=b"v=0", cnonce="c",
        nonce_count=17,
    )  # fmt: skip
    expected = h(f"{h('u:r:p')}:n:00000011:c:auth-int:{h('INVITE:sip:b@b:' + h('v=0'))}")
    credentials = Credentials.parse(value)
    assert (credentials.response, credentials.nonce_count) == (expected, 17)


def test_old_form_has_neither_qop_nor_count() -> None:
    value = answer(
        ['Digest realm="r", nonce="n"'],
        method="REGISTER", uri="sip:r", username="u", password="p", cnonce="c",
    )  # fmt: skip
    assert h(f"{h('u:r:p')}:n:{h('REGISTER:sip:r')}") in value
    assert "qop" not in value
    assert "nc=" not in value
    assert "cnonce" not in value


def test_session_algorithm_mixes_nonces_into_the_secret() -> None:
    value = answer(
        ['Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"'],
        method="BYE", uri="sip:b", username="u", password="p", cnonce="c",
    )  # fmt: skip
    secret = h(f"{h('u:r:p')}:n:c")
    assert h(f"{secret}:n:00000001:c:auth:{h('BYE:sip:b')}") in value


def test_challenge_is_read_as_it_was_written() -> None:
    challenge = Challenge('a "realm"', "n", "SHA-256", ("auth", "auth-int"), "o", True, "sip:d")
    assert str(challenge) == (
        'Digest realm="a \\"realm\\"", domain="sip:d", nonce="n", opaque="o", stale=true, '
        'algorithm=SHA-256, qop="auth,auth-int"'
    )
    assert Challenge.parse(str(challenge)) == challenge


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Digest",
        "Basic dTpw",
        'Digest username="u"',
        'Digest username="u", realm="r", nonce="n", uri="u", response="r", qop=auth, nc=00000001',
        'Digest username="u", realm="r", nonce="n", uri="u", response="r", qop=auth, cnonce="c"',
        'Digest username="u", realm="r", nonce="n", uri="u", response="r", qop=auth, cnonce="c", '
        "nc=0000000g",
        'Digest username="u", username="v", realm="r", nonce="n", uri="u", response="r"',
        'Digest username="u, realm="r", nonce="n", uri="u", response="r"',
    ],
)
def test_malformed_credentials_are_refused(value: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Credentials.parse(value)


def test_credentials_do_not_show_their_secrets() -> None:
    assert repr(answer_as_mufasa(MD5)) == "<Credentials Mufasa@http-auth@example.org MD5>"


@pytest.mark.parametrize(
    ("status", "asked", "answered"),
    [
        (401, "WWW-Authenticate", "Authorization"),
        (407, "Proxy-Authenticate", "Proxy-Authorization"),
    ],
)
def test_a_challenge_is_answered_in_the_header_that_belongs_to_it(
    status: int, asked: str, answered: str
) -> None:
    def met(value: str) -> Response:
        return Response(status, "Who?", Headers([(asked, value)]))

    request = Request("BYE", "sip:b@example.test", Headers(), b"body")
    challenged = met('Digest realm="r", nonce="n", qop="auth-int"')
    who = {"username": "alice", "password": "secret", "cnonce": "c"}
    header = authorization(request, challenged, **who)
    assert header is not None and header[0] == answered
    sent = Credentials.parse(header[1])
    assert (sent.uri, sent.qop) == ("sip:b@example.test", "auth-int")
    assert sent.response == sent.expected(method="BYE", password="secret", body=b"body")
    assert authorization(request, met("Basic x"), **who) is None
    assert not is_refused(request, challenged)
    request.headers.add(*header)
    assert is_refused(request, challenged)
    assert not is_refused(request, met('Digest realm="r", nonce="m", stale=true'))
