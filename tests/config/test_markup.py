from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from softswitch.config.element import Source
from softswitch.config.errors import errors
from softswitch.config.markup import Scan, Scanner

MENDED = [
    ('<a b="x&y"/>', '<a b="x&amp;y"/>'),
    ('<a b="x&amp;y&#65;&lt;"/>', '<a b="x&amp;y&#65;&lt;"/>'),
    ('<a b="&&"/>', '<a b="&amp;&amp;"/>'),
    ('<a b="<x>"/>', '<a b="&lt;x>"/>'),
    ("<a b='<&'/>", "<a b='&lt;&amp;'/>"),
    ('<a b="1" b="2"/>', '<a b="1" />'),
    ('<a b="1"c="2"/>', '<a b="1" c="2"/>'),
    ("<a>x & y &copy;</a>", "<a>x &amp; y &amp;copy;</a>"),
    ("<a><!-- <b> & -- \n --></a>", "<a>\n</a>"),
    ("<a><![CDATA[<b> & ]]></a>", "<a><![CDATA[<b> & ]]></a>"),
    ('<a\n b = "1"\t/>', '<a\n b = "1"\t/>'),
    ('<a:b c:d="1"></a:b >', '<a:b c:d="1"></a:b >'),
    ('<a b=">"/>', '<a b=">"/>'),
    ('<a b="]]>">]]></a>', '<a b="]]>">]]&gt;</a>'),
]


def scan(text: str) -> Scan:
    return Scanner(Source("x.xml", text), text, root=True).run()


@pytest.mark.parametrize(("written", "mended"), MENDED)
def test_what_freeswitch_reads_is_written_properly(written: str, mended: str) -> None:
    result = scan(written)
    assert result.text == mended
    assert not errors(result.findings)


def test_every_tag_has_its_line_and_column() -> None:
    result = scan('<a>\n  <b c="1"/> <!-- <no/> --> <d\n e="<x/>"/>\n<![CDATA[<no/>]]><f/></a>')
    assert result.places == [(1, 1), (2, 3), (2, 29), (4, 18)]


def test_a_document_type_is_taken_out_and_its_entities_are_known() -> None:
    result = scan('<!DOCTYPE d [\n<!ENTITY who "me">\n]>\n<d>&who; &you;</d>')
    assert result.doctype.startswith("[")
    assert result.text == "\n\n\n<d>&who; &amp;you;</d>"
    assert result.places == [(4, 1)]


def test_several_mistakes_are_told_in_one_pass() -> None:
    result = scan("<a>\n<b>\n</c>\n<d>\n</b>\n</a>\n</e>")
    assert [(f.code, f.line) for f in result.findings] == [
        ("X102", 3), ("X101", 4), ("X102", 7)
    ]  # fmt: skip


def test_a_file_of_mistakes_ends_after_twenty() -> None:
    assert len(scan("</a>\n" * 1000).findings) == 20


@pytest.mark.parametrize("text", ["<?>", "<??>", "<? a ?>", "<?-?>", "<?a"])
def test_an_instruction_without_a_name_is_refused(text: str) -> None:
    assert [finding.code for finding in scan(f"<r>{text}</r>").findings] == ["X120"]


def test_warnings_are_not_cut_short() -> None:
    result = scan("<a>" + "&\n" * 50 + "</a>")
    assert len(result.findings) == 50
    assert "&amp;\n" * 50 in result.text


@pytest.mark.slow
@given(st.text(alphabet="<>/!?-[]&;#'\" =ab\nCDATA", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_is_either_refused_or_well_formed_afterwards(text: str) -> None:
    result = scan(text)
    if not errors(result.findings):
        root = etree.fromstring(f"<forest>{result.text}</forest>")
        assert len(result.places) == sum(1 for _ in root.iterdescendants("*"))


NAMES = st.sampled_from(["a", "condition", "x-y", "b1"])
VALUES = st.text(alphabet="ab &<>'\n;${}", max_size=6)
TREES = st.recursive(
    st.builds(lambda n, v: f'<{n} data="{v}"/>', NAMES, VALUES),
    lambda inner: st.builds(
        lambda n, v, children: f"<{n} data='{v}'>{' '.join(children)}</{n}>",
        NAMES,
        VALUES.map(lambda value: value.replace("'", "")),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(TREES)
@settings(max_examples=200, deadline=None)
def test_places_are_where_the_tags_are(text: str) -> None:
    result = scan(text)
    if errors(result.findings):
        return
    lines = text.split("\n")
    tags = [element.tag for element in etree.fromstring(f"<r>{result.text}</r>").iterdescendants()]
    for tag, (line, column) in zip(tags, result.places, strict=True):
        assert lines[line - 1][column - 1 :].startswith(f"<{tag}")
