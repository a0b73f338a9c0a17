from __future__ import annotations

import asyncio
import gzip
import logging
from pathlib import Path

import pytest
from aiohttp import web

from softswitch.config.element import Element
from softswitch.modules.xml_curl import breaker
from softswitch.modules.xml_curl.breaker import FAILURES
from softswitch.modules.xml_curl.documents import Documents
from softswitch.modules.xml_curl.gateway import Gateway
from softswitch.modules.xml_curl.settings import BindingSettings, NamedBinding
from softswitch.switch.lookup import Inquiry
from tests.support.portal import NOT_FOUND, document, portal
from tests.support.switch import Bench, bench

INQUIRY = Inquiry("directory", "domain", "name", "a.test", {"user": "1000", "key": "id"})


class Asker:
    """A gateway on a bench, and what it tells."""

    def __init__(self, b: Bench, url: str, **settings: object) -> None:
        self.bench = b
        wanted = BindingSettings(url=url, **settings)  # type: ignore[arg-type]
        self.gateway = Gateway(
            b.switch, NamedBinding("portal", frozenset(), wanted), Documents(b.switch)
        )

    async def __aenter__(self) -> Asker:
        await self.gateway.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.stop()

    async def ask(self) -> Element | None:
        return await self.gateway.ask(INQUIRY)

    @property
    def told(self) -> list[str | None]:
        return [e.subclass for e in self.bench.events if (e.subclass or "").startswith("xml_curl")]


async def test_a_portal_is_asked_as_freeswitch_asks(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path) as b, Asker(b, p.url) as asker:
        p.answers["directory"] = document("directory", '<domain name="a.test"/>')
        root = await asker.ask()
        assert root is not None and root.find("section", name="directory") is not None
        request = p.requests[0]
        assert request.method == "POST"
        assert request.headers["User-Agent"] == "freeswitch-xml/1.0"
        assert request.content_type == "application/x-www-form-urlencoded"
        assert p.forms == [
            {
                "hostname": b.switch.hostname,
                "section": "directory",
                "tag_name": "domain",
                "key_name": "name",
                "key_value": "a.test",
                "user": "1000",
                "key": "id",
            }
        ]


async def test_a_get_has_the_form_in_its_url(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path) as b:
        url = p.url + "/${user}?key=1"
        async with Asker(b, url, method="GET", dynamic_url=True) as asker:
            assert await asker.ask() is not None
        assert p.requests[0].path == "/gateway/1000"
        assert p.forms[0]["section"] == "directory"


async def test_connections_are_used_again(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path) as b, Asker(b, p.url) as asker:
        for _ in range(3):
            await asker.ask()
        assert len({request.transport for request in p.requests}) == 1


@pytest.mark.parametrize("scheme", ["basic", "any"])
async def test_basic_log_in(tmp_path: Path, scheme: str) -> None:
    def judge(request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization")
        if given == "Basic bWU6YTpi":
            return None
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="p"'})

    async with portal() as p, bench(tmp_path) as b:
        p.judge = judge
        async with Asker(b, p.url, credentials="me:a:b", auth_scheme=scheme) as asker:
            assert await asker.ask() is not None
        assert len(p.requests) == (1 if scheme == "basic" else 2)


@pytest.mark.parametrize("scheme", ["digest", "any"])
async def test_digest_log_in(tmp_path: Path, scheme: str) -> None:
    challenge = 'Digest realm="p", nonce="abc", qop="auth", algorithm=SHA-256'

    def judge(request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        if given.startswith("Digest") and 'username="me"' in given:
            return None
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    async with portal() as p, bench(tmp_path) as b:
        p.judge = judge
        async with Asker(b, p.url, credentials="me:pw", auth_scheme=scheme) as asker:
            assert await asker.ask() is not None
        assert p.forms[-1]["user"] == "1000"


async def test_a_password_does_not_follow_a_redirection_to_another_host(tmp_path: Path) -> None:
    async with portal() as p, portal() as other, bench(tmp_path) as b:
        p.judge = lambda _: web.Response(status=307, headers={"Location": other.url})
        async with Asker(b, p.url, credentials="me:pw") as asker:
            assert await asker.ask() is not None
        assert "Authorization" in p.requests[0].headers
        assert "Authorization" not in other.requests[0].headers


async def test_a_long_answer_is_refused_before_it_is_whole(tmp_path: Path) -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    async with portal() as p, bench(tmp_path) as b:
        p.judge = lambda _: web.Response(body=bomb, headers={"Content-Encoding": "gzip"})
        async with Asker(b, p.url, response_max_bytes=2048) as asker:
            assert await asker.ask() is None
            assert "2048" in asker.gateway.problem


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (404, NOT_FOUND, "HTTP 404"),
        (500, "oops", "HTTP 500"),
        (200, "<html/>", "not understood"),
        (200, "PHP Fatal error", "not understood"),
    ],
)
async def test_a_server_that_is_wrong_is_asked_on(
    tmp_path: Path, status: int, text: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with portal() as p, bench(tmp_path) as b, Asker(b, p.url) as asker:
        p.status, p.answers["directory"] = status, text
        for _ in range(FAILURES + 2):
            assert await asker.ask() is None
        assert len(p.requests) == FAILURES + 2
        assert reason in asker.gateway.problem
        warnings = [r for r in caplog.records if r.levelno >= logging.WARNING]
        assert len(warnings) == 1, "a reason is told once"
        p.status, p.answers["directory"] = 200, NOT_FOUND
        assert await asker.ask() is not None
        assert asker.gateway.problem == ""


async def fail(asker: Asker) -> None:
    """As many requests as a dead server is allowed."""
    assert await asyncio.gather(*(asker.ask() for _ in range(FAILURES))) == [None] * FAILURES


@pytest.mark.parametrize("dead", ["slow", "gone", "503"])
async def test_a_dead_server_is_left_alone(
    tmp_path: Path, dead: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with portal() as p, bench(tmp_path) as b:
        url = p.url if dead != "gone" else "http://127.0.0.1:9/"
        async with Asker(b, url, timeout=0.02 if dead == "slow" else 2.0) as asker:
            if dead == "slow":
                p.gate.clear()
            p.status = 503
            await fail(asker)
            assert await asker.ask() is None, "not asked at all"
            assert (asker.gateway.asked, asker.gateway.failures) == (FAILURES, FAILURES)
            assert asker.told == ["xml_curl::down"]
            assert len([r for r in caplog.records if "left alone" in r.message]) == 1


async def test_a_server_that_is_back_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "SHORTEST", 1e-9)
    caplog.set_level(logging.INFO)
    async with portal() as p, bench(tmp_path) as b, Asker(b, p.url) as asker:
        p.status = 503
        await fail(asker)
        p.status = 200
        assert await asker.ask() is not None
        assert await asker.ask() is not None
        assert asker.told == ["xml_curl::down", "xml_curl::up"]
        assert len([r for r in caplog.records if "answers again" in r.message]) == 1


async def test_an_answer_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "an answer.xml"
    async with bench(tmp_path) as b, Asker(b, path.as_uri()) as asker:
        assert await asker.ask() is None
        path.write_text(document("directory", ""))
        assert await asker.ask() is not None


async def test_a_gateway_says_how_it_does(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path) as b, Asker(b, p.url) as asker:
        await asker.ask()
        assert repr(asker.gateway) == "<Gateway portal: 1 asked, 0 failed, up>"
