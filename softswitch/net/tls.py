"""Certificates and TLS contexts of one profile, exchanged in place (RFC 5246, RFC 8446, RFC 5922).

The folder holds what FreeSWITCH's does: ``agent.pem`` (or ``tls.pem``) with the certificate, those
of its issuers and the key; ``wss.pem`` the same for WebSockets; ``cafile.pem`` whom to believe.
Below it ``sni/*.pem`` are like ``agent.pem`` for clients that ask for one of the names they hold.
"""

from __future__ import annotations

import datetime
import logging
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from softswitch.net.server_names import ServerNames, certificates_in

log = logging.getLogger(__name__)

_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME; Python has no name for it."""
_LIFETIME = datetime.timedelta(days=3650)
AUTHORITIES = "cafile.pem"


class TlsError(Exception):
    """Certificates that cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """What one profile wants of TLS."""

    folder: Path
    names: tuple[str, ...] = ("agent.pem", "tls.pem")
    """The files that may hold our certificate; the first that exists does."""
    passphrase: str = ""
    verify: frozenset[str] = frozenset()
    """Whose certificates are checked: of who calls us (``in``), of whom we call (``out``), with
    their names too (``subjects_in``, ``subjects_out``).
    """
    verify_date: bool = True
    subjects: tuple[str, ...] = ()
    """Names of which a client's certificate must have one (``subjects_in``)."""
    ciphers: str = ""
    oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2

    @property
    def checks_clients(self) -> bool:
        return bool(self.verify & {"in", "subjects_in"})

    @property
    def checks_servers(self) -> bool:
        return bool(self.verify & {"out", "subjects_out"})


class Tls:
    """The contexts to serve and to connect with. `reload` takes new certificates for connections
    to come; those that stand keep theirs.

    Who listens keeps ``server``, which hands each client on to the context that is the latest: one
    context would hold on to a certificate whose key is of another kind than the new one's.
    """

    def __init__(self, settings: TlsSettings, host: str) -> None:
        """Reads the files; makes a certificate for ``host`` where there is none.

        Raises `TlsError`.
        """
        self.settings = settings
        try:
            self.path = _certificate(settings, host)
            self.server = self._make(ssl.PROTOCOL_TLS_SERVER)
            self.client = self._make(ssl.PROTOCOL_TLS_CLIENT)
            self._named = self._make_named()
        except OSError as error:
            raise TlsError(f"{error.filename or settings.folder}: {_reason(error)}") from None
        self._latest = self.server
        self.server.sni_callback = self._hand_on

    def reload(self) -> None:
        """Read the files again; raises `TlsError` and keeps what there is where they are wrong."""
        try:
            server = self._make(ssl.PROTOCOL_TLS_SERVER)
            client = self._make(ssl.PROTOCOL_TLS_CLIENT)
            named = self._make_named()
        except OSError as error:
            raise TlsError(f"{error.filename or self.path}: {_reason(error)}") from None
        self._latest, self.client, self._named = server, client, named

    def _hand_on(self, client: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """Called for each client, also for one that asks for no name (RFC 6066 §3)."""
        client.context = self._named.find(name) or self._latest

    def _make_named(self) -> ServerNames:
        """The contexts of those who ask for another name than the usual certificate's."""
        paths = certificates_in(self.settings.folder)
        made = [(path, self._make(ssl.PROTOCOL_TLS_SERVER, path)) for path in paths]
        try:
            return ServerNames(made)
        except ValueError as error:
            raise TlsError(f"{self.settings.folder}: {error}") from None

    def _make(self, protocol: int, path: Path | None = None) -> ssl.SSLContext:
        """A context with the certificate of a file, or else with the usual one."""
        settings = self.settings
        context = ssl.SSLContext(protocol)
        context.minimum_version = settings.oldest
        context.check_hostname = False
        serving = protocol == ssl.PROTOCOL_TLS_SERVER
        checks = settings.checks_clients if serving else settings.checks_servers
        context.verify_mode = ssl.CERT_REQUIRED if checks else ssl.CERT_NONE
        if not serving:
            context.check_hostname = "subjects_out" in settings.verify
        if not settings.verify_date:
            context.verify_flags |= _NO_CHECK_TIME
        if settings.ciphers:
            try:
                context.set_ciphers(settings.ciphers)
            except ssl.SSLError:
                raise TlsError(f"tls-ciphers: none of {settings.ciphers!r} is known") from None
        self._load(context, path or self.path)
        return context

    def _load(self, context: ssl.SSLContext, path: Path) -> None:
        try:
            context.load_cert_chain(path, password=lambda: self.settings.passphrase)
        except ssl.SSLError:
            raise TlsError(
                f"{path} holds no certificate with its key, or tls-passphrase does not open it"
            ) from None
        authorities = self.settings.folder / AUTHORITIES
        if authorities.exists():
            context.load_verify_locations(authorities)
        elif context.verify_mode is ssl.CERT_REQUIRED:
            if context.protocol == ssl.PROTOCOL_TLS_SERVER:
                raise TlsError(f"tls-verify-policy: there is no {authorities} to check clients by")
            # Those whom the system believes.
            context.load_default_certs()

    def welcome(self, certificate: Mapping[str, object] | None) -> bool:
        """Whether a client with this certificate (`SSLSocket.getpeercert`) may stay."""
        if "subjects_in" not in self.settings.verify:
            return True
        wanted = {subject.lower() for subject in self.settings.subjects}
        return bool(wanted & {name.lower() for name in names_in(certificate or {})})

    def __repr__(self) -> str:
        return f"<Tls {self.path} {sorted(self.settings.verify)}>"


def names_in(certificate: Mapping[str, object]) -> list[str]:
    """Whom a certificate names: alternative names, their hosts, common name (RFC 5922 §7)."""
    found: list[str] = []
    alternatives = certificate.get("subjectAltName", ())
    assert isinstance(alternatives, Sequence)
    for _, value in alternatives:
        found += [value, value.removeprefix("sips:").removeprefix("sip:")]
    subject = certificate.get("subject", ())
    assert isinstance(subject, Sequence)
    for group in subject:
        found += [value for name, value in group if name == "commonName"]
    return found


def _certificate(settings: TlsSettings, host: str) -> Path:
    """The file with our certificate, made where there is none."""
    for name in settings.names:
        if (settings.folder / name).exists():
            return settings.folder / name
    path = settings.folder / settings.names[0]
    settings.folder.mkdir(parents=True, exist_ok=True)
    data = self_made(host, settings.passphrase)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    log.warning("no certificate in %s: made %s, which nobody else believes", path.parent, path.name)
    return path


def self_made(host: str, passphrase: str = "") -> bytes:
    """A certificate for a host that signs itself, with its key, as PEM."""
    # Loaded only where a certificate has to be made.
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    try:
        alternative: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A day back: the clocks of phones are not right.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase.encode())
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return error.strerror or str(error)
