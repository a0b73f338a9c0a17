"""Secrets made at the first start and kept in the data folder, readable by their owner only."""

from __future__ import annotations

import os
import re
from pathlib import Path

FILE_NAME = "secrets.xml"
NAMES = ("default_password", "default_vm_pin", "event_socket_password", "nonce_secret")
_LENGTH = 20
_PIN_LENGTH = 6
_LINE = re.compile(r'<X-PRE-PROCESS\s+cmd="set"\s+data="\s*([\w-]+)\s*=\s*([^"]*)"', re.I)
# Without characters that look alike, or that XML, SIP or a shell would have to quote.
_ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def load_or_create(data: Path) -> dict[str, str]:
    """The secrets of a data folder by name; what is missing is made and written, mode 0600.

    Secrets an operator changed in the file stay. Raises ``OSError`` if it cannot be written.
    """
    path = data / FILE_NAME
    known = read(data)
    missing = {
        name: make_secret(pin=name.endswith("_pin")) for name in NAMES if not known.get(name)
    }
    if missing:
        data.mkdir(parents=True, exist_ok=True)
        _write(path, known | missing)
    elif path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return known | missing


def read(data: Path) -> dict[str, str]:
    """The secrets that a data folder holds by name; none where none were made yet.

    Raises ``OSError`` if they cannot be read.
    """
    path = data / FILE_NAME
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return dict(_LINE.findall(text))


def make_secret(*, pin: bool = False) -> str:
    """A password nobody guesses, of characters that nobody mistakes; a pin is typed on a phone."""
    # Consoles only read, and must start at once.
    import secrets

    alphabet, length = ("0123456789", _PIN_LENGTH) if pin else (_ALPHABET, _LENGTH)
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _write(path: Path, values: dict[str, str]) -> None:
    import tempfile

    lines = [
        "<include>",
        "  <!-- Made at the first start. Change a value here, then run reloadxml;",
        "       take a line out to have a new one made at the next start. -->",
        *(
            f'  <X-PRE-PROCESS cmd="set" data="{name}={value}"/>'
            for name, value in sorted(values.items())
        ),
        "</include>",
        "",
    ]
    # mkstemp makes the file with mode 0600, and renaming it leaves no half-written one.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
