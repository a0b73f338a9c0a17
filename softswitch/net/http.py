"""One HTTP request at a time, for commands and applications; nothing blocks."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

LONGEST_BODY = 10_000_000
"""Octets of an answer that are read."""


class HttpFailed(Exception):
    """No answer came; the message says why."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a server said."""

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form: a value, or the content of a file."""

    name: str
    content: str | bytes
    filename: str = ""


def certificates(
    *,
    ca_file: str,
    certificate: str,
    key: str,
    key_password: str,
    check_certificate: bool,
    check_host: bool,
) -> ssl.SSLContext:
    """What a server is trusted by, and what we show it; empty texts are the usual.

    Raises OSError where a file cannot be read or is no certificate.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.check_hostname = check_certificate and check_host
    if not check_certificate:
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key or None, key_password or None)
    return context


async def fetch(
    url: str,
    method: str = "GET",
    *,
    body: str | None = None,
    parts: Iterable[Part] = (),
    headers: Mapping[str, str] | None = None,
    connect_seconds: float = 0,
    seconds: float = 0,
    insecure: bool = False,
) -> HttpAnswer:
    """Ask ``http:`` or ``https:``; 0 seconds are no limit. Raises `HttpFailed`.

    ``parts`` are sent as a form (multipart/form-data) in place of a body.
    """
    # The slowest import of all; who asks nothing does without.
    import aiohttp

    if not url.lower().startswith(("http://", "https://")):
        raise HttpFailed(f"{url} is neither http:// nor https://")
    timeout = aiohttp.ClientTimeout(total=seconds or None, connect=connect_seconds or None)
    content: bytes | aiohttp.FormData | None = body.encode() if body is not None else None
    form = aiohttp.FormData(default_to_multipart=True)
    for part in parts:
        form.add_field(part.name, part.content, filename=part.filename or None)
        content = form
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.request(
                method,
                url,
                data=content,
                headers=dict(headers or {}),
                ssl=not insecure,
            ) as response,
        ):
            read = await response.content.read(LONGEST_BODY)
            while len(read) < LONGEST_BODY and not response.content.at_eof():
                read += await response.content.read(LONGEST_BODY - len(read))
            return HttpAnswer(
                response.status,
                read.decode(response.charset or "utf-8", "replace"),
                tuple(response.headers.items()),
            )
    except TimeoutError:
        raise HttpFailed(f"{url} did not answer in time") from None
    except (aiohttp.ClientError, OSError, ValueError, LookupError) as error:
        raise HttpFailed(f"{url}: {error or type(error).__name__}") from error
