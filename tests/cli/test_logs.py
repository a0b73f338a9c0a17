"""``softswitch logs``, as it is typed."""

from __future__ import annotations

import gzip
import logging
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from softswitch.cli.logs import command, matching, with_old
from softswitch.config.settings import LogfileSettings
from softswitch.log import CallLogger
from softswitch.modules.logfile.files import LogFile
from tests.support.switch import DOCUMENT

ONE = "11111111-2222-3333-4444-555555555555"
TWO = "22222222-2222-3333-4444-555555555555"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))


@pytest.mark.parametrize("form", ["freeswitch", "json"])
def test_the_lines_of_a_call_are_found_in_all_files_of_the_configuration(
    tmp_path: Path, form: str
) -> None:
    settings = LogfileSettings(format=form)
    file = LogFile(tmp_path / "data/log/softswitch.log", settings, {"info"})
    for number in range(3):
        CallLogger("softswitch.call", ONE, "sofia/a").warning("line %d\nand on", number)
        CallLogger("softswitch.call", TWO, "sofia/b").warning("other of %s", ONE)
        logging.getLogger("softswitch.x").warning("of nobody")
        if number < 2:
            file.rotate()
    file.close()
    profile = "<profiles><profile name='default'/></profiles>"
    text = f'<configuration name="logfile.conf">{profile}</configuration>'
    (tmp_path / "freeswitch.xml").write_text(
        DOCUMENT.format(configuration=text, dialplan="", directory="", languages="")
    )
    folders = ("--conf", tmp_path, "--data", tmp_path / "data")
    done = run(ONE, *folders)
    assert done.exit_code == 0
    heads = [line for line in done.output.splitlines() if ONE in line]
    assert [f"line {number}" in head for number, head in enumerate(heads)] == [True] * 3
    assert ("    and on" in done.output) == (form == "freeswitch")
    assert "other" not in done.output and "nobody" not in done.output
    assert run(ONE[:8], *folders).output == done.output
    assert run(ONE, "--mentions", *folders).output.count("other") == 3
    done = run("99999999", *folders)
    assert done.exit_code == 1 and "no line of 99999999" in done.output


def test_old_files_come_first(tmp_path: Path) -> None:
    for name in ("x.log", "x.log.1", "x.log.10", "x.log.2.gz", "x.log.bak", "y.log.1"):
        (tmp_path / name).touch()
    assert [path.name for path in with_old(tmp_path / "x.log")] == [
        "x.log.10",
        "x.log.2.gz",
        "x.log.1",
        "x.log",
    ]


def test_files_may_be_named_and_compressed(tmp_path: Path) -> None:
    line = f"{ONE} 2026-01-01 00:00:00.000001 [INFO] a.py:1 hello\n"
    with gzip.open(tmp_path / "a.gz", "wt") as file:
        file.write(line)
    (tmp_path / "broken.gz").write_bytes(b"nonsense")
    done = run(ONE, tmp_path / "a.gz", tmp_path / "broken.gz", tmp_path / "missing")
    assert done.exit_code == 0
    assert line in done.output
    assert "missing: No such file" in done.output and "broken.gz: Not a gzip" in done.output


def test_lines_that_are_none_belong_to_what_is_before_them() -> None:
    text = [
        "half a line\n",
        f"{ONE} 2026-01-01 00:00:00.0 [INFO] a\n",
        "traceback\n",
        "2026-01-01 00:00:00.0 [INFO] b\n",
        "traceback\n",
        '{"uuid": 1}\n',
        "{broken\n",
        f'{{"uuid": "{ONE}"}}\n',
    ]
    assert list(matching(text, ONE)) == [text[1], text[2], text[7]]


def test_a_few_characters_are_not_enough() -> None:
    assert run("1").exit_code == 2


def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert run(ONE, "--conf", tmp_path, "--data", tmp_path).exit_code == 2
