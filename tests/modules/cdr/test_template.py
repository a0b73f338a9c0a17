from __future__ import annotations

import sqlite3

import pytest

from softswitch.modules.cdr.template import Template

VALUES = {
    "${name}": 'Bob "the" O\'Hara',
    "${plain}": "1000",
    "${plus}": "+4930123",
    "${formula}": "=cmd|' /C calc'!A0",
    "${at}": "@SUM(1)",
    "${minus}": "-2+3",
    "${lines}": "a\r\nb",
    "${backslash}": "x\\",
    "${comma}": "a,b",
    "${empty}": "",
    "${regex('${name}'|^.)}": "B",
}


async def fill(text: str) -> str:
    async def expand(value: str) -> str:
        return VALUES[value]

    def get(name: str) -> str | None:
        return VALUES.get(f"${{{name}}}")

    return await Template(text).fill(get, expand)


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ('"${plain}","${plus}"', '"1000","+4930123"'),
        ('"${name}"', '"Bob ""the"" O\'Hara"'),
        ('"${formula}"', "\"'=cmd|' /C calc'!A0\""),
        ('"${at}"', '"\'@SUM(1)"'),
        ('"${minus}"', '"-2+3"'),
        ('"${lines}"', '"a b"'),
        ('"${empty}"', '""'),
        ("${comma};${plain}", '"a,b";1000'),
        ("${name}", '"Bob ""the"" O\'Hara"'),
        ("'${name}'", "'Bob \"the\" O''Hara'"),
        ("\"${regex('${name}'|^.)}\"", '"B"'),
        ("no variable", "no variable"),
        ('"${', '"${'),
        ("", ""),
    ],
)
async def test_csv_values_keep_to_their_place(template: str, line: str) -> None:
    assert await fill(template) == line


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ('INSERT INTO cdr VALUES ("${plain}",${plain});', "INSERT INTO cdr VALUES ('1000',1000);"),
        ('INSERT INTO "my cdr" VALUES ("${name}")',
         "INSERT INTO \"my cdr\" VALUES ('Bob \"the\" O''Hara')"),
        ("insert into t values ('${name}')", "insert into t values ('Bob \"the\" O''Hara')"),
        ("insert into t values (${name})", "insert into t values ('Bob \"the\" O''Hara')"),
        ("insert into t values (${empty})", "insert into t values ('')"),
        ('insert into t values ("${backslash}")', "insert into t values ('x/')"),
    ],
)  # fmt: skip
async def test_sql_values_cannot_end_their_text(template: str, line: str) -> None:
    assert await fill(template) == line


async def test_a_filled_sql_template_is_sql() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE cdr (a TEXT, b TEXT, c TEXT)")
    database.execute(await fill('INSERT INTO cdr VALUES ("${name}","${formula}", "${lines}");'))
    assert database.execute("SELECT * FROM cdr").fetchall() == [
        (VALUES["${name}"], VALUES["${formula}"], "a b")
    ]
    database.close()


def test_names_are_the_variables_in_order() -> None:
    assert Template('"${a}",${b},"x${c}"').names == ["a", "b", "c"]
