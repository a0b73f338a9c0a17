from __future__ import annotations

import base64
import errno
import json
import os
import ssl
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from softswitch.modules.cdr.documents import Documents, NotDelivered, _tls
from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.settings import DocumentSettings
from tests.support.portal import Portal, portal

RECORD = {"name": "a_u-1", "text": "<cdr>ü&</cdr>"}


def documents(folder: Path, **settings: Any) -> Documents:
    switch: Any = SimpleNamespace(
        globals={"log_dir": str(folder)}, core_uuid="core", hostname="host", folders=None
    )
    return Documents(switch, "xml_cdr", DocumentSettings(**settings))


def listening(running: Portal) -> list[tuple[str, str, bytes]]:
    """What is posted: query, content type and body."""
    posts: list[tuple[str, str, bytes]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        posts.append((request.query_string, request.content_type, await request.read()))
        running.requests.append(request)
        return web.Response(status=running.status)

    running.handle = handle  # type: ignore[method-assign]
    return posts


@pytest.fixture
async def server() -> Any:
    running = Portal()
    posts = listening(running)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", running.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    running.url = "http://{}:{}/cdr".format(*runner.addresses[0][:2])
    yield SimpleNamespace(portal=running, posts=posts)
    await runner.cleanup()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def delivered(sink: Documents) -> None:
    try:
        await sink.deliver([("u-1", RECORD)], None, again=False)
    finally:
        await sink.close()


async def test_files_are_written_as_a_whole(tmp_path: Path) -> None:
    await delivered(documents(tmp_path, log_dir=""))
    [file] = (tmp_path / "xml_cdr").iterdir()
    assert (file.name, file.read_text()) == ("a_u-1.cdr.xml", RECORD["text"])


async def test_a_disk_that_is_full_is_told_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*/a_u-1\.cdr\.xml'"):
        await delivered(documents(tmp_path, log_dir=""))


async def test_without_a_folder_and_a_server_nothing_is_written(tmp_path: Path) -> None:
    await delivered(documents(tmp_path))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("encode", "content_type"),
    [
        ("true", "application/x-www-form-urlencoded"),
        ("base64", "application/x-www-form-base64-encoded"),
        ("textxml", "text/xml"),
        ("appljson", "text/xml"),
        ("false", "application/x-www-form-plaintext"),
    ],
)
async def test_posts_are_encoded_as_asked(
    tmp_path: Path, server: Any, encode: str, content_type: str
) -> None:
    await delivered(documents(tmp_path, urls=(server.portal.url,), encode=encode))
    [(query, kind, body)] = server.posts
    assert query == "uuid=a_u-1"
    assert kind == content_type
    decoded = {
        "true": lambda: parse_qs(body.decode())["cdr"][0],
        "base64": lambda: base64.b64decode(body.removeprefix(b"cdr=")).decode(),
        "textxml": lambda: body.decode(),
        "appljson": lambda: body.decode(),
        "false": lambda: body.decode().removeprefix("cdr="),
    }[encode]()
    assert decoded == RECORD["text"]
    assert names(tmp_path) == []


async def test_credentials_go_along_and_the_disk_may_have_it_too(
    tmp_path: Path, server: Any
) -> None:
    sink = documents(
        tmp_path, urls=(server.portal.url,), credentials="u:p:w", on_disk_too=True, log_dir="here"
    )
    await delivered(sink)
    assert server.portal.requests[0].headers["Authorization"] == "Basic dTpwOnc="
    assert (tmp_path / "here" / "a_u-1.cdr.xml").exists()


async def test_what_no_server_takes_is_spooled_until_one_does(tmp_path: Path, server: Any) -> None:
    server.portal.status = 500
    sink = documents(tmp_path, urls=(server.portal.url,), retries=2, delay=0.01, error_dir="spool")
    with pytest.raises(NotDelivered, match="500 Internal Server Error"):
        await sink.deliver([("u-1", RECORD)], None, again=False)
    assert len(server.posts) == 3
    [file] = (tmp_path / "spool").iterdir()
    assert file.read_text() == RECORD["text"]
    server.portal.status = 200
    await delivered(sink)
    assert list((tmp_path / "spool").iterdir()) == []


