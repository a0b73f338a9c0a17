from __future__ import annotations

import base64
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from softswitch.modules.cdr.documents import Documents, NotDelivered
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


async def test_without_a_folder_and_a_server_nothing_is_written(tmp_path: Path) -> None:
    await delivered(documents(tmp_path))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("encode", "content_type"),
    [
        ("true", "application/x-www-form-urlencoded"),
        ("base64", "application/x-www-form-base64-encoded"),
        ("textxml", "text/xml"),
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
