# ruff: noqa: E501 - tables read best with one case a line
from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.config.document import load
from softswitch.config.errors import ConfigurationErrors
from softswitch.config.preprocess import Preprocessor
from tests.config.files import write_files


def read(
    folder: Path, files: dict[str, str], variables: dict[str, str] | None = None, **options: object
) -> tuple[str, Preprocessor]:
    """The root's text after preprocessing, lines joined by ``|``."""
    write_files(folder, files)
    preprocessor = Preprocessor(variables or {}, **options)  # type: ignore[arg-type]
    document = preprocessor.read(folder / "softswitch.xml")
    return document.text.replace("\n", "|"), preprocessor


LINES = [
    # what the file says, what is left of it
    ("<a/>", "<a/>"),
    ("<a>$${x}</a>", "<a>1</a>"),
    ("$${x}$${y}$${x}", "1two words1"),
    ("$${none}.", "."),
    ("$${not closed", "$${not closed"),
    ("${x} $${x}", "${x} 1"),
    ("$${ref}", "$${x}"),
    ("$${br{ace}}", "nested"),
    ("<include>\n<a/>\n</include>", "|<a/>|"),
    ("<include><a/>", ""),
    ('<?xml version="1.0"?>\n<a/>', "|<a/>"),
    ("text <? more", ""),
    ("<include ><a/>", "<include ><a/>"),
    ("<!-- plain -->", "<!-- plain -->"),
    ("<!--#comment x--><a/>", "<a/>"),
    ("a<!--#comment x-->b", "ab"),
    ("a<!--#comment\nb\nc-->d\ne", "a||     d|e".replace("     ", "    ")),
    ("<!--#comment\n<include> -->\n--><a/>", "||   <a/>"),
    ("<!--#set z=5-->\n$${z}", "|5"),
    ('<!--#set "z=5 6" -->\n$${z}', "|5 6"),
    ("<!--#comment z=5-->\n[$${z}]", "|[]"),
    ('<X-PRE-PROCESS cmd="set" data="z=5"/>\n$${z}', "|5"),
    ('<x-pre-process CMD="set" DATA="z=5"/>\n$${z}', "|5"),
    ('<X-PRE-PROCESS cmd="SET" data="z=5"></X-PRE-PROCESS>\n$${z}', "|5"),
    ('<X-PRE-PROCESS cmd="set" data="z = 5"/>\n[$${z}]', "|[5]"),
    ('<X-PRE-PROCESS cmd="set" data="z=a=b"/>\n[$${z}]', "|[a=b]"),
    ('<X-PRE-PROCESS cmd="set" data="z=$${x}2"/>\n$${z}', "|12"),
    ('<X-PRE-PROCESS cmd="set" data="x="/>\n[$${x}]', "|[]"),
    ('<!-- <X-PRE-PROCESS cmd="set" data="z=5"/> -->\n$${z}', "|5"),
    ('<!--\n<X-PRE-PROCESS cmd="set" data="z=5"/>\n-->$${z}', "<!--||-->5"),
    ('<!--X-PRE-PROCESS cmd="set" data="z=5"/>\n[$${z}]', "|[]"),
    ('<XX-PRE-PROCESS cmd="set" data="z=5"/>\n[$${z}]', "|[]"),
    ('X-PRE-PROCESS\n[$${z}]', "|[]"),
    ('<Z-PRE-PROCESS cmd="set"/>', '<Z-PRE-PROCESS cmd="set"/>'),
    ('<X-NO-PRE-PROCESS cmd="set"/>', '<X-NO-PRE-PROCESS cmd="set"/>'),
    ('<a/><X-PRE-PROCESS cmd="set" data="z=5"/><b/>\n$${z}', "|5"),
    ('<X-PRE-PROCESS cmd="set" data="z=5" category="a" enabled="false"/>\n$${z}', "|5"),
    ('<X-PRE-PROCESS cmd="env-set" data="z=$SHELL_VALUE"/>\n$${z}', "|7"),
    ('<X-PRE-PROCESS cmd="env-set" data="x=$NOT_THERE"/>\n$${x}', "|1"),
    ('<X-PRE-PROCESS cmd="env-set" data="x=SHELL_VALUE"/>\n$${x}', "|1"),
    ('<!--#env-set z=$SHELL_VALUE-->\n[$${z}]', "|[]"),
    ('<X-PRE-PROCESS cmd="exec-set" data="x=echo 9"/>\n$${x}', "|1"),
    ('<X-PRE-PROCESS cmd="stun-set" data="x=stun:h"/>\n$${x}', "|1"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "left"), LINES)
