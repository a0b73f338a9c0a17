"""Broken files, and the one thing that must be told of each: file, line, column, code, hint."""
# ruff: noqa: E501 - a table reads best with one case a line

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from softswitch.config.errors import Severity
from tests.config.files import findings_of

X = "dialplan/x.xml"


class Broken(NamedTuple):
    name: str
    files: dict[str, str | bytes] | str | bytes
    line: int
    column: int
    code: str
    hint: str
    severity: Severity = Severity.ERROR
    file: str = X


WARNING, NOTE = Severity.WARNING, Severity.NOTE

MARKUP = [
    Broken("tag never closed", "<a>\n  <b>\n", 2, 3, "X101", "</b>"),
    Broken("outer tag never closed", "<a>\n  <b/>\n", 1, 1, "X101", "</a>"),
    Broken(
        "inner tag not closed before outer end",
        '<context name="a">\n <extension name="b">\n  <condition>\n </extension>\n</context>\n',
        3,
        3,
        "X101",
        "</condition>",
    ),
    Broken("action without slash", '<a>\n<action data="1">\n</a>\n', 2, 1, "X101", "'/>'"),
    Broken(
        "misspelt closing tag",
        "<extension>\n<condition/>\n</extention>\n",
        3,
        1,
        "X102",
        "</extension>",
    ),
    Broken("closing tag of nothing", "<a/>\n</b>\n", 2, 1, "X102", "each file"),
    Broken("closing tag of the other case", "<Context>\n</context>\n", 2, 1, "X102", "</Context>"),
    Broken("closing tag twice", "<a>\n</a>\n  </a>\n", 3, 3, "X102", "each file"),
    Broken("bare ampersand in a value", '<a>\n <b data="x & y"/>\n</a>', 2, 13, "X103", "&amp;", WARNING),
    Broken("bare ampersand in text", "<a>Tom & Jerry</a>", 1, 8, "X103", "&amp;", WARNING),
    Broken("query string", '<a data="http://h/?a=1&b=2"/>', 1, 23, "X103", "&amp;", WARNING),
    Broken("ampersand at the end", '<a data="x&"/>', 1, 11, "X103", "&amp;", WARNING),
    Broken("unknown entity", '<a data="x&nbsp;y"/>', 1, 11, "X118", "&amp;nbsp;", WARNING),
    Broken("reference to nothing", "<a>&#0;</a>", 1, 4, "X118", "&amp;#0;", WARNING),
    Broken("reference past the end", "<a>&#x110000;</a>", 1, 4, "X118", "&amp;#x", WARNING),
    Broken("missing closing quote, next attribute", '<a name="x data="y"/>', 1, 9, "X104", 'add "'),
    Broken(
        "missing closing quote, last attribute",
        '<a>\n<b name="x" data="y/>\n<c name="z"/>\n</a>',
        2,
        18,
        "X104",
        'add "',
    ),
    Broken("missing closing quote to the end", '<a>\n<b data="y/>\n</a>', 2, 9, "X104", 'add "'),
    Broken("missing single quote", "<a name='x data='y'/>", 1, 9, "X104", "add '"),
    Broken("missing quote before end tag", '<a>\n<b c="d>\n</b>\n<e f=""/></a>', 2, 6, "X104", 'add "'),
    Broken("no quotes", "<a name=x/>", 1, 9, "X105", 'name="value"'),
    Broken("no quotes after good ones", '<a\n  name="x"\n  data=y/>', 3, 8, "X105", 'data="value"'),
    Broken("typographic quotes", "<a name=“x”/>", 1, 9, "X105", 'name="value"'),
    Broken("attribute without value", '<a name="x" continue/>', 1, 13, "X106", 'continue="value"'),
    Broken("attribute with colon for equals", '<a name:"x"/>', 1, 4, "X106", "="),
    Broken("attribute twice", '<a>\n<b x="1" y="2" x="3"/></a>', 2, 16, "X107", "take one out", WARNING),
    Broken("less-than in a value", '<a data="<sip:1@h>"/>', 1, 10, "X108", "&lt;", WARNING),
    Broken("less-than in a pattern", '<a>\n<b expression="^<(.*)>$"/></a>', 2, 17, "X108", "&lt;", WARNING),
    Broken("dashes in a comment", "<a>\n<!-- a -- b -->\n</a>", 2, 8, "X109", "single dashes", WARNING),
    Broken("three dashes", "<!-- a --->\n<a/>", 1, 8, "X109", "single dashes", WARNING),
    Broken("option in a comment", "<!-- run --help -->", 1, 10, "X109", "single dashes", WARNING),
    Broken("comment never closed", "<a/>\n<!-- x\n<b/>\n", 2, 1, "X110", "-->"),
    Broken("comment closed wrongly", "<a/>\n<!-- x ->\n<b/>\n", 2, 1, "X110", "-->"),
    Broken("CDATA never closed", "<a>\n <![CDATA[x]>\n</a>", 2, 2, "X111", "]]>"),
    Broken("less-than in text", "<a>\n1 < 2\n</a>", 2, 3, "X112", "&lt;"),
    Broken("tag that begins with a digit", "<a>\n<1b/>\n</a>", 2, 1, "X112", "&lt;"),
    Broken("space after less-than", "<a>\n< b/>\n</a>", 2, 1, "X112", "&lt;"),
    Broken("tag without end", '<a>\n<b x="1"\n<c/>\n</a>', 2, 1, "X113", "'>'"),
    Broken("tag at the end of the file", "<a>\n</a>\n<b", 3, 1, "X113", "'>'"),
    Broken("closing tag without end", "<a>\n</a\n<b/>", 2, 1, "X113", "</name>"),
    Broken("no space between attributes", '<a x="1"y="2"/>', 1, 9, "X114", "space", WARNING),
    Broken("stray quote in a tag", '<a x="1""/>', 1, 9, "X115", 'name="value"'),
    Broken("comma between attributes", '<a x="1", y="2"/>', 1, 9, "X115", 'name="value"'),
    Broken("slash within a tag", '<a x="1"/ >', 1, 9, "X115", 'name="value"'),
    Broken("Latin-1 byte", b'<a>\n<b name="M\xfcller"/>\n</a>', 2, 11, "X116", "UTF-8", WARNING),
    Broken("UTF-16", "<a/>".encode("utf-16"), 1, 1, "X116", "iconv"),
    Broken("wrong encoding named", b'<?xml version="1.0" encoding="utf-8"?>\n<a b="\xe4"/>', 2, 7, "X116", "ISO-8859-1", WARNING),
    Broken("control character", "<a>\n<b c='\x01'/></a>", 2, 7, "X117", ""),
    Broken("NUL", b"<a/>\n\x00", 2, 1, "X117", ""),
    Broken("document type in an included file", "<!DOCTYPE a []>\n<a/>", 1, 1, "X119", "move it"),
]  # fmt: skip

