"""Phones by TLS, browsers by WebSocket, connections that end, certificates exchanged."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from softswitch.net.tls import self_made
from softswitch.sip.message import Request, Response, make_response
from softswitch.sip.parser import StreamParser, parse_message
from tests.support.ipv6 import needs_ipv6
from tests.support.patience import PATIENCE
from tests.support.ports import free_port
from tests.support.server import Server, profile_xml, until
from tests.support.serving import Serve
from tests.support.sip_bench import settings_xml
from tests.support.switch import extension

ALL = {
    "tls": "true",
    "tls-sip-port": "0",
    "ws-binding": ":0",
    "wss-binding": "127.0.0.1:0",
    "apply-inbound-acl": "here",
    "accept-blind-reg": "true",
}


def message(method: str, transport: str, *lines: str) -> bytes:
    """A request of a client that is nowhere but at the end of its connection."""
    return (
        f"{method} sip:example.test SIP/2.0\r\n"
        f"Via: SIP/2.0/{transport.upper()} df7jal23ls0d.invalid;branch=z9hG4bK{method}\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:1000@example.test>;tag=1\r\n"
        f"To: <sip:1000@example.test>\r\nCall-ID: {method}{transport}\r\n"
        f"CSeq: 1 {method}\r\nContact: <sip:x@df7jal23ls0d.invalid;transport={transport}>\r\n"
        + "".join(f"{line}\r\n" for line in lines)
        + "Content-Length: 0\r\n\r\n"
    ).encode()


def anything() -> ssl.SSLContext:
    """A client that believes every certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Stream:
    """A client by TCP or TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._parser = StreamParser()

    @classmethod
    async def open(cls, running: Server, transport: str) -> Stream:
        port = running.profile().transports.port(transport)
        context = anything() if transport == "tls" else None
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=context))

    async def ask(self, data: bytes) -> Response:
        self.writer.write(data)
        async with asyncio.timeout(PATIENCE):
            while True:
                for item in self._parser.feed(await self.reader.read(4096)):
                    if isinstance(item, Response):
                        return item

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@asynccontextmanager
async def browser(
    running: Server, transport: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    scheme = "https" if transport == "wss" else "http"
    url = f"{scheme}://127.0.0.1:{running.profile().transports.port(transport)}/"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=("sip",), ssl=anything()) as ws,
    ):
        yield ws


async def response(ws: aiohttp.ClientWebSocketResponse) -> Response:
    async with asyncio.timeout(PATIENCE):
        found = parse_message((await ws.receive_str()).encode())
    assert isinstance(found, Response)
    return found


async def test_each_transport_answers_and_names_itself(serve: Serve) -> None:
    running = await serve(profile=ALL)
    ports = running.profile().transports.ports
    assert set(ports) == {"udp", "tcp", "tls", "ws", "wss"}
    status = await running.api("sofia status")
    for transport in ("tls", "ws", "wss"):
        assert f":{ports[transport]}" in status
        assert f"RUNNING (0) ({transport.upper()})" in status
    details = await running.api("sofia status profile internal")
    assert f"WSS-BIND-URL     \tsips:mod_sofia@127.0.0.1:{ports['wss']};" in details
    assert f"TLS-URL          \tsip:mod_sofia@127.0.0.1:{ports['tls']}" in details
    tls = await Stream.open(running, "tls")
    answer = await tls.ask(message("OPTIONS", "tls"))
    contact = f"<sip:mod_sofia@127.0.0.1:{ports['tls']};transport=tls>"
    assert (answer.status, answer.headers.get("Contact")) == (200, contact)
    await tls.close()
    for transport in ("ws", "wss"):
        async with browser(running, transport) as ws:
            await ws.send_bytes(message("OPTIONS", transport))
            contact = (await response(ws)).headers.get("Contact") or ""
            assert contact.endswith(f":{ports[transport]};transport={transport}>")


async def test_a_browser_registers_and_is_called_by_its_connection(serve: Serve) -> None:
    running = await serve(profile=ALL)
    async with browser(running, "ws") as ws:
        await ws.send_bytes(message("REGISTER", "ws"))
        assert (await response(ws)).status == 200
        contact = await running.api("sofia_contact 1000@example.test")
        assert "transport%3Dws" in contact
        call = asyncio.get_running_loop().create_task(
            running.api("originate user/1000@example.test &park()")
        )
        async with asyncio.timeout(PATIENCE):
            invite = parse_message((await ws.receive_str()).encode())
        assert (invite.headers.get("Via") or "").startswith("SIP/2.0/WS ")
        await ws.send_str("\r\n\r\n")
        await ws.close()
        assert (await call).startswith("-ERR")


@pytest.mark.parametrize("unregisters", [True, False])
async def test_a_registration_may_end_with_its_connection(serve: Serve, unregisters: bool) -> None:
    settings = {**ALL, "tcp-unreg-on-socket-close": str(unregisters).lower()}
    running = await serve(profile=settings)
    phone = await Stream.open(running, "tcp")
    assert (await phone.ask(message("REGISTER", "tcp"))).status == 200
    assert len(running.sip.location) == 1
    listeners = running.profile().driver._listeners
    (tcp,) = (item for key, item in listeners.items() if key[0] == "tcp")
    await phone.close()
    await until(lambda: len(tcp) == 0, "the connection to end")  # type: ignore[arg-type]
    assert len(running.sip.location) == (0 if unregisters else 1)


async def test_new_certificates_are_taken_without_dropping_anybody(
    serve: Serve, tmp_path: Path
) -> None:
    folder = tmp_path / "certificates"
    running = await serve(profile={**ALL, "tls-cert-dir": str(folder)})
    before = await Stream.open(running, "tls")
    old = before.writer.get_extra_info("ssl_object").getpeercert(True)
    (folder / "agent.pem").write_bytes(self_made("new.test"))
    assert await running.api("reloadcert") == "+OK\n"
    assert running.names().count("CERT_RELOAD") == 1
    after = await Stream.open(running, "tls")
    assert after.writer.get_extra_info("ssl_object").getpeercert(True) != old
    assert (await before.ask(message("OPTIONS", "tls"))).status == 200
    (folder / "agent.pem").write_text("nonsense")
    assert "internal (tls): " in await running.api("reloadcert")
    for each in (before, after):
        await each.close()


@needs_ipv6
async def test_a_profile_of_ipv6_answers(serve: Serve) -> None:
    settings = {"sip-ip": "::1", "rtp-ip": "::1", "sip-port": "0", "accept-blind-reg": "true"}
    extra = f'<profile name="six"><settings>{settings_xml(settings)}</settings></profile>'
    running = await serve(more_profiles=extra)
    port = running.profile("six").sip_port
    reader, writer = await asyncio.open_connection("::1", port)
    phone = Stream(reader, writer)
    answer = await phone.ask(message("OPTIONS", "tcp"))
    assert answer.headers.get("Contact") == f"<sip:mod_sofia@[::1]:{port};transport=tcp>"
    assert "received=::1" in (answer.headers.get("Via") or "")
    await phone.close()


@pytest.mark.parametrize("transport", ["tls", "tcp"])
async def test_a_trunk_registers_and_calls_by_its_transport(
    serve: Serve, tmp_path: Path, transport: str
) -> None:
    settings = {
        **ALL,
        "accept-blind-reg": "false",
        "apply-inbound-acl": "elsewhere",
        "auth-calls": "true",
        "challenge-realm": "example.test",
        "tls-cert-dir": str(tmp_path / "provider"),
    }
    port = free_port()
    settings["tls-sip-port" if transport == "tls" else "sip-port"] = str(port)
    gateway = (
        '<gateway name="trunk"><param name="username" value="1000"/>'
        '<param name="password" value="secret-1000"/><param name="realm" value="example.test"/>'
        f'<param name="proxy" value="127.0.0.1:{port}"/>'
        f'<param name="register-transport" value="{transport}"/></gateway>'
    )
    trunk = profile_xml("outer", {"tls": "true", "tls-sip-port": "0"}, gateway)
    running = await serve(extension("200", "answer", "echo"), profile=settings, more_profiles=trunk)
    found = running.profile("outer").gateways["trunk"]
    await until(lambda: found.state == "REGED", "the registration", then=lambda: found)
    (binding,) = running.sip.location
    assert binding.transport == transport
    answer = await running.api("originate sofia/gateway/trunk/200 &park()")
    assert answer.startswith("+OK"), answer
    used = {session.get("sip_via_protocol") for session in running.sessions}
    assert transport in used
    await running.api("hupall")
    await until(lambda: not running.sessions, "the end of both legs")


SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)


async def heard(ws: aiohttp.ClientWebSocketResponse, wanted: str) -> Request | Response:
    """The next message with that method or status; others are passed over."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = parse_message((await ws.receive_str()).encode())
            name = found.method if isinstance(found, Request) else str(found.status)
            if name == wanted:
                return found


