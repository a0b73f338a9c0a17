from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.modules.httapi.permissions import GIVEN, NAMES, Permissions, read_permissions


def read(folder: Path, inside: str) -> tuple[Permissions, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="x.conf"><permissions>{inside}</permissions></configuration>'
        "</section></document>"
    )
    (folder / "freeswitch.xml").write_text(text)
    element = load(folder, {}).configuration("x.conf")
    assert element is not None
    permissions, findings = read_permissions(element.find("permissions"))
    return permissions, [finding.message for finding in findings]


@pytest.mark.parametrize(
    ("inside", "granted"),
    [
        ("", GIVEN),
        ('<permission name="all" value="true"/>', set(NAMES)),
        ('<permission name="none" value="true"/>', set()),
        ('<permission name="all" value="false"/>', set()),
        ('<permission name="dial" value="false"/>', GIVEN - {"dial"}),
        (
            '<permission name="none" value="true"/>'
            '<permission name="dial-set-context" value="true"/>',
            {"dial", "dial-set-context"},
        ),
    ],
)
def test_permissions_are_granted_and_taken(tmp_path: Path, inside: str, granted: set[str]) -> None:
    permissions, findings = read(tmp_path, inside)
    assert findings == [] and permissions.granted == granted


def test_lists_say_for_whom_a_permission_holds(tmp_path: Path) -> None:
    permissions, _ = read(
        tmp_path,
        '<permission name="execute-apps" value="true"><application-list default="deny">'
        '<application name="info"/><application name="system" type="deny"/></application-list>'
        '</permission><permission name="set-vars" value="true"><variable-list default="allow">'
        '<variable name="secret"/></variable-list></permission>'
        '<permission name="get-vars" value="false"><variable-list default="allow"/></permission>',
    )
    assert permissions.may("execute-apps", "application-list", "INFO")
    assert not permissions.may("execute-apps", "application-list", "system")
    assert not permissions.may("execute-apps", "application-list", "other")
    assert permissions.may("set-vars", "variable-list", "x")
    assert not permissions.may("set-vars", "variable-list", "secret")
    assert not permissions.may("get-vars", "variable-list", "x")


def test_what_may_be_filled_in_is_asked_for_each_name(tmp_path: Path) -> None:
    lists = (
        '<variable-list default="deny"><variable name="a"/></variable-list>'
        '<api-list default="deny"><api name="expr"/></api-list>'
    )
    permissions, _ = read(
        tmp_path, f'<permission name="expand-vars" value="true">{lists}</permission>'
    )
    for text in ("plain", "${a} ${a:1:2} ${a[0]}", "${expr(1+${a})}"):
        assert permissions.may_expand(text)
    for text in ("${b}", "${system(id)}", "${expr(${b})}", "${a} ${b}"):
        assert not permissions.may_expand(text)
    assert not Permissions().may_expand("${a}")


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<permission name="dials" value="true"/>', "there is no permission 'dials'"),
        ('<permission name="dial" value="maybe"/>', "dial='maybe' should be true or false"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    permissions, findings = read(tmp_path, inside)
    assert findings == [message] and permissions.granted == GIVEN