def test_lines_are_processed_as_freeswitch_does(written: str, left: str, tmp_path: Path) -> None:
    variables = {"x": "1", "y": "two words", "ref": "$${x}", "br{ace}": "nested"}
    text, _ = read(
        tmp_path, {"softswitch.xml": written}, variables, environment={"SHELL_VALUE": "7"}
    )
    assert text == left


@pytest.mark.parametrize(
    "rest",
    [
        "/>",
        " />",
        ' category="Codecs" enabled="true"  uuid=\'x\'/>',
        "></X-PRE-PROCESS> <!-- x -->",
    ],
)
def test_attributes_of_a_portal_lose_nothing_and_are_not_told_of(rest: str, tmp_path: Path) -> None:
    line = f'<X-PRE-PROCESS cmd="set" data="z=5"{rest}'
    _, preprocessor = read(tmp_path, {"softswitch.xml": line})
    assert preprocessor.findings == []


@pytest.mark.parametrize(("written", "left"), LINES)
def test_no_line_is_ever_added_or_lost(written: str, left: str, tmp_path: Path) -> None:
    text, _ = read(tmp_path, {"softswitch.xml": written}, {"x": "several\nlines"})
    assert text.count("|") == written.count("\n")


def test_included_files_are_sorted_and_relative_to_the_including_file(tmp_path: Path) -> None:
    files = {
        "softswitch.xml": '<X-PRE-PROCESS cmd="include" data="sub/*.xml"/>',
        "sub/2.xml": '<!--#include "deep/x.xml"-->',
        "sub/1.xml": "<a/>",
        "sub/deep/x.xml": "<b/>",
        "sub/ignored.txt": "<c/>",
    }
    _, preprocessor = read(tmp_path, files)
    names = [str(Path(name).relative_to(tmp_path)) for name in preprocessor.files]
    assert names == ["softswitch.xml", "sub/1.xml", "sub/2.xml", "sub/deep/x.xml"]


def test_an_included_file_sets_variables_for_the_lines_after_it(tmp_path: Path) -> None:
    text, preprocessor = read(
        tmp_path,
        {
            "softswitch.xml": '[$${v}]\n<X-PRE-PROCESS cmd="include" data="v.xml"/>\n[$${v}]',
            "v.xml": '<include>\n<X-PRE-PROCESS cmd="set" data="v=1"/>\n</include>',
        },
    )
    assert text == "[]|<?softswitch-include 0?>|[1]"
    assert preprocessor.assigned == {"v": "1"}


def test_an_absolute_path_is_included_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "other" / "secrets.xml"
    other.parent.mkdir()
    other.write_text('<X-PRE-PROCESS cmd="set" data="v=1"/>')
    root = '<X-PRE-PROCESS cmd="include" data="$${data_dir}/secrets.xml"/>'
    variables = {"data_dir": str(other.parent)}
    _, preprocessor = read(tmp_path / "conf", {"softswitch.xml": root}, variables)
    assert preprocessor.variables["v"] == "1"
    assert not preprocessor.findings


def test_a_file_may_be_included_twice_with_other_variables(tmp_path: Path) -> None:
    files = {
        "softswitch.xml": "<document>\n"
        '<X-PRE-PROCESS cmd="set" data="n=1"/>\n<X-PRE-PROCESS cmd="include" data="t.xml"/>\n'
        '<X-PRE-PROCESS cmd="set" data="n=2"/>\n<X-PRE-PROCESS cmd="include" data="t.xml"/>\n'
        "</document>",
        "t.xml": '<item n="$${n}"/>',
    }
    configuration = load(write_files(tmp_path, files), {})
    assert [item.get("n") for item in configuration.root] == ["1", "2"]


def test_an_empty_value_deletes_a_variable(tmp_path: Path) -> None:
    root = '<X-PRE-PROCESS cmd="set" data="gone="/>'
    _, preprocessor = read(tmp_path, {"softswitch.xml": root}, {"gone": "1", "kept": "2"})
    assert preprocessor.variables == {"kept": "2"}
    assert preprocessor.assigned == {"gone": None}


