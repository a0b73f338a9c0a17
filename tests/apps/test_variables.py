from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.dialplan import arrays
from tests.support.switch import bench, extension

USERS = """<domain name="example.test"><params/><groups><group name="sales"><users>
<user id="1000" number-alias="7000"><variables>
<variable name="toll_allow" value="local"/></variables>
<profile-variables><variable name="caller_id_name" value="Ann"/></profile-variables>
</user></users></group></groups></domain>"""


@pytest.mark.parametrize(
    ("actions", "name", "value"),
    [
        (["set a=1"], "a", "1"),
        (["set a=b=c"], "a", "b=c"),
        (["set a,1"], "a", "1"),
        (["set a=1", "set a="], "a", None),
        (["set a=1", "set a=_undef_"], "a", None),
        (["set a=1", "set b=${a}2"], "b", "12"),
        (["set b=x", "set a=\\${b}"], "a", "x"),
        (["set a[1]=y"], "a", arrays.ArrayValue(["", "y"])),
        (["set a=1", "unset a"], "a", None),
        (["multiset a=1 b=2"], "b", "2"),
        (["multiset ^^;a=x y;b=2"], "a", "x y"),
        (["set a=1", "multiset a b=2"], "a", None),
        (["multiset a=1 b=2", "multiunset a b"], "b", None),
        (["push a=1", "push a=2"], "a", "ARRAY::1|:2"),
        (["push a=1", "unshift a=0"], "a", "ARRAY::0|:1"),
        (["push a=1"], "a", "1"),
        (["set_profile_var caller_id_name=Zoe"], "caller_id_name", "Zoe"),
        (["set_name test/new"], "channel_name", "test/new"),
        (["set_global g=1"], "g", "1"),
        (["set_global g=1", "set_global g="], "g", None),
        (["set_user 1000@example.test"], "toll_allow", "local"),
        (["set_user 1000@example.test"], "user_name", "1000"),
        (["set_user 7000@example.test"], "number_alias", "7000"),
        (["set_user 1000@example.test"], "caller_id_name", "Ann"),
        (["set_user 1000@example.test x_"], "x_toll_allow", "local"),
        (["set_user 9@example.test"], "user_name", None),
    ],
)
async def test_variables_have_the_values_they_are_given(
    tmp_path: Path, actions: list[str], name: str, value: str | None
) -> None:
    async with bench(tmp_path, extension("1", *actions), directory=USERS) as b:
        session = await b.ended(b.call("1"))
        assert session.get(name) == value


@pytest.mark.parametrize(
    "action",
    [
        "set",
        "set =1",
        "unset",
        "multiset",
        "multiset =1",
        "multiunset",
        "push",
        "push a",
        "push a=",
        "unshift =1",
        "set a[9999]=1",
        "set_global",
        "set_profile_var =1",
        "set_name",
        "set_user",
        "set_user 1000",
    ],
)
async def test_bad_data_is_logged_and_the_call_goes_on(
    tmp_path: Path, action: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path, extension("1", action, "set after=yes")) as b:
        session = await b.ended(b.call("1"))
        assert session.get("after") == "yes"
        name = action.partition(" ")[0]
        assert [r for r in caplog.records if r.levelname == "ERROR" and f"{name}: " in r.message]


async def test_set_works_inline_and_after_hangup(tmp_path: Path) -> None:
    inline = (
        '<extension name="i" continue="true"><condition field="destination_number" '
        'expression="^1$"><action application="set" data="a=early" inline="true"/></condition>'
        '</extension><extension name="j"><condition field="${a}" expression="^early$">'
        '<action application="set" data="b=yes"/></condition></extension>'
    )
    async with bench(tmp_path, inline) as b:
        session = await b.ended(b.call("1"))
        assert session.get("b") == "yes"
        assert await session.execute("set", "late=yes")
        assert session.get("late") == "yes"
