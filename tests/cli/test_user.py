from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from softswitch.cli.user import _expression, command


@pytest.fixture
def users(tmp_path: Path) -> Path:
    folder = tmp_path / "directory" / "default"
    folder.mkdir(parents=True)
    return folder


def _add(users: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["add", *arguments, "--conf", str(users.parents[1])])


def test_a_user_gets_a_file_of_its_own_with_a_random_password(users: Path) -> None:
    result = _add(users, "3000")
    text = (users / "3000.xml").read_text()
    [password] = re.findall('name="password" value="(.*)"', text)
    assert f"3000 password {password}\n" in result.output
    assert len(password) >= 16
    assert '<user id="3000">' in text
    assert (users / "3000.xml").stat().st_mode & 0o777 == 0o600


def test_a_range_skips_those_that_exist_and_tells_expressions(users: Path) -> None:
    _add(users, "3001", "--password", "mine")
    result = _add(users, "--users", "3000-3003")
    assert "3001 exists" in result.output
    assert "3 added" in result.output
    assert "mine" in (users / "3001.xml").read_text()
    assert "the new: ^(300[023])$" in result.output
    assert "all users: ^(300[0-3])$" in result.output


def test_a_password_is_written_so_that_xml_can_hold_it(users: Path) -> None:
    _add(users, "3000", "--password", 'a<b&"c')
    assert "a&lt;b&amp;" in (users / "3000.xml").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["1", "--users", "1-2"],
        ["../x"],
        ["--users", "9-1"],
        ["--users", "1-999999"],
        ["--users", "\N{ARABIC-INDIC DIGIT ONE}-\N{ARABIC-INDIC DIGIT TWO}"],
        ["--users", "1-" + "9" * 5000],
    ],
    ids=["nothing", "both", "a path", "backwards", "too many", "foreign digits", "endless"],
)
def test_wrong_numbers_are_a_mistake_of_usage(users: Path, arguments: list[str]) -> None:
    assert _add(users, *arguments).exit_code == 2
    assert list(users.iterdir()) == []


def test_without_a_directory_it_says_what_to_give(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["add", "1", "--conf", str(tmp_path)])
    assert result.exit_code == 1
    assert "--conf" in result.output


@pytest.mark.parametrize(
    "numbers",
    [["5"], ["1000", "1001", "1019", "2000", "200"], [str(n) for n in range(3000, 3111)]],
)
def test_an_expression_matches_these_numbers_and_no_others(numbers: list[str]) -> None:
    pattern = re.compile(_expression(numbers))
    matched = [str(number) for number in range(10_000) if pattern.match(str(number))]
    assert sorted(matched) == sorted(numbers)