def test_commands_run_where_they_are_allowed(tmp_path: Path) -> None:
    root = (
        '<X-PRE-PROCESS cmd="exec-set" data="v=echo one two"/>\n'
        '<X-PRE-PROCESS cmd="exec-set" data="w=exit 3"/>\n'
        '<document>\n<X-PRE-PROCESS cmd="exec" data="printf \'<item/><item/>\'"/>\n</document>'
    )
    folder = write_files(tmp_path, {"softswitch.xml": root})
    configuration = load(folder, {}, allow_commands=True)
    assert configuration.globals["v"] == "one two"
    assert "w" not in configuration.globals
    assert "P211" in [finding.code for finding in configuration.findings]
    items = list(configuration.root)
    assert [item.tag for item in items] == ["item", "item"]
    assert "output of" in items[0].file


def test_an_address_is_looked_up_by_the_given_resolver(tmp_path: Path) -> None:
    root = (
        '<X-PRE-PROCESS cmd="stun-set" data="v=stun:stun.example.com:3478"/>\n'
        '<X-PRE-PROCESS cmd="stun-set" data="w=host:nowhere.example.com"/>\n'
    )
    asked: list[str] = []

    def resolve(target: str) -> str | None:
        asked.append(target)
        return "192.0.2.1" if target.startswith("stun:") else None

    _, preprocessor = read(tmp_path, {"softswitch.xml": root}, resolve=resolve)
    # The profile that gets it goes on asking.
    assert preprocessor.variables == {"v": "192.0.2.1", "w": "host:nowhere.example.com"}
    assert asked == ["stun:stun.example.com:3478", "host:nowhere.example.com"]
    assert [finding.code for finding in preprocessor.findings] == ["P212"]


def test_a_variable_that_was_not_looked_up_is_told_once_only(tmp_path: Path) -> None:
    root = '<X-PRE-PROCESS cmd="stun-set" data="v=stun:h"/>\n<document a="$${v}" b="$${v}"/>'
    configuration = load(write_files(tmp_path, {"softswitch.xml": root}), {})
    assert [finding.code for finding in configuration.findings] == ["P212"]


def test_a_variable_that_is_never_set_is_told_once_with_its_number_of_places(
    tmp_path: Path,
) -> None:
    root = '<document a="$${v}"\n b="$${v}">\n<!-- $${v} $${w} -->\n</document>'
    configuration = load(write_files(tmp_path, {"softswitch.xml": root}), {})
    (finding,) = configuration.findings
    assert (finding.code, finding.line, finding.column) == ("P208", 1, 14)
    assert "in 2 places" in finding.message


def test_a_folder_with_an_xml_name_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.xml").mkdir()
    root = (
        '<X-PRE-PROCESS cmd="include" data="*l.xml"/>\n<X-PRE-PROCESS cmd="include" data="x.xml"/>'
    )
    _, preprocessor = read(tmp_path, {"root.xml": "", "softswitch.xml": root})
    assert [finding.code for finding in preprocessor.findings] == ["P205", "P206"]


def test_a_folder_whose_name_looks_like_a_pattern_is_just_a_folder(tmp_path: Path) -> None:
    files = {
        "softswitch.xml": '<X-PRE-PROCESS cmd="include" data="[a]*.xml"/>',
        "a.xml": "",
        "b.xml": "",
    }
    _, preprocessor = read(tmp_path / "conf[1]*", files)
    assert [Path(name).name for name in preprocessor.files] == ["softswitch.xml", "a.xml"]


PIECES = st.sampled_from(
    [
        '<X-PRE-PROCESS cmd="set" data="v=$${v}1"/>', '<X-PRE-PROCESS cmd="include" data="*.xml"/>',
        '<X-PRE-PROCESS cmd="include" data="x/*.xml"/>', "<X-PRE-PROCESS", "X-PRE-PROCESS", "$${v}",
        "$${", "}", "<!--#set v=2-->", "<!--#include", "<!--", "-->", "<include>", "</include>",
        "<?", "?>", "<![CDATA[", "]]>", "<!DOCTYPE d [", "<!ENTITY e \"<a/>\">", "]>", "<a>", "</a>",
        "<a b=\"", "\"/>", "'", "&e;", "&", "<", ">", "\n", "\r\n", " ", "ü", "\x00",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@pytest.mark.slow
@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_files_are_loaded_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, root: str, included: str
) -> None:
    folder = tmp_path_factory.mktemp("conf")
    write_files(folder, {"softswitch.xml": root, "x/1.xml": included})
    try:
        configuration = load(folder, {"v": "<a/>"})
    except ConfigurationErrors as refused:
        assert refused.findings
    else:
        for element in configuration.root.iter():
            assert element.source is not None
            assert 1 <= element.line <= len(element.source.lines)
            assert element.column >= 1
