"""Records as documents: files of their own, and posts to servers."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp

from softswitch.modules.cdr.legs import Legs
from softswitch.modules.cdr.settings import DocumentSettings
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
        self.folder = base / (settings.log_dir or name)
        self.spool = base / (settings.error_dir or settings.log_dir or name)
        self._writes = settings.log_dir is not None and (not settings.urls or settings.on_disk_too)
        self._first = 0
        self._client: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"<Documents {self._settings.format} {' '.join(self._settings.urls) or self.folder}>"

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
        with new.open("w", encoding="utf-8") as file:
            file.write(record["text"])
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)

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
                try:
                    async with self._session().post(target, data=body, headers=headers) as answer:
                        if answer.status < 300:
                            return
                        failures.append(f"{url}: {answer.status} {answer.reason}")
                except TimeoutError:
                    failures.append(f"{url}: no answer within {settings.timeout:g} s")
                except (aiohttp.ClientError, OSError) as error:
                    failures.append(f"{url}: {error}")
                self._first += 1
        raise NotDelivered("; ".join(failures[-len(settings.urls) :]))

    def _encoded(self, text: str) -> tuple[bytes, str]:
        form = "application/x-www-form-urlencoded"
        match self._settings.encode.lower():
            case "base64":
                return b"cdr=" + base64.b64encode(
                    text.encode()
                ), "application/x-www-form-base64-encoded"
            case "textxml":
                kind = "application/json" if self._settings.format == "json" else "text/xml"
                return text.encode(), kind
            case "false" | "no":
                return f"cdr={text}".encode(), "application/x-www-form-plaintext"
        return f"cdr={quote(text, safe='')}".encode(), form

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            settings = self._settings
            headers = {}
            if settings.credentials:
                secret = base64.b64encode(settings.credentials.encode()).decode()
                headers["Authorization"] = f"Basic {secret}"
            context: ssl.SSLContext | bool = settings.verify_peer
            if settings.verify_peer and settings.ca_file:
                context = ssl.create_default_context(cafile=settings.ca_file)
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=context),
                timeout=aiohttp.ClientTimeout(total=settings.timeout),
                headers=headers,
            )
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
