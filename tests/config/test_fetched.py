from __future__ import annotations

import pytest

from softswitch.config.errors import ConfigurationErrors, Severity
from softswitch.config.fetched import read_fetched

ORIGIN = "http://portal.test/"


def read(text: str, **globals: str) -> str:
    """The first section as it is understood."""
    root, _ = read_fetched(text.encode(), ORIGIN, globals)
    return "".join(child.to_xml() for child in root)


def document(content: str) -> str:
    return f'<document type="freeswitch/xml">\n{content}\n</document>'


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0"?>', '<?xml version="1.0"?>\n'])
def test_an_answer_may_be_one_line(declaration: str) -> None:
    text = declaration + document('<section name="dialplan"/>').replace("\n", "")
    assert read(text) == '<section name="dialplan"></section>\n'


def test_variables_are_replaced_and_set_within_the_answer_alone() -> None:
    text = document(
        '<X-PRE-PROCESS cmd="set" data="b=two"/>\n<section name="$${a}">$${b}</section>'
    )
    globals = {"a": "one"}
    root, _ = read_fetched(text.encode(), ORIGIN, globals)
    assert (root.children[0].get("name"), root.children[0].text) == ("one", "two")
    assert globals == {"a": "one"}


@pytest.mark.parametrize(
    ("directive", "code"),
    [
        ('cmd="include" data="/etc/*.conf"', "P218"),
        ('cmd="exec" data="touch /tmp/never"', "P210"),
        ('cmd="exec-set" data="x=id"', "P210"),
        ('cmd="env-set" data="x=$PATH"', "P216"),
        ('cmd="stun-set" data="x=host:example.test"', "P212"),
    ],
)
def test_what_reaches_out_of_the_answer_is_left_out(directive: str, code: str) -> None:
    text = document(f'<X-PRE-PROCESS {directive}/>\n<section name="x"><a>$${{x}}</a></section>')
    root, findings = read_fetched(text.encode(), ORIGIN, {})
    assert code in [finding.code for finding in findings]
    assert root.children[0].children[0].text == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fatal error: out of memory in gateway.php",
        "<html><body>502</body></html>",
        '<document type="freeswitch/xml"><section></document>',
        '<document type="freeswitch/xml"/><document type="freeswitch/xml"/>',
        "<a>" * 5000,
        document("<a>" * 5000 + "</a>" * 5000),
    ],
)
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationErrors):
        read_fetched(text.encode(), ORIGIN, {})


@pytest.mark.parametrize("entity", ['"boom"', 'SYSTEM "file:///etc/passwd"'])
def test_entities_that_an_answer_declares_mean_nothing(entity: str) -> None:
    text = f"<!DOCTYPE d [<!ENTITY x {entity}>]>" + document("<a>&x;&amp;&#65;</a>")
    root, _ = read_fetched(text.encode(), ORIGIN, {})
    assert root.children[0].text == "&x;&A"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ConfigurationErrors, match="UTF-16"):
        read_fetched(document("").encode("utf-16"), ORIGIN, {})


def test_a_byte_that_is_not_utf_8_is_read_as_iso_8859_1_and_told_of() -> None:
    root, [finding] = read_fetched(document("<a>Zo\xeb</a>").encode("latin-1"), ORIGIN, {})
    assert root.children[0].text == "Zoë"
    assert (finding.code, finding.severity) == ("X116", Severity.WARNING)


@pytest.mark.parametrize("root", ["<document>", "<xml>"])
def test_an_answer_is_known_by_its_sections(root: str) -> None:
    text = f'{root}<section name="dialplan"/></{root[1:]}'
    found, _ = read_fetched(text.encode(), ORIGIN, {})
    assert found.find("section") is not None


def test_the_encoding_that_an_answer_names_is_used() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + document("<a>Zoë</a>")
    root, _ = read_fetched(text.encode("latin-1"), ORIGIN, {})
    assert root.children[0].text == "Zoë"