@pytest.mark.parametrize("host", ["df7jal23ls0d.invalid", "10.0.0.7"])
async def test_a_browser_calls_and_is_hung_up_by_its_connection(serve: Serve, host: str) -> None:
    running = await serve(extension("9196", "answer", "echo"), profile=ALL)
    async with browser(running, "wss") as ws:
        invite = message("INVITE", "wss", "Content-Type: application/sdp").decode()
        invite = invite.replace("sip:example.test SIP", "sip:9196@example.test SIP")
        invite = invite.replace("df7jal23ls0d.invalid", host)
        await ws.send_str(invite.replace("Content-Length: 0\r\n\r\n", f"\r\n{SDP}"))
        answer = await heard(ws, "200")
        contact = answer.contact
        assert contact is not None
        assert contact.uri.parameters["transport"] == "wss"
        ack = message("ACK", "wss").decode().replace("INVITEwss", "ACKwss")
        ack = ack.replace("Call-ID: ACKwss", "Call-ID: INVITEwss")
        ack = ack.replace("sip:example.test SIP", f"{contact.uri} SIP")
        ack = ack.replace("To: <sip:1000@example.test>", f"To: {answer.headers.get('To')}")
        await ws.send_str(ack)
        await until(lambda: len(running.sessions) == 1, "the call")
        await running.api("hupall")
        bye = await heard(ws, "BYE")
        assert isinstance(bye, Request)
        assert bye.top_via.transport.upper() == "WSS"
        reply = make_response(bye, 200)
        await ws.send_str(reply.encode().decode())
        await until(lambda: not running.sessions, "the end of the call")
    assert not running.left_over()
