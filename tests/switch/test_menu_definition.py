from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import Configuration, load
from softswitch.config.element import Element
from softswitch.switch.menu_definition import Action, MenuError, find_menu, validate_menus

DOCUMENT = """<document type="freeswitch/xml"><section name="configuration">
<configuration name="ivr.conf"><menus>
{menus}
</menus></configuration></section></document>
"""


def configured(folder: Path, menus: str) -> Configuration:
    (folder / "freeswitch.xml").write_text(DOCUMENT.format(menus=menus))
    return load(folder, {})


def conf(folder: Path, menus: str) -> Element | None:
    return configured(folder, menus).configuration("ivr.conf")


def test_a_menu_has_the_defaults_of_freeswitch(tmp_path: Path) -> None:
    menu = find_menu(conf(tmp_path, '<menu name="main"/>'), "MAIN")
    assert menu is not None
    assert (menu.timeout, menu.inter_digit_timeout) == (10_000, 5_000)
    assert (menu.max_failures, menu.max_timeouts, menu.confirm_attempts) == (3, 3, 3)
    assert menu.digit_len == 1
    assert find_menu(conf(tmp_path, '<menu name="main"/>'), "other") is None
    assert find_menu(None, "main") is None


def test_limits_follow_one_another_unless_they_are_written(tmp_path: Path) -> None:
    menu = find_menu(conf(tmp_path, '<menu name="m" timeout="4000" max-failures="5"/>'), "m")
    assert menu is not None
    assert (menu.inter_digit_timeout, menu.max_timeouts) == (2000, 5)


@pytest.mark.parametrize(
    ("digit_len", "digits", "expected"),
    [("", "1", 1), ("4", "1", 4), ("2", "12345", 5), ("", "/^(10[01][0-9])$/", 1), ("x", "12", 2)],
)
def test_at_least_as_many_digits_are_taken_as_the_longest_entry_has(
    tmp_path: Path, digit_len: str, digits: str, expected: int
) -> None:
    entry = f'<entry action="menu-top" digits="{digits}"/>'
    text = f'<menu name="m" digit-len="{digit_len}">{entry}</menu>'
    menu = find_menu(conf(tmp_path, text), "m")
    assert menu is not None
    assert menu.digit_len == expected


def test_digits_match_as_a_whole_and_expressions_anywhere(tmp_path: Path) -> None:
    text = """<menu name="m"><entry action="menu-exit" digits="12"/>
    <entry action="menu-exec-app" digits="/^9(\\d+)$/" param="go $1"/></menu>"""
    menu = find_menu(conf(tmp_path, text), "m")
    assert menu is not None
    exact, pattern = menu.entries
    assert exact.action is Action.EXIT
    assert exact.match("12") == ["12"]
    assert exact.match("123") is None
    assert pattern.match("915") == ["915", "15"]
    assert pattern.match("9") is None


@pytest.mark.parametrize(
    ("entry", "code", "message"),
    [
        ('action="menu-dance" digits="1"', "I903", "'menu-dance' is no action of menus"),
        ('digits="1"', "I903", "this entry has no action"),
        ('action="menu-exec-app" digits="1"', "I902", "menu-exec-app needs a param"),
        ('action="menu-exit"', "I902", "this entry has no digits"),
        ('action="menu-exit" digits="/(/"', "I905", "missing"),
    ],
)
def test_an_entry_with_a_mistake_is_told_by_the_check_and_breaks_the_menu(
    tmp_path: Path, entry: str, code: str, message: str
) -> None:
    text = f'<menu name="m">\n<entry {entry}/>\n</menu>'
    configuration = configured(tmp_path, text)
    (finding,) = validate_menus(configuration)
    assert (finding.code, finding.line) == (code, 4)
    assert message in finding.message
    with pytest.raises(MenuError, match=r"freeswitch\.xml:4"):
        find_menu(configuration.configuration("ivr.conf"), "m")


@pytest.mark.parametrize(
    ("menus", "code"),
    [
        ("<menu/>", "I901"),
        ('<menu name="a"/><menu name="A"/>', "I901"),
        ('<menu name="a"><entry action="menu-sub" digits="1" param="b"/></menu>', "I904"),
        ('<menu name="a" timeout="soon"/>', "I906"),
        ('<menu name="a" max-failures="0"/>', "I906"),
        ('<menu name="a" confirm-macro="x"/>', "I906"),
    ],
)
def test_what_a_caller_would_find_is_told_before(tmp_path: Path, menus: str, code: str) -> None:
    assert [finding.code for finding in validate_menus(configured(tmp_path, menus))] == [code]


def test_a_good_menu_has_no_findings(tmp_path: Path) -> None:
    text = """<menu name="a" timeout="10000" confirm-macro="" confirm-key="">
    <entry action="menu-sub" digits="1" param="a"/>
    <entry action="menu-sub" digits="2" param="$1"/></menu>"""
    assert validate_menus(configured(tmp_path, text)) == []
