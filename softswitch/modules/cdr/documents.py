"""Records as documents: files of their own, and posts to servers."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.settings import DocumentSettings
from softswitch.net.http import certificates
from softswitch.switch.call_record import cut_off, document, to_json, to_xml
from softswitch.switch.reporting import was_called

if TYPE_CHECKING:
    from softswitch.switch.session import Session
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)


class NotDelivered(Exception):
    """No server took a record; says what each answered."""


class Documents:
    """Posts each record, by its uuid, until a server has taken it, and writes files.

    What no server takes lies as a file in the spool folder until one does.
    """

    def __init__(self, switch: Switch, name: str, settings: DocumentSettings) -> None:
        self.legs = Legs.BOTH if settings.b_leg else Legs.A
        self._switch = switch
        self._settings = settings
        base = Path(switch.globals.get("log_dir") or switch.folders.data / "log")
        self._base = self.folder = base / (settings.log_dir or name)
        self.rotate()
        self.spool = base / (settings.error_dir or settings.log_dir or name)
        self._writes = settings.log_dir is not None and (not settings.urls or settings.on_disk_too)
        self._first = 0
        self._client: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"<Documents {self._settings.format} {' '.join(self._settings.urls) or self.folder}>"

    def rotate(self) -> None:
        """Write into a new folder from now on where ``rotate`` says so; what waits for a server
        stays where it is.
        """
        if self._settings.rotate:
            self.folder = self._base / time.strftime("%Y-%m-%d-%H-%M-%S")

    async def render(self, session: Session) -> dict[str, str]:
        """The name of the record and its text."""
        prefix = "a_" if self._settings.prefix and not was_called(session.channel) else ""
        return self._rendered(f"{prefix}{session.uuid}", document(session))

    async def render_cut_off(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The same for a call of which only these variables are known."""
        switch = self._switch
        prefix = "a_" if self._settings.prefix else ""
        record = cut_off(dict(variables), switch.core_uuid, switch.hostname)
        return self._rendered(f"{prefix}{variables['uuid']}", record)

    def _rendered(self, name: str, record: dict[str, Any]) -> dict[str, str]:
        if self._settings.format == "json":
            values = to_json(record, encode_values=self._settings.encode_values)
            return {"name": name, "text": json.dumps(values)}
        return {"name": name, "text": to_xml(record)}

    async def deliver(self, records: list[tuple[str, Any]], mark: Any, *, again: bool) -> Any:
        """Post and write the records. Raises `NotDelivered` or OSError."""
        loop = asyncio.get_running_loop()
        for _, record in records:
            if self._writes:
                await loop.run_in_executor(None, self._write, self.folder, record)
            if not self._settings.urls:
                continue
            try:
                await self._post(record)
            except NotDelivered:
                if not self._writes:
                    await loop.run_in_executor(None, self._write, self.spool, record)
                raise
            if not self._writes:
                with suppress(FileNotFoundError):
                    self._path(self.spool, record).unlink()
        return mark

    def _path(self, folder: Path, record: dict[str, str]) -> Path:
        return folder / f"{record['name']}.cdr.{self._settings.format}"

    def _write(self, folder: Path, record: dict[str, str]) -> None:
        """A file that is there as a whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        path = self._path(folder, record)
        new = path.with_suffix(".new")
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(record["text"])
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
        except OSError as error:
            # A write that fails does not say where.
            raise OSError(error.errno, error.strerror, str(path)) from None

    async def _post(self, record: dict[str, str]) -> None:
        settings, failures = self._settings, []
        body, content_type = self._encoded(record["text"])
        headers = {"Content-Type": content_type}
        for attempt in range(settings.retries + 1):
            if attempt:
                await asyncio.sleep(settings.delay)
            for _ in settings.urls:
                url = settings.urls[self._first % len(settings.urls)]
                # The uuid lets a server know what it has already.
                separator = "&" if "?" in url else "?"
                target = f"{url}{separator}uuid={record['name']}"
                failure = await self._post_to(url, target, body, headers)
                if failure is None:
                    return
                failures.append(failure)
                self._first += 1
        raise NotDelivered("; ".join(failures[-len(settings.urls) :]))

    async def _post_to(
        self, url: str, target: str, body: bytes, headers: dict[str, str]
    ) -> str | None:
        """None where the server took it, else why not, without what ``target`` may hold."""
        shown = URL(url).with_user(None).with_query(None) if "@" in url or "?" in url else url
        try:
            # Followed, a redirection would make a GET without the record of it.
            async with self._session().post(
                URL(target, encoded=True), data=body, headers=headers, allow_redirects=False
            ) as answer:
                if 200 <= answer.status < 300:
                    return None
                elsewhere = answer.headers.get("Location", "")
                more = f" to {elsewhere}, which is not followed" if elsewhere else ""
                return f"{shown}: {answer.status} {answer.reason}{more}"
        except TimeoutError:
            return f"{shown}: no answer within {self._settings.timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"{shown}: {error or type(error).__name__}"

    def _encoded(self, text: str) -> tuple[bytes, str]:
        form = "application/x-www-form-urlencoded"
        match self._settings.encode.lower():
            case "base64":
                return b"cdr=" + base64.b64encode(
                    text.encode()
                ), "application/x-www-form-base64-encoded"
            case "textxml" | "appljson":
                kind = "application/json" if self._settings.format == "json" else "text/xml"
                return text.encode(), kind
            case "false" | "no":
                return f"cdr={text}".encode(), "application/x-www-form-plaintext"
        return f"cdr={quote(text, safe='')}".encode(), form

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            settings = self._settings
            headers = {}
            scheme = settings.auth_scheme.lstrip("=").lower()
            user, _, password = settings.credentials.partition(":")
            digest = settings.credentials and scheme in ("digest", "any")
            if settings.credentials and scheme != "digest":
                secret = base64.b64encode(settings.credentials.encode()).decode()
                headers["Authorization"] = f"Basic {secret}"
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=_tls(settings)),
                # FreeSWITCH's 0 is no limit.
                timeout=aiohttp.ClientTimeout(total=settings.timeout or None),
                headers=headers,
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(aiohttp.DigestAuthMiddleware(user, password),) if digest else (),
            )
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()


def _tls(settings: DocumentSettings) -> ssl.SSLContext | bool:
    """How certificates are checked, and which is ours; True for the usual."""
    usual = settings.verify_peer and settings.verify_host
    if usual and not (settings.ca_file or settings.certificate):
        return True
    return certificates(
        ca_file=settings.ca_file,
        certificate=settings.certificate,
        key=settings.key,
        key_password=settings.key_password,
        check_certificate=settings.verify_peer,
        check_host=settings.verify_host,
    )
