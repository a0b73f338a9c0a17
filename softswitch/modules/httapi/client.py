"""One call's talk with its web server: what is sent, and what of the answers is kept."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from softswitch import __version__
from softswitch.dialplan.arguments import is_true
from softswitch.modules.httapi.document import BadDocument, Document, read_document
from softswitch.modules.httapi.settings import Profile
from softswitch.net.http import HttpAnswer, HttpFailed, Part, fetch
from softswitch.switch import recording
from softswitch.switch.channel import profile_headers

if TYPE_CHECKING:
    from softswitch.switch.session import Session

log = logging.getLogger(__name__)

SECONDS = 30.0
"""For an answer, where the profile does not say."""
_PARAMETER = re.compile(r"\$\{([\w-]+)\}", re.ASCII)
_CREDENTIALS = re.compile(r"://[^/@\s]*@")


class NoDocument(Exception):
    """The server gave no document to go on with; says why."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to send, and to remove then."""

    name: str
    filename: str
    path: Path


class Client:
    """Parameters that are sent each time, those of the next time only, and files to send."""

    def __init__(self, session: Session, profile: Profile, params: Mapping[str, str]) -> None:
        self.profile = profile
        self.params = {**params, "hostname": session.switch.hostname}
        self.once: dict[str, str] = {}
        self.attachments: list[Attachment] = []
        self.recorded: Attachment | None = None
        """The whole call, sent when it is over."""
        self.recorded_to = ""
        """Where it is sent; where the talk goes on if empty."""
        self._session = session
        self._asked = 0

    def __repr__(self) -> str:
        return f"<Client of {self._session.uuid}, {self._asked} documents>"

    @property
    def url(self) -> str:
        """Where the next question goes."""
        return self.once.get("url") or self.params.get("url") or self.profile.server.url

    def tell_caller(self) -> None:
        """Send who calls along from now on."""
        channel = self._session.channel
        self.params.update(profile_headers(channel.profile, "Caller"))

    async def next_document(self) -> Document:
        """Ask for what is to be done now. Raises `NoDocument`."""
        if self.profile.permissions.has("extended-data"):
            every = is_true(self.params.get("full_channel_data_on_every_req"))
            if every or not self._asked:
                self._add_channel()
        answer = await self._ask()
        if answer.status != 200:
            raise NoDocument(f"{_shown(self.url)} answers {answer.status}")
        kinds = [value for name, value in answer.headers if name.lower() == "content-type"]
        if not any("text/xml" in kind.lower() for kind in kinds):
            raise NoDocument(f"{_shown(self.url)} answers {', '.join(kinds)}, not text/xml")
        try:
            return read_document(answer.body)
        except BadDocument as error:
            raise NoDocument(f"{_shown(self.url)}: {error}") from None

    async def say_goodbye(self) -> None:
        """Tell the server that the call is over; what it answers is nobody's."""
        if self.recorded is not None:
            await recording.end_all(self._session)
            self.attachments.append(self.recorded)
            if self.recorded_to and self.recorded_to != self.url:
                self.once["url"] = self.recorded_to
                await self._part()
                self.once.pop("url", None)
        await self._part()

    async def _part(self) -> None:
        if self.profile.permissions.has("extended-data"):
            self._add_channel()
        self.once["exiting"] = "true"
        try:
            await self._ask()
        except NoDocument as error:
            log.warning("%s", error)

    def _add_channel(self) -> None:
        self.once = {**self._session.channel.event_headers(variables=True), **self.once}

    async def _ask(self) -> HttpAnswer:
        url, server = self.url, self.profile.server
        sent = {"session_id": self._session_id(), **self.params, **self.once, "url": url}
        url = _PARAMETER.sub(lambda found: quote(sent.get(found[1], ""), safe=""), url)
        headers = {"User-Agent": server.user_agent or f"softswitch-httapi/{__version__}"}
        if server.credentials and not _CREDENTIALS.search(url):
            pair = b64encode(server.credentials.encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        method = sent.get("method") or server.method or "get"
        parts = await self._parts(sent)
        self.once.clear()
        self._asked += 1
        body = None
        if parts:
            method = "post" if method.lower() == "get" else method
        else:
            wanted = server.post_vars or tuple(sent)
            form = urlencode({name: sent[name] for name in wanted if name in sent})
            if method.lower() == "post":
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                body = form
            else:
                url = f"{url}{'&' if '?' in url else '?'}{form}"
        try:
            return await fetch(
                url,
                method.upper(),
                body=body,
                parts=parts,
                headers=headers,
                connect_seconds=server.connect_timeout,
                seconds=server.timeout or SECONDS,
                insecure=not server.check_certificate,
            )
        except HttpFailed as error:
            raise NoDocument(_shown(str(error))) from None

    def _session_id(self) -> str:
        given = self.params.get("HTTAPI_SESSION_ID")
        return given or self._session.get("HTTAPI_SESSION_ID") or self._session.uuid

    async def _parts(self, sent: Mapping[str, str]) -> list[Part]:
        """The form with the files, where there are any; they are removed."""
        attachments, self.attachments = self.attachments, []
        parts = []
        loop = self._session.switch.loop
        for item in attachments:
            content = await loop.run_in_executor(None, _taken, item.path)
            if content is not None:
                parts.append(Part(item.name, content, item.filename))
        if not parts:
            return []
        return [*(Part(name, value) for name, value in sent.items()), *parts]


def _taken(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError as error:
        log.error("%s is not sent: %s", path, error.strerror)
        return None
    finally:
        path.unlink(missing_ok=True)


def _shown(text: str) -> str:
    """A URL without its password and parameters."""
    return _CREDENTIALS.sub("://***@", text).partition("?")[0]
