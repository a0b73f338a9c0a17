"""Digest authentication of callers and phones against the directory."""

from __future__ import annotations

import logging
import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from softswitch.modules.logfile.lines import FreeSwitchLine
from softswitch.sip.auth import Challenge, answer
from softswitch.sip.message import Request, Response
from tests.support.sip_bench import DIRECTORY, DOMAIN, Party, SipBench, credentials, sip_bench

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


FILTER = Path(__file__).parents[3] / "conf" / "fail2ban" / "filter.d" / "softswitch.conf"
INNOCENT = "198.51.100.1"


def banned(line: str) -> str:
    """Whom the shipped fail2ban filter takes a log line against; empty for nobody."""
    parser = ConfigParser()
    parser.read(FILTER)
    for pattern in parser["Definition"]["failregex"].splitlines():
        found = re.search(pattern.replace("<HOST>", r"(?P<host>[\d.]+|[0-9a-f:]+)"), line)
        if found is not None:
            return found["host"]
    return ""


def written(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines as a log file has them."""
    formatter = FreeSwitchLine(uuid=True)
    return [formatter.format(record) for record in caplog.records]


@pytest.mark.parametrize(
    ("user", "password", "line"),
    [
        (
            "1000",
            "wrong",
            "SIP auth failure (REGISTER) on sofia profile 'internal' for [1000@example.test]"
            " from ip 192.0.2.10",
        ),
        ("1999", "wrong", "Can't find user [1999@example.test] from 192.0.2.10"),
        ("1000", "secret", ""),
        (f"x] from ip {INNOCENT}", "wrong", "Can't find user [x%5D%20from%20ip%20"),
    ],
)
async def test_failures_are_logged_apart_and_the_shipped_filter_bans_for_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, user: str, password: str, line: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with sip_bench(tmp_path) as running:
        first = running.alice.ask("REGISTER", call_id="reg")
        await running.settle()
        value = credentials(running.alice.response(401), first, user, password)
        await present(running, running.alice, value)
    lines = written(caplog)
    challenge = "SIP auth challenge (REGISTER) on sofia profile 'internal'"
    assert any(challenge in each for each in lines)
    hosts = [host for host in map(banned, lines) if host]
    assert hosts == (["192.0.2.10"] if line else [])
    assert not line or any(line in each for each in lines)


def test_the_filter_knows_consoles_and_files_and_nothing_else() -> None:
    text = "SIP auth failure (INVITE) on sofia profile 'external' for [a@b] from ip 192.0.2.7"
    assert banned(f"2026-11-27 12:00:00.123456 [WARNING] authentication.py:80 {text}")
    assert banned(f"12:00:00.123 [WARNING] {text}")
    assert banned("12:00:00.123 [WARNING] 192.0.2.7 is shut out for 600 s: too many wrong")
    assert banned('12:00:00.123 [WARNING] IP 192.0.2.7 Rejected by acl "domains"')
    assert not banned(f"12:00:00.123 [INFO] {text}")
    assert not banned(f"12:00:00.123 [WARNING] he said: {text}")
    assert not banned(f"12:00:00.123 [WARNING] {text.replace('failure', 'challenge')}")


@pytest.mark.parametrize(("acl", "status"), [("here", 200), ("elsewhere", 403), ("nosuch", 403)])
async def test_a_user_may_be_held_to_a_list(tmp_path: Path, acl: str, status: int) -> None:
    param = f'<param name="auth-acl" value="{acl}"/>'
    own = DIRECTORY.replace(
        '<param name="password" value="secret"/>',
        f'<param name="password" value="secret"/>{param}',
        1,
    )
    async with sip_bench(tmp_path, directory=own) as running:
        assert (await running.register(running.alice)).status == status


@pytest.mark.parametrize(
    ("proxies", "told", "status"),
    [
        ("here", "198.51.100.9", 200),
        ("here", "203.0.113.9", 403),
        ("here", "nonsense", 403),
        ("elsewhere", "198.51.100.9", 403),
    ],
)
async def test_only_a_known_proxy_says_whom_it_speaks_for(
    tmp_path: Path, proxies: str, told: str, status: int
) -> None:
    settings = {
        "accept-blind-reg": "true",
        "apply-proxy-acl": proxies,
        "apply-register-acl": "elsewhere",
    }
    async with sip_bench(tmp_path, profile=settings) as running:
        running.alice.ask("REGISTER", call_id="reg", **{"X-AUTH-IP": told, "X-AUTH-PORT": "5060"})
        await running.settle()
        running.alice.response(status)


async def test_credentials_for_the_body_too_are_understood(tmp_path: Path) -> None:
    async with sip_bench(tmp_path) as running:
        request = running.alice.ask("REGISTER", call_id="reg")
        asked = running.alice.response(401).headers.get("WWW-Authenticate") or ""
        value = answer(
            [asked.replace('qop="auth"', 'qop="auth-int"')],
            method="REGISTER",
            uri=request.uri,
            username="1000",
            password="secret",
            body=b"",
            cnonce="c",
        )
        assert "auth-int" in value
        assert (await present(running, running.alice, value)).status == 200
