from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from softswitch.modules.cdr.csv_file import CsvFiles
from softswitch.modules.cdr.settings import CsvSettings

TEXTS = {"example": '"${uuid}"', "acme": "${uuid};${context}"}


def files(folder: Path, **settings: Any) -> CsvFiles:
    switch: Any = SimpleNamespace(globals={"log_dir": str(folder)}, folders=None)
    return CsvFiles(switch, CsvSettings(**settings), TEXTS)


def session(uuid: str, **variables: str) -> Any:
    values = {"uuid": uuid, **variables}
    return SimpleNamespace(
        get=values.get,
        expand=None,
        scopes=[],
        channel=SimpleNamespace(variables=values),
    )


def text(folder: Path, name: str = "Master") -> str:
    return (folder / "cdr-csv" / f"{name}.csv").read_text()


async def test_lines_go_to_master_and_to_the_account(tmp_path: Path) -> None:
    sink = files(tmp_path)
    calls = [session("1"), session("2", accountcode="acme", context="c"),
             session("3", accountcode="other")]  # fmt: skip
    records = [(call.get("uuid"), await sink.render(call)) for call in calls]
    await sink.deliver(records, None, again=False)
    assert text(tmp_path) == '"1"\n"2"\n"3"\n'
    assert text(tmp_path, "acme") == "2;c\n"
    assert text(tmp_path, "other") == '"3"\n'


async def test_the_master_may_be_the_only_one(tmp_path: Path) -> None:
    sink = files(tmp_path, master_file_only=True)
    await sink.deliver([("1", await sink.render(session("1", accountcode="a")))], None, again=False)
    assert [path.name for path in (tmp_path / "cdr-csv").iterdir()] == ["Master.csv"]


async def test_an_account_cannot_leave_the_folder(tmp_path: Path) -> None:
    sink = files(tmp_path)
    [_, (path, _)] = await sink.render(session("1", accountcode="../../etc/passwd"))
    assert Path(path).parent == tmp_path / "cdr-csv"


async def test_the_call_may_name_another_folder(tmp_path: Path) -> None:
    sink = files(tmp_path)
    [(path, _)] = await sink.render(session("1", cdr_csv_base=str(tmp_path / "x")))
    assert path == str(tmp_path / "x" / "Master.csv")


async def test_lines_written_but_not_noted_before_a_crash_are_not_doubled(tmp_path: Path) -> None:
    sink = files(tmp_path)
    records = [(uuid, await sink.render(session(uuid))) for uuid in "12345"]
    mark = await sink.deliver(records[:2], None, again=False)
    await sink.deliver(records[2:4], mark, again=False)  # its mark is lost
    with (tmp_path / "cdr-csv" / "Master.csv").open("a") as file:
        file.write('"5')
    await sink.deliver(records[2:], mark, again=True)
    assert text(tmp_path) == '"1"\n"2"\n"3"\n"4"\n"5"\n'


async def test_a_disk_that_is_full_is_told_with_the_file(tmp_path: Path) -> None:
    sink = files(tmp_path)
    (tmp_path / "cdr-csv").mkdir()
    (tmp_path / "cdr-csv" / "Master.csv").symlink_to("/dev/full")
    record = await sink.render(session("1"))
    with pytest.raises(OSError, match=r"No space left on device: '.*/cdr-csv/Master\.csv'"):
        await sink.deliver([("1", record)], None, again=False)


async def test_equal_lines_of_two_calls_are_two(tmp_path: Path) -> None:
    sink = files(tmp_path)
    record = await sink.render(session("same"))
    await sink.deliver([("1", record)], None, again=False)
    await sink.deliver([("1", record), ("2", record)], {}, again=True)
    assert text(tmp_path) == '"same"\n"same"\n'


async def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    sink = files(tmp_path)
    mark = await sink.deliver([("1", await sink.render(session("1")))], None, again=False)
    sink.rotate()
    [old] = (tmp_path / "cdr-csv").iterdir()
    assert old.name.startswith("Master.csv.20")
    await sink.deliver([("2", await sink.render(session("2")))], mark, again=True)
    assert text(tmp_path) == '"2"\n'


async def test_records_that_come_again_in_parts_are_not_doubled(tmp_path: Path) -> None:
    sink = files(tmp_path)
    records = [(uuid, await sink.render(session(uuid))) for uuid in "123456"]
    await sink.deliver(records[:2], None, again=False)
    sink.rotate()
    await sink.deliver(records[2:5], None, again=False)
    mark = await sink.deliver(records[:3], None, again=True)
    mark = await sink.deliver(records[3:], mark, again=True)
    assert text(tmp_path) == '"3"\n"4"\n"5"\n"6"\n'
    await sink.deliver(records[5:], mark, again=False)
    assert text(tmp_path) == '"3"\n"4"\n"5"\n"6"\n"6"\n'


async def test_lines_of_a_file_that_was_moved_away_before_they_were_noted_are_not_doubled(
    tmp_path: Path,
) -> None:
    sink = files(tmp_path)
    records = [(uuid, await sink.render(session(uuid))) for uuid in "123"]
    mark = await sink.deliver(records[:1], None, again=False)
    await sink.deliver(records[1:2], mark, again=False)  # its mark is lost
    sink.rotate()
    await sink.deliver(records[1:], mark, again=True)
    assert text(tmp_path) == '"3"\n'


async def test_the_file_that_was_written_before_another_failed_is_not_doubled(
    tmp_path: Path,
) -> None:
    sink = files(tmp_path)
    calls = [session(uuid, accountcode="acme", context="c") for uuid in "12"]
    records = [(call.get("uuid"), await sink.render(call)) for call in calls]
    (tmp_path / "cdr-csv" / "acme.csv").mkdir(parents=True)
    for again in (False, True):
        with pytest.raises(IsADirectoryError):
            await sink.deliver(records, None, again=again)
    (tmp_path / "cdr-csv" / "acme.csv").rmdir()
    await sink.deliver(records, None, again=True)
    assert text(tmp_path) == '"1"\n"2"\n'
    assert text(tmp_path, "acme") == "1;c\n2;c\n"


def test_a_template_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no template 'nothing'"):
        files(tmp_path, default_template="nothing")