async def test_the_next_server_is_asked_where_one_is_dead(tmp_path: Path, server: Any) -> None:
    await delivered(documents(tmp_path, urls=("http://127.0.0.1:1/", server.portal.url)))
    assert len(server.posts) == 1


async def test_a_redirection_is_not_taken_for_a_delivery(tmp_path: Path) -> None:
    seen: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        seen.append(request.method)
        if request.path == "/cdr":
            raise web.HTTPFound("/elsewhere")
        return web.Response(text="a page")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = "http://u:secret@{}:{}/cdr?key=secret".format(*runner.addresses[0][:2])
        with pytest.raises(NotDelivered, match="302 Found to /elsewhere, which is not") as failed:
            await delivered(documents(tmp_path, urls=(url,)))
    finally:
        await runner.cleanup()
    assert seen == ["POST"]
    assert "secret" not in str(failed.value)


async def test_a_server_that_wants_digest_gets_it(tmp_path: Path, server: Any) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        if "Authorization" not in request.headers:
            challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=MD5'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        server.posts.append((request.headers["Authorization"], await request.read()))
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = "http://{}:{}/cdr".format(*runner.addresses[0][:2])
        login = {"credentials": "u:p:w", "auth_scheme": "=digest"}
        await delivered(documents(tmp_path, urls=(url,), encode="textxml", **login))
    finally:
        await runner.cleanup()
    [(answer, body)] = server.posts
    assert answer.startswith('Digest username="u"') and "response=" in answer
    assert body.decode() == RECORD["text"]


async def test_folders_are_begun_anew_where_that_is_wished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamps = iter(("first", "second"))
    monkeypatch.setattr(time, "strftime", lambda _: next(stamps))
    sink = documents(tmp_path, log_dir="", rotate=True)
    for stamp in ("first", "second"):
        await sink.deliver([("u-1", RECORD)], None, again=False)
        assert (tmp_path / "xml_cdr" / stamp / "a_u-1.cdr.xml").exists()
        if stamp == "first":
            sink.rotate()
    still = documents(tmp_path, log_dir="still")
    still.rotate()
    assert still.folder == tmp_path / "still"


async def test_a_certificate_that_nobody_signed_is_taken_only_on_request(
    tmp_path: Path,
) -> None:
    assert _tls(DocumentSettings()) is True
    context = _tls(DocumentSettings(verify_peer=False))
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    context = _tls(DocumentSettings(verify_host=False))
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, False)
    missing = DocumentSettings(certificate=str(tmp_path / "none.pem"))
    with pytest.raises(FileNotFoundError):
        _tls(missing)


async def test_a_server_that_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    async with portal() as silent:
        silent.gate.clear()
        sink = documents(tmp_path, urls=(silent.url,), timeout=0.05, encode="true")
        with pytest.raises(NotDelivered, match=r"no answer within 0\.05 s"):
            await delivered(sink)


async def test_a_call_that_was_cut_off_is_told_in_each_form(tmp_path: Path) -> None:
    variables = {"uuid": "u", "direction": "inbound"}
    record = await documents(tmp_path, prefix=True).render_cut_off(variables)
    assert record["name"] == "a_u"
    assert "<uuid>u</uuid>" in record["text"]
    record = await documents(tmp_path, format="json").render_cut_off(variables)
    assert json.loads(record["text"])["variables"]["uuid"] == "u"


def test_called_legs_are_recorded_on_request(tmp_path: Path) -> None:
    assert documents(tmp_path).legs is Legs.A
    assert documents(tmp_path, b_leg=True).legs is Legs.BOTH
