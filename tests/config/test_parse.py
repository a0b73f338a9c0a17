from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.errors import ConfigurationErrors
from tests.config.files import findings_of, load_files, write_files


def text_of(folder: Path, root: str, variables: dict[str, str] | None = None) -> str:
    return load(write_files(folder, {"softswitch.xml": root}), variables or {}).root.text


ENTITIES = [
    ("<x><![CDATA[Tom & Jerry]]></x>", "Tom & Jerry"),
    ("<x>Tom & Jerry</x>", "Tom & Jerry"),
    ("<x>Tom &amp; Jerry</x>", "Tom & Jerry"),
    ("<x>a<b/>b<!-- c -->c</x>", "abc"),
    ("<x>Fran&#xE7;ais</x>", "Français"),
    ('<!DOCTYPE x [<!ENTITY lol "haha">]><x>&lol;&lol;</x>', "hahahaha"),
    ('<!DOCTYPE x [<!-- c --><!ENTITY e "">]><x>Hello&e;!</x>', "Hello!"),
    (
        '<!DOCTYPE x [<!ENTITY c "FreeSWITCH"><!ENTITY p "&c; Media Server">]><x>&p;</x>',
        "FreeSWITCH Media Server",
    ),
    ('<!DOCTYPE x [<!ENTITY e "<b/>">]><x>a&e;c</x>', "a<b/>c"),
    ("<x>&lol;</x>", "&lol;"),
    ("<x>a]]>b</x>", "a]]>b"),
]


@pytest.mark.parametrize(("root", "text"), ENTITIES)
def test_text_is_what_freeswitch_reads(root: str, text: str, tmp_path: Path) -> None:
    assert text_of(tmp_path, root) == text


def test_entities_can_be_switched_off(tmp_path: Path) -> None:
    root = '<!DOCTYPE x [<!ENTITY lol "haha">]><x>&lol;</x>'
    assert text_of(tmp_path, root, {"xml_disable_dtd": "true"}) == "&lol;"


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    declarations = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 11)
    )
    with pytest.raises(ConfigurationErrors) as refused:
        text_of(tmp_path, f"<!DOCTYPE x [{declarations}]><x>&l10;</x>")
    assert refused.value.findings[0].code == "X100"


def test_an_entity_never_reads_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush")
    root = f'<!DOCTYPE x [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]><x>&s;</x>'
    try:
        assert "hush" not in text_of(tmp_path, root)
    except ConfigurationErrors as refused:
        assert refused.findings[0].code == "X100"


def test_entities_of_the_root_file_are_known_in_included_files(tmp_path: Path) -> None:
    files = {
        "softswitch.xml": '<!DOCTYPE d [<!ENTITY who "me">]>\n<document>\n'
        '<X-PRE-PROCESS cmd="include" data="x.xml"/>\n</document>',
        "x.xml": '<a name="&who;"/>',
    }
    configuration = load(write_files(tmp_path, files), {})
    assert configuration.root.children[0].get("name") == "me"


def test_included_elements_stand_where_the_directive_stood(tmp_path: Path) -> None:
    files = {
        "dialplan/x.xml": '<context name="c">\n<a/>\n'
        '<X-PRE-PROCESS cmd="include" data="x/*.xml"/>\n<d/>\n</context>',
        "dialplan/x/1.xml": "<include>\n  <b/>\n</include>",
        "dialplan/x/2.xml": "<c/><c/>",
    }
    context = load_files(tmp_path, files).locate("dialplan", "context", "name", "c")
    assert context is not None
    assert [element.tag for element in context] == ["a", "b", "c", "c", "d"]
    assert [(Path(e.file).name, e.line, e.column) for e in context] == [
        ("x.xml", 2, 1), ("1.xml", 2, 3), ("2.xml", 1, 1), ("2.xml", 1, 5), ("x.xml", 4, 1)
    ]  # fmt: skip


def test_an_include_inside_a_comment_sets_variables_and_adds_no_elements(tmp_path: Path) -> None:
    files = {
        "dialplan/x.xml": '<context>\n<!--\n<X-PRE-PROCESS cmd="include" data="y/y.xml"/>\n-->\n'
        '<a b="$${v}"/>\n</context>',
        "dialplan/y/y.xml": '<X-PRE-PROCESS cmd="set" data="v=1"/>\n<no/>',
    }
    context = load_files(tmp_path, files).locate("dialplan", "context")
    assert context is not None
    assert [(element.tag, element.get("b")) for element in context] == [("a", "1")]


def test_an_include_inside_cdata_leaves_nothing_behind(tmp_path: Path) -> None:
    root = '<x><![CDATA[a\n<X-PRE-PROCESS cmd="include" data="*.none"/>\nb]]></x>'
    assert text_of(tmp_path, root) == "a\n\nb"


@pytest.mark.slow
def test_lines_are_right_far_past_sixty_five_thousand(tmp_path: Path) -> None:
    text = "<context>\n" + "<e/>\n" * 70_000 + "<last/>\n</context>"
    context = load_files(tmp_path, {"dialplan/x.xml": text}).locate("dialplan", "context")
    assert context is not None
    assert (context.children[-1].line, context.children[-1].column) == (70_002, 1)


def test_columns_are_those_of_the_file_and_not_of_the_replaced_text(tmp_path: Path) -> None:
    text = '<a n="$${long}"/><b n="$${long}"/><c/>'
    section = load_files(tmp_path, {"dialplan/x.xml": text}, {"long": "x" * 99}).section("dialplan")
    assert section is not None
    assert [element.column for element in section] == [1, 18, 35]


def test_findings_of_all_files_come_in_one_pass(tmp_path: Path) -> None:
    files = {
        "dialplan/1.xml": "<a>",
        "dialplan/2.xml": '<b>\n<X-PRE-PROCESS cmd="include" data="2/x.xml"/>',
        "dialplan/2/x.xml": "<c",
        "directory/3.xml": "</d>",
    }
    with pytest.raises(ConfigurationErrors) as refused:
        load_files(tmp_path, files)
    names = {Path(finding.file).name for finding in refused.value.findings if finding.severity == 2}
    assert names == {"1.xml", "2.xml", "x.xml", "3.xml"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
            + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)).replace(
                "&a0;", "&a;"
            )
            + "]><document>&a8;</document>",
            "more text than anybody could want",
        ),
        ("<document>" + "<a>" * 300 + "</a>" * 300 + "</document>", "more than 256 deep"),
        (
            '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><document>&a;</document>',
            "an entity that is not in this file",
        ),
    ],
    ids=["billion laughs", "deep", "of another file"],
)
def test_what_the_parser_refuses_is_told_in_our_words(tmp_path: Path, text: str, told: str) -> None:
    found = findings_of(tmp_path, {"softswitch.xml": text})
    assert any(f.code == "X100" and told in f.message and f.hint for f in found)
