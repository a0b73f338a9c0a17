"""The application ``esf_page_group``: what a caller says goes to a multicast address as RTP."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from softswitch.dialplan.arguments import split
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.registry import application
from softswitch.switch.modules import Loadable

if TYPE_CHECKING:
    from softswitch.media.engine import MediaEngine, Stream
    from softswitch.modules.esf.module import MulticastPaging
    from softswitch.switch.session import Session

MODULE: Loadable[MulticastPaging] = Loadable("mod_esf")
GROUP, PORT, CONTROL_PORT = "224.168.168.168", 34567, 6061
START, STOP = 6, 7
"""Commands of Linksys phones."""
CODECS = {"PCMU": CodecParameters(0, "PCMU"), "G722": CodecParameters(9, "G722")}


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page goes, and from which of our addresses."""

    group: IPv4Address
    port: int = PORT
    control_port: int = CONTROL_PORT
    ttl: int = 1
    source: str = "127.0.0.1"
    codec: str = "PCMU"

    @classmethod
    def of(cls, session: Session, data: str) -> Page:
        """Raises ValueError with a sentence."""
        words = [*split(data, " ", 5), "", "", "", ""]
        group = IPv4Address(words[0] or session.get("esf_multicast_ip") or GROUP)
        if not group.is_multicast:
            raise ValueError(f"{group} is no multicast address")
        codec = (session.get("esf_multicast_write_codec") or "").upper()
        bound = session.get("esf_multicast_bind_ip") or session.get("local_ip_v4")
        return cls(
            group,
            _number(words[1], PORT, 65535),
            _number(words[2], CONTROL_PORT, 65535),
            _number(words[3], 1, 255),
            bound or "127.0.0.1",
            codec if codec in CODECS else "PCMU",
        )

    def open(self, engine: MediaEngine) -> Stream:
        """A stream that sends there and hears nothing. Raises OSError."""
        stream = engine.open_stream(self.source)
        stream.configure(
            RtpParameters(
                (str(self.group), self.port),
                (CODECS[self.codec],),
                receive=False,
                symmetric=False,
                rtcp_interval_ms=0,
            )
        )
        return stream

    def announce(self, command: int) -> None:
        """Tell Linksys phones that a page begins or ends. Raises OSError."""
        packet = struct.pack("!II", int(time.time()) & 0xFFFFFFFF, command)
        if command == START:
            packet += self.group.packed + struct.pack("!I", self.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            own = socket.inet_aton(self.source)
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
            out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, self.ttl)
            out.setblocking(False)
            for _ in range(2):
                out.sendto(packet, (str(self.group), self.control_port))


def _number(text: str, default: int, most: int) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else default
    return number if 0 < number <= most else default


@application(
    "esf_page_group",
    syntax="[<multicast ip>] [<port>] [<control port>] [<ttl>]",
    module=MODULE.name,
)
async def esf_page_group(session: Session, data: str) -> None:
    """Send what the caller says to a multicast address, for phones that listen there.

    ``esf_multicast_ip``, ``esf_multicast_bind_ip`` and ``esf_multicast_write_codec`` (PCMU,
    G722) say where to, from where and how.
    """
    MODULE.running(session.switch)
    try:
        page = Page.of(session, data)
    except ValueError as error:
        session.log.error("esf_page_group: %s", error)
        return
    session.set("multicast_ttl", str(page.ttl))
    if page.ttl != 1:
        session.log.warning("esf_page_group: the sound goes no further than one hop")
    await session.answer()
    try:
        stream = page.open(session.switch.engine)
    except OSError as error:
        session.log.error("esf_page_group: no page from %s: %s", page.source, error)
        return
    try:
        page.announce(START)
        session.media.connect(stream)
        session.log.info("page to %s:%d", page.group, page.port)
        await session.until_hangup()
    except OSError as error:
        session.log.error("esf_page_group: %s cannot be reached: %s", page.group, error)
    finally:
        stream.close()
        _tell_end(session, page)


def _tell_end(session: Session, page: Page) -> None:
    try:
        page.announce(STOP)
    except OSError as error:
        session.log.debug("esf_page_group: the end is not told: %s", error)
