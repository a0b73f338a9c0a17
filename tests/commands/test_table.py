from __future__ import annotations

import pytest

from softswitch.commands.table import Form, Table

TWO = Table(("name", "value"), [("a", "1"), ("b", "<&>")])
NONE = Table(("name",), [])


@pytest.mark.parametrize(
    ("table", "form", "text"),
    [
        (TWO, Form(), "name,value\na,1\nb,<&>\n\n2 total.\n"),
        (TWO, Form("delim", "|"), "name|value\na|1\nb|<&>\n\n2 total.\n"),
        (
            TWO,
            Form("json"),
            '{"row_count":2,"rows":[{"name":"a","value":"1"},{"name":"b","value":"<&>"}]}',
        ),
        (
            TWO,
            Form("xml"),
            '<result row_count="2">\n  <row row_id="1">\n    <name>a</name>\n'
            '    <value>1</value>\n  </row>\n  <row row_id="2">\n    <name>b</name>\n'
            "    <value>&lt;&amp;&gt;</value>\n  </row>\n</result>\n",
        ),
        (NONE, Form(), "\n0 total.\n"),
        (NONE, Form("json"), '{"row_count": 0}\n'),
        (NONE, Form("xml"), '<result row_count="0"/>\n'),
    ],
)
def test_tables_have_freeswitchs_forms(table: Table, form: Form, text: str) -> None:
    assert table.write(form) == text


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Form(), "\n2 total.\n"),
        (Form("json"), '{"row_count":2,"rows":[]}'),
        (Form("xml"), '<result row_count="2"/>\n'),
    ],
)
def test_counts_have_them_too(form: Form, text: str) -> None:
    assert TWO.write_count(form) == text


@pytest.mark.parametrize(
    ("words", "form"),
    [
        (["json"], Form("json")),
        (["xml"], Form("xml")),
        (["delim", "|"], Form("delim", "|")),
        (["delim"], Form()),
        (["csv"], Form()),
        (["pdf"], None),
        ([], Form()),
    ],
)
def test_forms_are_read(words: list[str], form: Form | None) -> None:
    assert Form.parse(words) == form
