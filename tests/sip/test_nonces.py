"""Nonces: given out, taken back once for each count, and forgotten."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from softswitch.sip.auth import Challenge, Credentials, a1_hash, answer
from softswitch.sip.nonces import AuthResult, NonceKeeper


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
