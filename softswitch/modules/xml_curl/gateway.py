"""One server that knows parts of the configuration, asked over HTTP."""

from __future__ import annotations

import logging
import ssl
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import aiohttp
from yarl import URL

from softswitch.config.element import Element
from softswitch.config.errors import ConfigurationErrors
from softswitch.log import NOTICE
from softswitch.modules.xml_curl import form
from softswitch.modules.xml_curl.breaker import Breaker
from softswitch.modules.xml_curl.documents import Documents
from softswitch.modules.xml_curl.settings import BindingSettings, NamedBinding
from softswitch.net.http import certificates
from softswitch.switch.lookup import Inquiry

if TYPE_CHECKING:
    from softswitch.switch.switch import Switch

log = logging.getLogger(__name__)

MOST_AT_ONCE = 64
"""Connections to one server; further requests wait for one, within their timeout."""
MOST_REDIRECTS = 10
_DEAD = frozenset({502, 503, 504})
"""What a proxy says of a server that does not answer."""


class NoAnswer(Exception):
    """A request without a usable answer; ``dead`` if the server itself gave none."""

    def __init__(self, reason: str, *, dead: bool = False) -> None:
        super().__init__(reason)
        self.dead = dead


class Gateway:
    """A binding: asks its server, and tells once when it fails and once when it is back."""

    def __init__(self, switch: Switch, binding: NamedBinding, documents: Documents) -> None:
        self._switch = switch
        self._settings = binding.settings
        self._documents = documents
        self._breaker = Breaker()
        self._session: aiohttp.ClientSession | None = None
        self._problem = ""
        self.sections = binding.sections
        self.url = form.shown(binding.settings.url)
        self.name = binding.name or self.url
        self.asked = self.failures = 0

    def __repr__(self) -> str:
        state = self._problem or "up"
        return f"<Gateway {self.name}: {self.asked} asked, {self.failures} failed, {state}>"

    @property
    def problem(self) -> str:
        """Why the last request had no answer; empty if it had one."""
        return self._problem

    async def start(self) -> None:
        """Make ready to ask. Raises OSError where a certificate cannot be read."""
        settings = self._settings
        if settings.url.startswith("file:"):
            return
        context = await self._switch.loop.run_in_executor(None, _tls, settings)
        headers = {"User-Agent": form.USER_AGENT}
        if settings.credentials and settings.auth_scheme == "basic":
            # Goes with the first request already, and not to another host it is redirected to.
            headers["Authorization"] = _basic(settings.credentials)
        local = (settings.bind_local, 0) if settings.bind_local else None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context, limit=MOST_AT_ONCE, local_addr=local),
            timeout=aiohttp.ClientTimeout(total=settings.patience),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=_logins(settings),
        )

    async def stop(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, inquiry: Inquiry) -> Element | None:
        """The server's document; None, at once, while the server is left alone."""
        if not self._breaker.allows(self._switch.loop.time()):
            return None
        self.asked += 1
        try:
            data = await self._fetch(inquiry)
            root = await self._documents.read(data, self.url)
        except NoAnswer as failure:
            self._failed(str(failure), dead=failure.dead)
            return None
        except ConfigurationErrors as refused:
            self._failed(f"the answer is not understood: {refused.findings[0]}", dead=False)
            return None
        self._answered()
        return root

    async def _fetch(self, inquiry: Inquiry) -> bytes:
        settings = self._settings
        hostname = self._switch.generation.settings.switchname or self._switch.hostname
        fields = form.fields(inquiry, hostname, settings.post_variables)
        if self._session is None:
            path = Path(url2pathname(urlsplit(settings.url).path))
            return await self._switch.loop.run_in_executor(
                None, _read, path, settings.response_max_bytes
            )
        url, body = settings.url, form.encode(fields)
        if settings.dynamic_url:
            known = {**inquiry.params, **fields}
            url = form.expand_url(url, known)
        try:
            if settings.method == "GET":
                return await self._request(self._session, form.with_query(url, body), None)
            return await self._request(self._session, url, body.encode())
        except TimeoutError:
            raise NoAnswer(f"no answer within {settings.patience:g} s", dead=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoAnswer(str(error) or type(error).__name__, dead=True) from None

    async def _request(self, session: aiohttp.ClientSession, url: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        async with session.request(
            self._settings.method,
            URL(url, encoded=True),
            data=body,
            headers=headers,
            max_redirects=MOST_REDIRECTS,
        ) as response:
            if response.status != 200:
                reason = f"HTTP {response.status} {response.reason}"
                raise NoAnswer(reason, dead=response.status in _DEAD)
            most = self._settings.response_max_bytes
            data = bytearray()
            async for chunk in response.content.iter_any():
                data += chunk
                if len(data) > most:
                    raise NoAnswer(f"the answer is longer than response-max-bytes, {most}")
            return bytes(data)

    # What is told of it

    def _failed(self, reason: str, *, dead: bool) -> None:
        self.failures += 1
        known, self._problem = self._problem, reason
        if not dead:
            self._breaker.answered()
        elif self._breaker.failed(self._switch.loop.time()):
            log.error("%s does not answer and is left alone for a while: %s", self.name, reason)
            self._tell("xml_curl::down", reason)
            return
        elif self._breaker.open:
            log.debug("%s does not answer: %s", self.name, reason)
            return
        log.log(logging.DEBUG if known == reason else logging.WARNING, "%s: %s", self.name, reason)

    def _answered(self) -> None:
        if self._breaker.answered():
            log.log(NOTICE, "%s answers again", self.name)
            self._tell("xml_curl::up", "")
        self._problem = ""

    def _tell(self, subclass: str, reason: str) -> None:
        headers = {"binding": self.name, "gateway-url": self.url}
        if reason:
            headers["reason"] = reason
        self._switch.publish("CUSTOM", headers, subclass=subclass)


class _AnyLogin:
    """Answers the challenge that comes: Digest, or Basic where only that is offered."""

    def __init__(self, url: str, credentials: str) -> None:
        user, _, password = credentials.partition(":")
        self._origin = URL(url, encoded=True).origin()
        self._digest = aiohttp.DigestAuthMiddleware(user, password)
        self._basic = _basic(credentials)

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        response = await self._digest(request, handler)
        challenges = ",".join(response.headers.getall("WWW-Authenticate", ())).lower()
        # A redirection to somebody else must not fetch the password.
        ours = request.url.origin() == self._origin
        if response.status == 401 and ours and challenges.startswith("basic"):
            response.release()
            request.headers["Authorization"] = self._basic
            response = await handler(request)
        return response


def _logins(settings: BindingSettings) -> tuple[aiohttp.ClientMiddlewareType, ...]:
    """How challenges of the server are answered."""
    if not settings.credentials or settings.auth_scheme == "basic":
        return ()
    if settings.auth_scheme == "digest":
        user, _, password = settings.credentials.partition(":")
        return (aiohttp.DigestAuthMiddleware(user, password),)
    return (_AnyLogin(settings.url, settings.credentials),)


def _basic(credentials: str) -> str:
    return f"Basic {b64encode(credentials.encode()).decode()}"


def _tls(settings: BindingSettings) -> ssl.SSLContext | bool:
    """How certificates are checked; True for a server that is asked without TLS."""
    if urlsplit(settings.url).scheme != "https":
        return True
    return certificates(
        ca_file=settings.ca_file,
        certificate=settings.certificate,
        key=settings.key,
        key_password=settings.key_password,
        check_certificate=settings.check_certificate,
        check_host=settings.check_host,
    )


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise NoAnswer(str(error)) from None
    if len(data) > most:
        raise NoAnswer(f"{path} is longer than response-max-bytes, {most}")
    return data
