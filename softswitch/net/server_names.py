"""Certificates that are chosen by the name a client asks for (RFC 6066 §3, RFC 6125 §6.4)."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

FOLDER = "sni"
"""Where they lie, below the folder with the usual one."""


class ServerNames:
    """TLS contexts by the names that their certificates are for."""

    def __init__(self, contexts: Iterable[tuple[Path, ssl.SSLContext]] = ()) -> None:
        """Each file is that whose certificate a context has; of two for a name the first counts.

        Raises OSError or ValueError for a file that cannot be read.
        """
        self._contexts: dict[str, ssl.SSLContext] = {}
        for path, context in contexts:
            for name in names_of(path.read_bytes()):
                self._contexts.setdefault(name, context)

    def find(self, name: str | None) -> ssl.SSLContext | None:
        """The context for a name: by itself, or by an asterisk in the place of its first label."""
        if not name:
            return None
        name = name.lower().rstrip(".")
        return self._contexts.get(name) or self._contexts.get(f"*.{name.partition('.')[2]}")

    def __repr__(self) -> str:
        return f"<ServerNames {' '.join(sorted(self._contexts))}>"


def certificates_in(folder: Path) -> list[Path]:
    """The files with further certificates, in the order of their names."""
    return sorted((folder / FOLDER).glob("*.pem"))


def names_of(pem: bytes) -> list[str]:
    """The hosts that the first certificate of a file is for: its alternative names, or its common
    name where it has none. Raises ValueError.
    """
    # Loaded only where there are further certificates.
    from cryptography import x509

    certificate = x509.load_pem_x509_certificates(pem)[0]
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = extension.value.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        names = [str(attribute.value) for attribute in common]
    return [name.lower() for name in names]
