from __future__ import annotations

import sqlite3

import pytest

from softswitch.db.template import Place, SqlTemplate

VALUES = {
    "${number}": "49301234",
    "${number:0:2}": "49",
    "${name}": "O'Hara",
    "${evil}": "1 OR 1=1",
    "${slash}": "\\' OR 1=1 --",
    "${list}": "493, 49, 4",
    "${f(${number})}": "7",
    "${field}": "rate",
    "${rate}": "-0.5",
    "${nothing}": "",
    "${nul}": "a\0b",
    "%q": "493",
}


async def expand(text: str) -> str:
    return VALUES[text]


@pytest.mark.parametrize(
    ("template", "statement"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT ${number}", "SELECT 49301234"),
        ("SELECT ${rate}", "SELECT -0.5"),
        ("SELECT '${name}', 'x'", "SELECT 'O''Hara', 'x'"),
        ("SELECT '${evil}'", "SELECT '1 OR 1=1'"),
        ("SELECT 'it''s ${name}'", "SELECT 'it''s O''Hara'"),
        ("SELECT '${nothing}'", "SELECT ''"),
        ("SELECT '${slash}'", "SELECT '\\'' OR 1=1 --'"),
        ("WHERE npa = ${number:0:2} AND x='%q'", "WHERE npa = 49 AND x='493'"),
        ('SELECT "${field}" -- it\'s ${number}', 'SELECT "rate" -- it\'s ${number}'),
        ("SELECT 1 /* ' */ + ${number}", "SELECT 1 /* ' */ + 49301234"),
        ("SELECT '-- ${name}'", "SELECT '-- O''Hara'"),
        ("SELECT 'e${name}e'", "SELECT 'eO''Harae'"),
        ("SELECT E'${name}'", "SELECT E'O''Hara'"),
        ("SELECT '\"', ${number}", "SELECT '\"', 49301234"),
        ('SELECT "e\'", ${number}', 'SELECT "e\'", 49301234'),
        ("SELECT ${f(${number})}", "SELECT 7"),
    ],
)
async def test_values_are_quoted_where_they_stand(template: str, statement: str) -> None:
    assert await SqlTemplate(template, ["%q"]).render(expand) == statement


@pytest.mark.parametrize(
    "template",
    [
        "SELECT ${evil}",
        "SELECT ${name}",
        "SELECT ${nothing}",
        "SELECT ${list}",
        "SELECT ${field}",
        'SELECT "${evil}"',
        "SELECT E'${slash}'",
        "SELECT '${nul}'",
    ],
)
async def test_a_value_that_would_be_sql_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"\$\{"):
        await SqlTemplate(template).render(expand)


async def test_marks_are_only_those_that_are_asked_for() -> None:
    assert await SqlTemplate("x LIKE '%q%s' + %q", ["%q"]).render(expand) == "x LIKE '493%s' + 493"
    assert SqlTemplate("x LIKE '%q%s'").references == ()


async def test_what_is_made_here_may_be_sql() -> None:
    template = SqlTemplate("SELECT ${field} WHERE digits IN (${list}) AND x = ${number}")
    statement = await template.render(expand, {"${field}", "${list}"})
    assert statement == "SELECT rate WHERE digits IN (493, 49, 4) AND x = 49301234"
    first = template.references[0]
    assert (first.text, first.place) == ("${field}", Place.BARE)


@pytest.mark.parametrize("value", ["'", "''", "\\", "\\'", "'; DROP TABLE t; --", "%", "x" * 999])
async def test_any_text_comes_back_as_it_was(value: str) -> None:
    async def give(text: str) -> str:
        return value

    statement = await SqlTemplate("SELECT '${x}', 'a${x}''${x}b'").render(give)
    (row,) = sqlite3.connect(":memory:").execute(statement)
    assert row == (value, f"a{value}'{value}b")


async def test_a_reference_without_its_end_reaches_to_the_end() -> None:
    (reference,) = SqlTemplate("SELECT '${x").references
    assert reference.text == "${x"
