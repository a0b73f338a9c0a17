"""Digest authentication of callers and phones against the directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.sip.auth import Challenge
from softswitch.sip.message import Request, Response
from tests.support.sip_bench import DOMAIN, Party, SipBench, credentials, sip_bench

pytestmark = pytest.mark.virtual_time

HASHED = (
    '<domain name="example.test"><user id="1000"><params>'
    '<param name="a1-hash" value="{}"/></params></user><user id="1001"/></domain>'
)


async def challenge(running: SipBench, party: Party, **headers: str) -> tuple[Request, Challenge]:
    """A REGISTER without credentials and what it is asked."""
    request = party.ask("REGISTER", call_id="reg", **headers)  # type: ignore[arg-type]
    await running.settle()
    text = party.response(401).headers.get("WWW-Authenticate") or ""
    return request, Challenge.parse(text)


async def present(running: SipBench, party: Party, value: str) -> Response:
    """A REGISTER with those credentials and its final response."""
    party.ask("REGISTER", call_id="reg", Authorization=value)
    await running.settle()
    found = party.received.pop()
    assert isinstance(found, Response)
    return found


@pytest.mark.parametrize(
    ("wish", "realm"),
    [("auto_from", "from.test"), ("auto_to", "to.test"), ("", "to.test"), ("mine", "mine")],
)
async def test_the_realm_is_what_the_profile_says(tmp_path: Path, wish: str, realm: str) -> None:
    async with sip_bench(tmp_path, profile={"challenge-realm": wish}) as running:
        _, asked = await challenge(
            running, running.alice, From="<sip:1000@from.test>;tag=x", To="<sip:1000@to.test>"
        )
        assert asked.realm == realm


async def test_the_profile_chooses_the_algorithms(tmp_path: Path) -> None:
    both = {"rfc8760-auth-algorithms": "SHA-256,MD5"}
    async with sip_bench(tmp_path, profile=both) as running:
        request = running.alice.ask("REGISTER", call_id="reg")
        response = running.alice.response(401)
        values = response.headers.all("WWW-Authenticate")
        assert [Challenge.parse(value).algorithm for value in values] == ["SHA-256", "MD5"]
        value = credentials(response, request, "1000", "secret")
        assert "SHA-256" in value
        assert (await present(running, running.alice, value)).status == 200


async def test_an_old_nonce_is_stale_and_not_a_failure(tmp_path: Path) -> None:
    async with sip_bench(tmp_path, profile={"nonce-ttl": "5"}) as running:
        request = running.alice.ask("REGISTER", call_id="reg")
        first = running.alice.response(401)
        value = credentials(first, request, "1000", "secret")
        await running.settle(30)
        running.alice.received.clear()
        late = await present(running, running.alice, value)
        assert late.status == 401
        assert Challenge.parse(late.headers.get("WWW-Authenticate") or "").stale
        value = credentials(late, request, "1000", "secret")
        assert (await present(running, running.alice, value)).status == 200


async def test_credentials_serve_once(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        request = running.alice.ask("REGISTER", call_id="reg")
        value = credentials(running.alice.response(401), request, "1000", "secret")
        assert (await present(running, running.alice, value)).status == 200
        replayed = await present(running, running.alice, value)
        assert replayed.status == 401


async def test_a_made_up_nonce_is_challenged_anew(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        request = running.alice.ask("REGISTER", call_id="reg")
        response = running.alice.response(401)
        made_up = Challenge(realm=DOMAIN, nonce="f" * 40, algorithm="MD5", qop=("auth",))
        response.headers.set("WWW-Authenticate", str(made_up))
        value = credentials(response, request, "1000", "secret")
        forged = await present(running, running.alice, value)
        assert forged.status == 401


@pytest.mark.parametrize("value", ["Digest", "Basic abc", "nonsense", 'Digest username="1000"'])
async def test_malformed_credentials_are_refused(tmp_path: Path, value: str) -> None:
    async with sip_bench(tmp_path) as running:
        assert (await present(running, running.alice, value)).status in (400, 401, 403)
        assert not len(running.sip.location)


async def test_a_hash_in_the_directory_serves_as_password(tmp_path: Path) -> None:
    from hashlib import md5

    a1 = md5(b"1000:example.test:secret", usedforsecurity=False).hexdigest()
    async with sip_bench(tmp_path, directory=HASHED.format(a1)) as running:
        assert (await running.register(running.alice)).status == 200
        assert (await running.register(running.bob, "")).status == 403


async def test_a_forced_domain_is_where_users_are_looked_up(tmp_path: Path) -> None:
    forced = {"force-register-domain": DOMAIN}
    async with sip_bench(tmp_path, profile=forced) as running:
        here = {"From": "<sip:1000@192.0.2.1>;tag=x", "To": "<sip:1000@192.0.2.1>"}
        assert (await running.register(running.alice, **here)).status == 200
    async with sip_bench(tmp_path) as running:
        assert (await running.register(running.alice, **here)).status == 403
