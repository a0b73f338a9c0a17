"""The sockets of a profile: which it opens, and the certificates of those that speak TLS."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from softswitch.net.tcp import TcpLimits
from softswitch.net.tls import Tls, TlsError, TlsSettings
from softswitch.sip.flow import Flow, bracketed

if TYPE_CHECKING:
    from softswitch.endpoints.sip.profile import Profile

log = logging.getLogger(__name__)

_PASSING = (errno.EADDRINUSE, errno.EADDRNOTAVAIL)
"""Reasons not to bind that may be gone a moment later."""
FREE_PORTS_TRIED = 20
"""Ports looked at for one that is free for UDP and TCP, where any will do."""
WEBSOCKET_CERTIFICATES = ("wss.pem", "agent.pem", "tls.pem")


class Transports:
    """What one profile listens on."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.ports: dict[str, int] = {}
        """The port of each transport that is served."""
        self.tls: dict[str, Tls] = {}
        """The certificates of ``tls`` and ``wss``."""

    async def start(self) -> None:
        """Open them all. Raises OSError for an address that is taken or not ours, or for
        certificates that cannot be used.
        """
        profile, settings = self._profile, self._profile.settings
        driver, host = profile.driver, profile.sip_ip
        limits = self._limits()
        wanted = settings.transports
        if "udp" in wanted and "tcp" in wanted and not profile.sip_port:
            profile.sip_port = await self._bind_free_port(limits)
        else:
            if "udp" in wanted:
                await self._bind("udp", lambda: driver.listen_udp((host, profile.sip_port)))
                profile.sip_port = self.ports["udp"]
            if "tcp" in wanted:
                await self._bind("tcp", lambda: driver.listen_tcp((host, profile.sip_port), limits))
                profile.sip_port = self.ports["tcp"]
        if "tls" in wanted:
            tls = await self._certificates("tls", ("agent.pem", "tls.pem"))
            address = (host, settings.tls_sip_port)
            patient = replace(limits, connect=settings.tls_orq_connect_timeout)
            await self._bind("tls", lambda: driver.listen_tls(address, tls, patient))
            if settings.tls_only:
                profile.sip_port = self.ports["tls"]
        if "ws" in wanted:
            plain = binding(settings.ws_binding, host)
            await self._bind("ws", lambda: driver.listen_ws(plain, None, limits))
        if "wss" in wanted:
            browsers = await self._certificates("wss", WEBSOCKET_CERTIFICATES)
            secure = binding(settings.wss_binding, host)
            await self._bind("wss", lambda: driver.listen_ws(secure, browsers, limits))
        driver.flow_closed = self._closed

    async def _bind_free_port(self, limits: TcpLimits) -> int:
        """Serve UDP and TCP at any port that is free for both; gives it."""
        driver = self._profile.driver
        for left in reversed(range(FREE_PORTS_TRIED)):
            address = await driver.listen_udp((self._profile.sip_ip, 0))
            try:
                await driver.listen_tcp(address, limits)
            except OSError as error:
                # What is free for UDP may be anybody's connection by TCP.
                driver.unlisten("udp", address)
                if error.errno != errno.EADDRINUSE or not left:
                    raise
            else:
                self.ports["udp"] = self.ports["tcp"] = address[1]
                return address[1]
        raise AssertionError("the last attempt returns or raises")

    async def _bind(self, transport: str, listen: Callable[[], Awaitable[tuple[str, int]]]) -> None:
        """Listen; where the address is busy, or not ours yet, ``bind-attempts`` times."""
        settings = self._profile.settings
        left = settings.bind_attempts
        while True:
            try:
                _, self.ports[transport] = await listen()
                return
            except OSError as error:
                left -= 1
                if error.errno not in _PASSING or left < 1:
                    raise
                seconds = settings.bind_attempt_interval
                log.warning("profile %s: %s; again in %d s", self._profile.name, error, seconds)
            await asyncio.sleep(seconds)

    async def _certificates(self, transport: str, names: tuple[str, ...]) -> Tls:
        profile, settings = self._profile, self._profile.settings
        folder = settings.tls_cert_dir or profile.switch.globals.get("certs_dir")
        try:
            wanted = TlsSettings(
                Path(folder) if folder else profile.switch.folders.data / "tls",
                names,
                settings.tls_passphrase,
                # Browsers have no certificates.
                settings.tls_verify if transport == "tls" else frozenset(),
                settings.tls_verify_date,
                settings.tls_verify_in_subjects,
                settings.tls_ciphers,
                settings.oldest_tls,
            )
            name = profile.domain or profile.advertised_ip
            # Reads files, and may have to make a key.
            self.tls[transport] = await profile.switch.loop.run_in_executor(None, Tls, wanted, name)
        except (TlsError, ValueError) as error:
            raise OSError(str(error)) from None
        return self.tls[transport]

    def _limits(self) -> TcpLimits:
        settings = self._profile.settings
        return TcpLimits(
            ping=settings.tcp_keepalive or settings.tcp_pingpong,
            pong=settings.tcp_pingpong,
            socket_keepalive=settings.socket_tcp_keepalive,
        )

    def _closed(self, flow: Flow) -> None:
        profile = self._profile
        if profile.settings.tcp_unreg_on_socket_close:
            profile.registrar.forget_flow(flow)

    def reload_certificates(self) -> list[str]:
        """Take new certificates from the files, for connections to come; what went wrong."""
        problems = []
        for transport, tls in self.tls.items():
            try:
                tls.reload()
            except TlsError as error:
                problems.append(f"{self._profile.name} ({transport}): {error}")
        return problems

    def port(self, transport: str) -> int:
        """The port to name in Via and Contact for a transport."""
        return self.ports.get(transport) or self._profile.sip_port

    def url(self, transport: str) -> str:
        """Our URI by that transport, as ``sofia status`` shows it."""
        profile = self._profile
        scheme = "sips" if transport == "wss" else "sip"
        address = f"{bracketed(profile.advertised_ip)}:{self.port(transport)}"
        tail = f";transport={transport}" if transport in ("ws", "wss") else ""
        return f"{scheme}:{profile.settings.contact_user}@{address}{tail}"


def binding(text: str, host: str) -> tuple[str, int]:
    """The address of ``ws-binding``: ``:5066`` at the profile's own, or ``192.0.2.1:5066``.

    Raises OSError for what is neither.
    """
    before, colon, port = text.strip().rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise OSError(f"{text!r} is no address to listen at: write :5066 or 192.0.2.1:5066")
    return before.strip("[]") or host, int(port)
