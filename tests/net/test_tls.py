"""Certificates: made, read, exchanged, and whom they let in."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from softswitch.net.tcp import TcpLimits, TcpListener, TcpUser
from softswitch.net.tls import Tls, TlsError, TlsSettings, names_in, self_made
from softswitch.sip.flow import Flow
from tests.support.hand import Hand
from tests.support.patience import PATIENCE

OPTIONS = Hand().request("OPTIONS").encode()


def test_a_certificate_is_made_once_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "tls"
    Tls(TlsSettings(folder), "pbx.test")
    made = folder / "agent.pem"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    before = made.read_bytes()
    Tls(TlsSettings(folder), "pbx.test")
    assert made.read_bytes() == before


def test_the_key_may_be_locked(tmp_path: Path) -> None:
    Tls(TlsSettings(tmp_path, passphrase="open sesame"), "pbx.test")
    with pytest.raises(TlsError, match=r"tls-passphrase does not open it"):
        Tls(TlsSettings(tmp_path, passphrase="wrong"), "pbx.test")


def test_a_certificate_of_freeswitch_under_its_other_name_is_taken(tmp_path: Path) -> None:
    (tmp_path / "tls.pem").write_bytes(self_made("old.test"))
    assert Tls(TlsSettings(tmp_path), "pbx.test").path.name == "tls.pem"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ciphers": "NO-SUCH-CIPHER"}, "tls-ciphers: none of 'NO-SUCH-CIPHER'"),
        ({"verify": frozenset({"in"})}, r"there is no .*cafile\.pem to check clients by"),
    ],
)
def test_what_cannot_work_is_said(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    with pytest.raises(TlsError, match=why):
        Tls(TlsSettings(tmp_path, **changes), "pbx.test")


def test_nonsense_in_a_file_is_said_and_what_there_was_stays(tmp_path: Path) -> None:
    tls = Tls(TlsSettings(tmp_path), "pbx.test")
    (tmp_path / "agent.pem").write_text("nonsense")
    with pytest.raises(TlsError, match=r"agent\.pem"):
        tls.reload()
    with pytest.raises(TlsError):
        Tls(TlsSettings(tmp_path), "pbx.test")


def test_names_are_found_wherever_they_stand() -> None:
    certificate = {
        "subject": ((("commonName", "phone.test"),), (("organizationName", "x"),)),
        "subjectAltName": (("DNS", "a.test"), ("URI", "sip:b.test")),
    }
    assert names_in(certificate) == [
        *("a.test", "a.test", "sip:b.test", "b.test", "phone.test"),
    ]
    assert names_in({}) == []


class Place:
    """A listener for TLS and what it tells."""

    def __init__(self, tls: Tls) -> None:
        self.tls = tls
        self.got: asyncio.Queue[Flow] = asyncio.Queue()
        self.lost: asyncio.Queue[Flow] = asyncio.Queue()
        self.listener: TcpListener

    async def __aenter__(self) -> Place:
        user = TcpUser(
            lambda _, flow: self.got.put_nowait(flow), lambda *_: None, self.lost.put_nowait
        )
        self.listener = await TcpListener.open(
            asyncio.get_running_loop(), ("127.0.0.1", 0), user, TcpLimits(connect=5), self.tls
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.listener.close()
        await asyncio.sleep(0)

    async def connect(self, context: ssl.SSLContext, name: str | None = None) -> Any:
        """Connect, and ask for somebody by name."""
        address = self.listener.local
        return await asyncio.open_connection(*address, ssl=context, server_hostname=name)


def client(authority: Path | None = None, own: Path | None = None) -> ssl.SSLContext:
    """What a phone connects with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority)
    if own is not None:
        context.load_cert_chain(own)
    return context


async def connect(place: Place, context: ssl.SSLContext) -> Any:
    return await asyncio.open_connection(*place.listener.local, ssl=context)


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(PATIENCE):
        return await awaitable


async def subject(writer: asyncio.StreamWriter) -> bytes:
    found: bytes = writer.get_extra_info("ssl_object").getpeercert(True)
    return found


async def test_a_message_comes_through_tls_and_old_versions_do_not(tmp_path: Path) -> None:
    async with Place(Tls(TlsSettings(tmp_path), "pbx.test")) as place:
        reader, writer = await connect(place, client(tmp_path / "agent.pem"))
        writer.write(OPTIONS)
        flow = await soon(place.got.get())
        assert (flow.transport, flow.serial) == ("tls", 1)
        assert place.listener.send(b"\r\n", flow)
        assert await soon(reader.read(2)) == b"\r\n"
        writer.close()
        assert await soon(place.lost.get()) == flow
        old = client()
        with pytest.warns(DeprecationWarning):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, OSError)):
            await connect(place, old)


