"""Certificates by the names that clients ask for."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from softswitch.net.server_names import ServerNames, certificates_in, names_of
from softswitch.net.tls import Tls, TlsError, TlsSettings, self_made
from tests.net.test_tls import Place, client, rsa_made, subject


def wildcard() -> bytes:
    """A certificate for a domain's hosts and for another domain."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "not.used")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("*.Wild.test"), x509.DNSName("other.test")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def test_the_common_name_counts_only_without_alternative_names() -> None:
    assert names_of(wildcard()) == ["*.wild.test", "other.test"]
    assert names_of(rsa_made("Old.test")) == ["old.test"]
    with pytest.raises(ValueError, match="PEM"):
        names_of(b"nonsense")


def test_an_asterisk_stands_for_one_label(tmp_path: Path) -> None:
    (tmp_path / "sni").mkdir()
    path = tmp_path / "sni/wild.pem"
    path.write_bytes(wildcard())
    assert certificates_in(tmp_path) == [path]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = ServerNames([(path, context)])
    for name in ("a.wild.test", "A.WILD.test.", "other.test"):
        assert names.find(name) is context
    for name in ("wild.test", "a.b.wild.test", "x.other.test", "", None):
        assert names.find(name) is None


async def test_clients_get_the_certificate_of_whom_they_ask_for(tmp_path: Path) -> None:
    (tmp_path / "sni").mkdir()
    (tmp_path / "sni/wild.pem").write_bytes(wildcard())
    (tmp_path / "sni/second.pem").write_bytes(self_made("second.test"))
    tls = Tls(TlsSettings(tmp_path), "pbx.test")
    async with Place(tls) as place:

        async def served(name: str | None) -> str:
            _, writer = await place.connect(client(), name)
            found = x509.load_der_x509_certificate(await subject(writer))
            writer.close()
            return found.subject.rfc4514_string()

        assert await served("phones.wild.test") == "CN=not.used"
        assert await served("second.test") == "CN=second.test"
        assert await served("third.test") == await served(None) == "CN=pbx.test"
        (tmp_path / "sni/third.pem").write_bytes(rsa_made("third.test"))
        (tmp_path / "sni/second.pem").unlink()
        tls.reload()
        assert (await served("third.test")).startswith("CN=third.test")
        assert await served("second.test") == "CN=pbx.test"
        (tmp_path / "sni/third.pem").write_text("nonsense")
        with pytest.raises(TlsError, match=r"third\.pem holds no certificate"):
            tls.reload()
        assert (await served("third.test")).startswith("CN=third.test")
