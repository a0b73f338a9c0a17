from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.element import Element, Source
from softswitch.config.errors import Severity
from tests.config.files import load_files

TEXT = """<context name="Default">
  <extension name="a"
             continue="true">
    <action application="set" data="x=1"/><action application="hangup"/>
  </extension>
  <extension name="b"/>
</context>"""


@pytest.fixture
def context(tmp_path: Path) -> Element:
    found = load_files(tmp_path, {"dialplan/x.xml": TEXT}).locate("dialplan", "context")
    assert found is not None
    return found


def test_an_element_knows_its_file_line_and_column(context: Element, tmp_path: Path) -> None:
    assert context.file == str(tmp_path / "dialplan/x.xml")
    places = [(element.tag, element.line, element.column) for element in context.iter()]
    assert places == [
        ("context", 1, 1), ("extension", 2, 3), ("action", 4, 5), ("action", 4, 43),
        ("extension", 6, 3),
    ]  # fmt: skip
    assert repr(context).startswith("<context Default at ")


def test_an_attribute_knows_where_its_value_is_written(context: Element) -> None:
    extension = context.children[0]
    assert extension.attribute_place("name") == (2, 20)
    assert extension.attribute_place("continue") == (3, 24)
    assert extension.attribute_place("data") == (2, 3)
    assert extension.children[1].attribute_place("application") == (4, 64)


def test_a_finding_points_at_an_attribute_or_at_the_element(context: Element) -> None:
    action = context.children[0].children[0]
    at_value = action.finding("R100", "m", attribute="data")
    assert (at_value.line, at_value.column) == (4, 37)
    assert at_value.text == TEXT.split("\n")[3]
    at_element = action.finding("R100", "m", "h", Severity.NOTE)
    assert (at_element.column, at_element.severity) == (5, Severity.NOTE)


def test_children_are_found_by_tag_and_by_value_without_case(context: Element) -> None:
    assert [e.get("name") for e in context.findall("extension")] == ["a", "b"]
    found = context.find("extension", name="B")
    assert found is context.children[1]
    assert context.find("Extension") is None
    assert context.find("extension", none="b") is None


def test_an_absent_attribute_is_none_or_the_default(context: Element) -> None:
    assert context.get("name") == "Default"
    assert context.get("Name") is None
    assert context.get("Name", "x") == "x"


def test_an_element_without_children_is_still_true() -> None:
    empty = Element("a", {})
    assert empty
    assert len(empty) == 0
    assert list(empty) == []


def test_an_element_is_written_as_xml_with_two_spaces_a_level() -> None:
    inner = Element("b", {"x": '<"&'}, text="a < b")
    assert Element("a", {}, (inner,)).to_xml() == (
        '<a>\n  <b x="&lt;&quot;&amp;">a &lt; b</b>\n</a>\n'
    )


def test_all_elements_of_a_tag_are_met_in_document_order(context: Element) -> None:
    applications = [action.get("application") for action in context.iter("action")]
    assert applications == ["set", "hangup"]


def test_a_source_gives_no_line_outside_of_itself() -> None:
    source = Source("f", "a\r\nb")
    assert [source.line(n) for n in (0, 1, 2, 3)] == ["", "a", "b", ""]
    assert source.column(1, 50) == 2