PREPROCESSOR = [
    Broken("single quotes in a directive", "<X-PRE-PROCESS cmd='set' data='a=b'/>", 1, 1, "P201", "double quotes"),
    Broken("directive without data", '<a/>\n  <X-PRE-PROCESS cmd="set"/>', 2, 3, "P201", "data"),
    Broken("directive over two lines", '<X-PRE-PROCESS cmd="set"\n data="a=b"/>', 1, 1, "P201", "cmd"),
    Broken("data before cmd", '<X-PRE-PROCESS data="a=b" cmd="set"/>', 1, 1, "P201", "cmd"),
    Broken("directive named in a comment", "<!-- see <X-PRE-PROCESS> -->", 1, 10, "P201", "", WARNING),
    Broken("unknown directive", '<X-PRE-PROCESS cmd="sett" data="a=b"/>', 1, 33, "P202", "'set'", WARNING),
    Broken("directive like no other", '<X-PRE-PROCESS cmd="xyzzy" data="a"/>', 1, 34, "P202", "known", WARNING),
    Broken("set without equals", '<X-PRE-PROCESS cmd="set" data="a"/>', 1, 32, "P203", "", WARNING),
    Broken("missing file", '<X-PRE-PROCESS cmd="include" data="y.xml"/>', 1, 36, "P204", "x.xml", WARNING),
    Broken("missing folder", '<X-PRE-PROCESS cmd="include" data="no/y.xml"/>', 1, 36, "P204", "folder", WARNING),
    Broken("pattern of nothing", '<X-PRE-PROCESS cmd="include" data="no/*.xml"/>', 1, 36, "P205", "", NOTE),
    Broken("file includes itself", '<a/>\n<X-PRE-PROCESS cmd="include" data="x.xml"/>', 2, 36, "P207", "take"),
    Broken("two files include each other",
           {X: '<X-PRE-PROCESS cmd="include" data="../y.xml"/>',
            "y.xml": '\n\n<X-PRE-PROCESS cmd="include" data="dialplan/x.xml"/>'},
           3, 36, "P207", "take", Severity.ERROR, "y.xml"),
    Broken("variable not set", '<a>\n  <b c="$${nothing}"/></a>', 2, 9, "P208", "nothing=", WARNING),
    Broken("variable without brace", '<a b="$${open"/>', 1, 7, "P209", "brace"),
    Broken("command", '<X-PRE-PROCESS cmd="exec-set" data="a=id"/>', 1, 37, "P210", "allow", WARNING),
    Broken("exec", '<X-PRE-PROCESS cmd="exec" data="id"/>', 1, 33, "P210", "allow", WARNING),
    Broken("stun without network", '<X-PRE-PROCESS cmd="stun-set" data="a=stun:h"/>', 1, 37, "P212", "address", NOTE),
    Broken("include indented in a comment", '<!--\n  <X-PRE-PROCESS cmd="include" data="*.none"/>\n-->', 2, 3, "P213", "Z-PRE", WARNING),
    Broken("include of nothing", '<X-PRE-PROCESS cmd="include" data=""/>', 1, 36, "P203", "", WARNING),
    Broken("directive misspelt", '<a>\n <X-PREPROCESS cmd="set" data="a=1"/></a>', 2, 2, "P202", "X-PRE-PROCESS", WARNING),
    Broken("include in a comment", '<!--\n<X-PRE-PROCESS cmd="include" data="*.none"/>\n-->', 2, 1, "P213", "Z-PRE", WARNING),
    Broken("two directives on a line", '<X-PRE-PROCESS cmd="set" data="a=1"/><X-PRE-PROCESS cmd="set" data="b=1"/>', 1, 1, "P214", "own", WARNING),
    Broken("element before a directive", '<a/> <X-PRE-PROCESS cmd="set" data="a=1"/>', 1, 6, "P214", "own", WARNING),
    Broken("element beside include", "<include><a/>\n</include>", 1, 1, "P215", "own", WARNING),
    Broken("question mark after less-than", '<a>\n<b c="^<?x"/>\n</a>', 2, 8, "P215", "&lt;", WARNING),
    Broken("environment variable unknown", '<X-PRE-PROCESS cmd="env-set" data="a=$NOT_THERE"/>', 1, 36, "P216", "export", WARNING),
    Broken("environment variable without dollar", '<X-PRE-PROCESS cmd="env-set" data="a=HOME"/>', 1, 36, "P216", "$", WARNING),
    Broken("include within a tag", '<a\n<X-PRE-PROCESS cmd="include" data="*.none"/>\n/>', 2, 1, "P217", "whole"),
]  # fmt: skip

