"""Digest authentication, both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import count

import pytest

from softswitch.sip.auth import AuthResult, Challenge, Credentials, NonceKeeper, a1_hash, answer
from softswitch.sip.errors import RemoteProtocolError

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


@pytest.fixture
def keeper() -> NonceKeeper:
    numbers = count(1)
    return NonceKeeper(b"secret", lambda: f"t{next(numbers)}", lifetime=60)


def login(
    challenges: list[str], password: str = "right", nonce_count: int = 1, method: str = "REGISTER"
) -> str:
    return answer(
        challenges, method=method, uri="sip:example.com", username="1000", password=password,
        cnonce="c", nonce_count=nonce_count,
    )  # fmt: skip


def password_for(username: str, realm: str) -> str | None:
    return "right" if (username, realm) == ("1000", "example.com") else None


def check(keeper: NonceKeeper, value: str | None, now: float = 1.0) -> AuthResult:
    return keeper.check(value, method="REGISTER", password_for=password_for, now=now)


def test_right_password_is_accepted_for_each_algorithm(keeper: NonceKeeper) -> None:
    challenges = keeper.challenge(0.0, "example.com")
    assert [Challenge.parse(value).algorithm for value in challenges] == ["SHA-256", "MD5"]
    for challenge in challenges:
        assert check(keeper, login([challenge])) is AuthResult.OK
    assert repr(keeper) == "<NonceKeeper 2 nonces in use, lifetime 60 s>"


def test_nonce_serves_again_with_a_higher_count_only(keeper: NonceKeeper) -> None:
    challenges = keeper.challenge(0.0, "example.com")
    assert check(keeper, login(challenges)) is AuthResult.OK
    assert check(keeper, login(challenges)) is AuthResult.REPLAYED
    assert check(keeper, login(challenges, nonce_count=3)) is AuthResult.OK
    assert check(keeper, login(challenges, nonce_count=2)) is AuthResult.REPLAYED


def test_nonce_without_count_serves_once(keeper: NonceKeeper) -> None:
    challenges = keeper.challenge(0.0, "example.com", qop=())
    assert check(keeper, login(challenges)) is AuthResult.OK
    assert check(keeper, login(challenges)) is AuthResult.REPLAYED


def test_old_nonce_is_stale_for_who_knows_the_password(keeper: NonceKeeper) -> None:
    challenges = keeper.challenge(0.0, "example.com", algorithms=("MD5",))
    assert check(keeper, login(challenges), now=60.0) is AuthResult.OK
    assert check(keeper, login(challenges, nonce_count=2), now=60.1) is AuthResult.STALE
    assert check(keeper, login(challenges, "wrong"), now=60.1) is AuthResult.WRONG_PASSWORD
    [again] = keeper.challenge(60.1, "example.com", stale=True, algorithms=("MD5",))
    assert Challenge.parse(again).stale


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.replace('username="1000"', 'username="1001"'),
        lambda value: value.replace('realm="example.com"', 'realm="example.org"'),
        lambda value: value.replace("sip:example.com", "sip:example.org"),
        lambda value: value.replace("nc=00000001", "nc=00000002"),
    ],
)
def test_tampered_credentials_are_refused(
    keeper: NonceKeeper, change: Callable[[str], str]
) -> None:
    value = change(login(keeper.challenge(0.0, "example.com")))
    assert check(keeper, value) is AuthResult.WRONG_PASSWORD


def test_method_is_covered(keeper: NonceKeeper) -> None:
    value = login(keeper.challenge(0.0, "example.com"), method="INVITE")
    assert check(keeper, value) is AuthResult.WRONG_PASSWORD


def test_nonce_of_another_server_realm_or_algorithm_is_unknown(keeper: NonceKeeper) -> None:
    other = NonceKeeper(b"other secret", lambda: "t1")
    assert check(keeper, login(other.challenge(0.0, "example.com"))) is AuthResult.UNKNOWN_NONCE
    value = keeper.challenge(0.0, "example.org")[0].replace("example.org", "example.com")
    assert check(keeper, login([value])) is AuthResult.UNKNOWN_NONCE
    weaker = keeper.challenge(0.0, "example.com", algorithms=("SHA-256",))[0]
    value = login([weaker.replace("SHA-256", "MD5")])
    assert check(keeper, value) is AuthResult.UNKNOWN_NONCE
    value = login(['Digest realm="example.com", nonce="made up", qop="auth"'])
    assert check(keeper, value) is AuthResult.UNKNOWN_NONCE


def test_a_nonce_of_ours_is_told_without_a_password(keeper: NonceKeeper) -> None:
    ours = login(keeper.challenge(0.0, "example.com"), password="wrong")
    assert keeper.issued(Credentials.parse(ours))
    forged = login(['Digest realm="example.com", nonce="made up", qop="auth"'])
    assert not keeper.issued(Credentials.parse(forged))


@pytest.mark.parametrize(
    ("old", "new"), [("qop=auth", "qop=none"), ("algorithm=MD5", "algorithm=NULL")]
)
def test_empty_response_to_an_unknown_rule_is_refused(
    keeper: NonceKeeper, old: str, new: str
) -> None:
    value = login(keeper.challenge(0.0, "example.com", algorithms=("MD5",)))
    response = Credentials.parse(value).response
    value = value.replace(response, "").replace(old, new)
    assert check(keeper, value) is AuthResult.WRONG_PASSWORD


def test_stored_hash_is_enough_for_the_server(keeper: NonceKeeper) -> None:
    stored = a1_hash("1000", "example.com", "right")
    value = login(keeper.challenge(0.0, "example.com", algorithms=("MD5",)))
    assert keeper.check(value, method="REGISTER", a1_hash=stored, now=1.0) is AuthResult.OK
    value = login(keeper.challenge(0.0, "example.com", algorithms=("SHA-256",)))
    result = keeper.check(value, method="REGISTER", a1_hash=stored, now=1.0)
    assert result is AuthResult.WRONG_PASSWORD


def test_unknown_user_is_refused_even_with_an_empty_password(keeper: NonceKeeper) -> None:
    value = login(keeper.challenge(0.0, "example.com"), password="")
    value = value.replace('"1000"', '"nobody"')
    assert check(keeper, value) is AuthResult.WRONG_PASSWORD


def test_missing_foreign_and_broken_credentials_are_told_apart(keeper: NonceKeeper) -> None:
    assert check(keeper, None) is AuthResult.NO_CREDENTIALS
    assert check(keeper, "NoOneKnowsThisScheme opaque-data=here") is AuthResult.NO_CREDENTIALS
    assert check(keeper, 'Digest username="x"') is AuthResult.MALFORMED


def test_memory_is_bounded_and_forgetting_opens_no_replay() -> None:
    numbers = count(1)
    keeper = NonceKeeper(b"secret", lambda: f"t{next(numbers)}", memory=2)
    values = [login(keeper.challenge(float(now), "example.com")) for now in range(4)]
    assert [check(keeper, value, now=5.0) for value in values] == [AuthResult.OK] * 4
    assert repr(keeper).startswith("<NonceKeeper 2 nonces")
    assert [check(keeper, value, now=5.0) for value in values] == [
        AuthResult.STALE,
        AuthResult.STALE,
        AuthResult.REPLAYED,
        AuthResult.REPLAYED,
    ]


def test_expired_nonces_are_forgotten(keeper: NonceKeeper) -> None:
    assert check(keeper, login(keeper.challenge(0.0, "example.com"))) is AuthResult.OK
    assert check(keeper, login(keeper.challenge(99.0, "example.com")), now=99.0) is AuthResult.OK
    assert repr(keeper).startswith("<NonceKeeper 1 nonces")
