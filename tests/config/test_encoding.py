from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.encoding import read_text
from softswitch.config.errors import Severity


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<a>ü</a>".encode(), "<a>ü</a>"),
        (b"\xef\xbb\xbf<a/>", "<a/>"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xfc</a>', "ü</a>"),
        (b"<?xml version='1.0' encoding='windows-1252'?><a>\x80</a>", "€</a>"),
        (b"", ""),
    ],
)
def test_text_is_utf_8_or_what_its_declaration_says(data: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(data)
    read, finding = read_text(path)
    assert finding is None
    assert read.endswith(text)


def test_utf_8_is_believed_over_a_declaration_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes('<?xml version="1.0" encoding="ISO-8859-1"?>ü'.encode())
    assert read_text(path)[0].endswith("ü")


def test_a_byte_that_is_no_text_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes("<a>\nüü".encode() + b"\xff\n")
    text, finding = read_text(path)
    assert text == "<a>\nüüÿ\n"
    assert finding is not None
    assert (finding.code, finding.line, finding.column) == ("X116", 2, 3)
    assert finding.severity is Severity.WARNING
    assert finding.message.endswith("is read as 'ÿ'")


def test_an_encoding_that_does_not_exist_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_bytes(b'<?xml version="1.0" encoding="no-such"?><a>\xfc</a>')
    finding = read_text(path)[1]
    assert finding is not None
    assert finding.code == "X116"


def test_a_folder_in_place_of_a_file_cannot_be_read(tmp_path: Path) -> None:
    finding = read_text(tmp_path)[1]
    assert finding is not None
    assert finding.code == "P206"
    assert "directory" in finding.message
