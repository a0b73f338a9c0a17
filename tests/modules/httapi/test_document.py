from __future__ import annotations

import pytest

from softswitch.modules.httapi.document import LONGEST, BadDocument, Tag, read_document
from tests.modules.httapi.support import document


def test_params_variables_and_work_are_read() -> None:
    read = read_document(
        document(
            '<!-- x --><playback file="a.wav" name="n">\n<bind strip="#" action="u">~\\d+#</bind>'
            "</playback><log> hello </log>",
            params="<a>1</a><b/>",
            variables="<v>x</v>",
        )
    )
    assert read.params == {"a": "1", "b": ""} and read.variables == {"v": "x"}
    playback, log = read.work
    assert playback.name == "playback" and playback.get("file") == "a.wav"
    assert [(bind.text, bind.get("strip")) for bind in playback.binds()] == [("~\\d+#", "#")]
    assert log == Tag("log", {}, "hello")


def test_a_document_need_not_have_all_parts() -> None:
    read = read_document("<document/>")
    assert (read.params, read.variables, read.work) == ({}, {}, ())


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), ("-1", 3), ("", 3), ("x", 3), ("99999999999", 3), ("٣", 3), ("0", 0)],
)
def test_a_number_is_read_or_the_default(text: str, number: int) -> None:
    assert Tag("x", {"n": text}).number("n", 3) == number


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Document is empty"),
        ("<document>", "Premature end|EndTag"),
        ('<!DOCTYPE d [<!ENTITY a "b">]><document>&a;</document>', "document type declaration"),
        (f"<document>{'x' * LONGEST}</document>", "longer than"),
        (f"<document><work>{'<log/>' * 1001}</work></document>", "more than 1000 elements"),
        ("\ud800", "."),
    ],
)
def test_nonsense_is_told(text: str, message: str) -> None:
    with pytest.raises(BadDocument, match=message):
        read_document(text)