ACROSS_FILES = [
    Broken("opened here and closed elsewhere",
           {"dialplan/1.xml": "<a>\n", "dialplan/2.xml": "</a>\n"},
           1, 1, "X101", "</a>", Severity.ERROR, "dialplan/1.xml"),
    Broken("closed here and opened elsewhere",
           {"dialplan/1.xml": "<a>\n", "dialplan/2.xml": "\n</a>\n"},
           2, 1, "X102", "each file", Severity.ERROR, "dialplan/2.xml"),
    Broken("error in a file included twice removed",
           {X: '<X-PRE-PROCESS cmd="include" data="deep/y.xml"/>',
            "dialplan/deep/y.xml": '<X-PRE-PROCESS cmd="include" data="z/z.xml"/>',
            "dialplan/deep/z/z.xml": "<a>\n<b\n</a>"},
           2, 1, "X113", "'>'", Severity.ERROR, "dialplan/deep/z/z.xml"),
    Broken("place after a variable was replaced",
           {"autoload_configs/v.xml": '<X-PRE-PROCESS cmd="set" data="long=0123456789"/>',
            X: '<a b="$${long}" c="$${long}&"/>'},
           1, 28, "X103", "&amp;", WARNING),
    Broken("root without root element", {"softswitch.xml": "<!-- nothing -->\n"},
           1, 1, "C302", "<document", Severity.ERROR, "softswitch.xml"),
    Broken("root with two root elements", {"softswitch.xml": "<document/>\n<document/>\n"},
           1, 1, "C302", "<document", Severity.ERROR, "softswitch.xml"),
    Broken("unknown section", {"softswitch.xml": '<document>\n<section name="dailplan"/>\n</document>'},
           2, 16, "C303", "'dialplan'", WARNING, "softswitch.xml"),
    Broken("root that is no document", {"softswitch.xml": "<config>\n</config>"},
           1, 1, "C308", "<section", WARNING, "softswitch.xml"),
    Broken("section twice",
           {"softswitch.xml": '<document>\n<section name="dialplan"/>\n<section name="dialplan"/>\n</document>'},
           3, 16, "C304", "keep one", WARNING, "softswitch.xml"),
    Broken("configuration twice",
           {"autoload_configs/1.xml": '<configuration name="a.conf"/>',
            "autoload_configs/2.xml": '\n <configuration name="A.conf"/>'},
           2, 23, "C305", "keep one", WARNING, "autoload_configs/2.xml"),
    Broken("configuration without name", {"autoload_configs/1.xml": "<configuration/>"},
           1, 1, "C306", "", WARNING, "autoload_configs/1.xml"),
]  # fmt: skip

CASES = [*MARKUP, *PREPROCESSOR, *ACROSS_FILES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_file_is_told_with_its_place_and_a_hint(case: Broken, tmp_path: Path) -> None:
    files = case.files if isinstance(case.files, dict) else {X: case.files}
    found = findings_of(tmp_path, files)
    told = [
        finding
        for finding in found
        if (finding.code, finding.line, finding.column) == (case.code, case.line, case.column)
        and finding.file == str(tmp_path / case.file)
    ]
    assert told, "\n".join(map(str, found))
    assert told[0].severity is case.severity
    assert case.hint in told[0].hint
    worst = max(finding.severity for finding in found)
    assert worst is case.severity, "\n".join(map(str, found))
    if case.line and case.code not in ("X116",):
        source = (tmp_path / case.file).read_text().split("\n")
        assert told[0].text == source[case.line - 1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_file_gives_few_findings(case: Broken, tmp_path: Path) -> None:
    files = case.files if isinstance(case.files, dict) else {X: case.files}
    found = [
        finding
        for finding in findings_of(tmp_path, files)
        if finding.severity is case.severity and finding.file == str(tmp_path / case.file)
    ]
    assert 1 <= len(found) <= 2, "\n".join(map(str, found))


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
