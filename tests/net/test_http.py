"""One HTTP request at a time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from softswitch.net import http
from softswitch.net.http import HttpFailed, certificates, fetch


@asynccontextmanager
async def web(answer: Callable[[str], bytes | None]) -> AsyncIterator[tuple[str, list[str]]]:
    """A server on the loopback: what each request is answered; None is silence."""
    requests: list[str] = []
    serving: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.append(task)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = [line for line in head.lower().split("\r\n") if line.startswith("content-length")]
        body = await reader.readexactly(int(length[0].split(":")[1])) if length else b""
        requests.append(head + body.decode())
        said = answer(requests[-1])
        if said is None:
            await reader.read()
        else:
            writer.write(said)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/", requests
    finally:
        server.close()
        await asyncio.gather(*serving)


def response(body: str, status: str = "200 OK", kind: str = "text/plain") -> bytes:
    content = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + content


async def test_an_answer_has_status_body_and_headers() -> None:
    async with web(lambda _: response("añ", "404 Not Found")) as (url, requests):
        answer = await fetch(url + "a?b=c", "POST", body="x=1", headers={"X-Mine": "yes"})
    assert (answer.status, answer.body) == (404, "añ")
    assert ("Content-Type", "text/plain") in answer.headers
    assert requests[0].startswith("POST /a?b=c HTTP/1.1\r\n")
    assert "X-Mine: yes\r\n" in requests[0] and requests[0].endswith("\r\n\r\nx=1")


async def test_a_silent_server_is_given_up() -> None:
    async with web(lambda _: None) as (url, _):
        with pytest.raises(HttpFailed, match="did not answer in time"):
            await fetch(url, seconds=0.2)


async def test_a_long_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_BODY", 1000)
    async with web(lambda _: response("x" * 5000)) as (url, _):
        assert len((await fetch(url)).body) == 1000


@pytest.mark.parametrize("url", ["ftp://a/", "file:///etc/passwd", "127.0.0.1", ""])
async def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(HttpFailed, match="neither http:// nor https://"):
        await fetch(url)


async def test_a_server_that_is_not_there_is_told() -> None:
    async with web(lambda _: None) as (url, _):
        pass
    with pytest.raises(HttpFailed, match=r"http://127\.0\.0\.1"):
        await fetch(url)


async def test_nonsense_is_no_answer() -> None:
    async with web(lambda _: b"hello\r\n\r\n") as (url, _):
        with pytest.raises(HttpFailed):
            await fetch(url)


@pytest.mark.parametrize(
    ("check_certificate", "check_host", "mode", "named"),
    [
        (True, True, ssl.CERT_REQUIRED, True),
        (True, False, ssl.CERT_REQUIRED, False),
        (False, True, ssl.CERT_NONE, False),
    ],
)
def test_certificates_are_checked_as_far_as_is_wished(
    check_certificate: bool, check_host: bool, mode: ssl.VerifyMode, named: bool
) -> None:
    context = certificates(
        ca_file="",
        certificate="",
        key="",
        key_password="",
        check_certificate=check_certificate,
        check_host=check_host,
    )
    assert (context.verify_mode, context.check_hostname) == (mode, named)