async def test_new_certificates_are_for_new_connections_and_old_ones_stand(tmp_path: Path) -> None:
    tls = Tls(TlsSettings(tmp_path), "pbx.test")
    async with Place(tls) as place:
        reader, writer = await connect(place, client())
        first = await subject(writer)
        (tmp_path / "agent.pem").write_bytes(self_made("new.test"))
        tls.reload()
        _, later = await connect(place, client(tmp_path / "agent.pem"))
        assert await subject(later) != first
        writer.write(b"\r\n\r\n")
        assert await soon(reader.read(2)) == b"\r\n"
        for each in (writer, later):
            each.close()


@pytest.mark.parametrize(
    ("subjects", "stays"), [((), True), (("phone.test",), True), (("other.test",), False)]
)
async def test_clients_show_whom_they_are(
    tmp_path: Path, subjects: tuple[str, ...], stays: bool
) -> None:
    phone = tmp_path / "phone.pem"
    phone.write_bytes(self_made("phone.test"))
    (tmp_path / "cafile.pem").write_bytes(phone.read_bytes())
    verify = frozenset({"in", "subjects_in"} if subjects else {"in"})
    tls = Tls(TlsSettings(tmp_path, verify=verify, subjects=subjects), "pbx.test")
    async with Place(tls) as place:
        reader, writer = await connect(place, client(own=phone))
        writer.write(b"\r\n\r\n")
        assert await soon(answer(reader)) == (b"\r\n" if stays else b"")
        writer.close()
        reader, writer = await connect(place, client())
        # With TLS 1.3 the refusal comes after the handshake.
        writer.write(b"\r\n\r\n")
        assert await soon(answer(reader)) == b""


async def answer(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(2)
    except OSError:
        return b""


@pytest.mark.parametrize(("name", "reached"), [("there.test", True), ("elsewhere.test", False)])
async def test_whom_we_call_is_checked_by_name(tmp_path: Path, name: str, reached: bool) -> None:
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    far = Tls(TlsSettings(theirs), "there.test")
    ours.mkdir()
    (ours / "cafile.pem").write_bytes((theirs / "agent.pem").read_bytes())
    verify = frozenset({"out", "subjects_out"})
    async with (
        Place(far) as there,
        Place(Tls(TlsSettings(ours, verify=verify), "pbx.test")) as here,
    ):
        flow = Flow("tls", here.listener.local, there.listener.local)
        here.listener.name(flow.remote, name)
        assert here.listener.send(OPTIONS, flow)
        if reached:
            assert (await soon(there.got.get())).transport == "tls"
        else:
            assert (await soon(here.lost.get())).remote == flow.remote


def rsa_made(host: str) -> bytes:
    """A certificate with a key of another kind than those we make."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_key_of_another_kind_takes_the_old_ones_place(
    tmp_path: Path, version: ssl.TLSVersion
) -> None:
    tls = Tls(TlsSettings(tmp_path), "pbx.test")
    async with Place(tls) as place:
        theirs = client()
        theirs.minimum_version = theirs.maximum_version = version
        _, before = await connect(place, theirs)
        (tmp_path / "agent.pem").write_bytes(rsa_made("bought.test"))
        tls.reload()
        _, after = await connect(place, theirs)
        found = x509.load_der_x509_certificate(await subject(after))
        assert "bought.test" in found.subject.rfc4514_string()
        for each in (before, after):
            each.close()


async def test_clients_whose_authority_is_gone_are_believed_no_more(tmp_path: Path) -> None:
    phones = {name: tmp_path / f"{name}.pem" for name in ("old", "new")}
    for name, path in phones.items():
        path.write_bytes(self_made(f"{name}.test"))
    (tmp_path / "cafile.pem").write_bytes(phones["old"].read_bytes())
    tls = Tls(TlsSettings(tmp_path, verify=frozenset({"in"})), "pbx.test")
    async with Place(tls) as place:
        for believed in ("old", "new"):
            (tmp_path / "cafile.pem").write_bytes(phones[believed].read_bytes())
            tls.reload()
            for name, path in phones.items():
                reader, writer = await connect(place, client(own=path))
                writer.write(b"\r\n\r\n")
                assert await soon(answer(reader)) == (b"\r\n" if name == believed else b"")
                writer.close()
