from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.errors import Severity
from softswitch.config.validators import validate
from softswitch.modules.distributor.lists import DistributorList
from softswitch.modules.distributor.settings import read_lists, weight_of


def read(folder: Path, inside: str) -> tuple[dict[str, DistributorList], list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="distributor.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    lists, findings = read_lists(configuration.configuration("distributor.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    assert all(finding.severity is Severity.WARNING for finding in findings)
    return lists, [finding.message for finding in findings]


def test_the_lists_of_a_file_are_read(tmp_path: Path) -> None:
    lists, findings = read(
        tmp_path,
        '<lists><list name="Test" total-weight="10"><node name="foo1" weight="1"/>'
        '<node name="foo2" weight="9"/></list><list name="b"><node name="x" weight="3"/></list>'
        "</lists>",
    )
    assert findings == []
    assert list(lists) == ["test", "b"]
    assert lists["test"].text() == (
        "list: name=Test\nnode: name=foo1 weight=1\nnode: name=foo2 weight=9\n"
    )


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("<lists><list/></lists>", "this <list> has no name"),
        ('<lists><list name="a"/></lists>', "the list 'a' has no nodes"),
        (
            '<lists><list name="a"><node name="x" weight="1"/></list><list name="A"/></lists>',
            "the list 'A' stands twice; the first one counts",
        ),
        (
            '<lists><list name="a"><node name="x" weight="1"/><node weight="1"/></list></lists>',
            "this <node> has no name",
        ),
        (
            '<lists><list name="a"><node name="x" weight="1"/><node name="y" weight="0"/></list>'
            "</lists>",
            "weight='0' should be a whole number above 0",
        ),
        ("<list/>", "there are no <lists>"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    assert read(tmp_path, inside)[1] == [message]


@pytest.mark.parametrize(
    ("text", "weight"),
    [("1", 1), (" 90 ", 90), ("0", None), ("-1", None), ("", None), ("x", None), ("9" * 10, None)],
)
def test_a_weight_is_a_whole_number_above_0(text: str, weight: int | None) -> None:
    assert weight_of(text) == weight
