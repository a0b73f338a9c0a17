from __future__ import annotations

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from softswitch.modules.cdr import journal as module
from softswitch.modules.cdr.journal import Done, Journal, Line


def record(uuid: str, text: str = "x") -> Line:
    return {"uuid": uuid, "kind": "record", "record": text}


def done(uuid: str, mark: Any = None) -> Line:
    return {"uuid": uuid, "kind": "done", "mark": mark}


def written(path: Path, *lines: Line) -> Journal:
    """A journal to which these lines have been written."""
    journal = Journal(path)
    for future in [journal.secure(line) for line in lines]:
        future.result(10)
    return journal


def again(path: Path, *lines: Line) -> Journal:
    """The journal as the next run finds it."""
    written(path, *lines).close()
    return Journal(path)


def test_what_was_not_delivered_is_there_at_the_next_start(tmp_path: Path) -> None:
    journal = again(tmp_path / "j", record("1"), record("2"), done("1", 7), record("3"))
    contents = journal.snapshot()
    assert list(contents.pending) == ["2", "3"]
    assert list(contents.delivered) == ["1"]
    assert contents.mark == 7
    journal.close()


def test_calls_that_did_not_end_are_there_with_what_they_said(tmp_path: Path) -> None:
    opened = {"uuid": "1", "kind": "open", "values": {"a": "b"}}
    answer = {"uuid": "1", "kind": "answer", "at": 5}
    journal = again(tmp_path / "j", opened, answer, {"uuid": "2", "kind": "open"}, record("2"))
    assert journal.snapshot().calls == {"1": [opened, answer]}
    journal.close()


def test_half_a_line_at_the_end_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "j"
    written(path, record("1")).close()
    with path.open("a") as file:
        file.write('{"uuid":"2","kind":"rec')
    journal = again(path, record("3"))
    assert list(journal.snapshot().pending) == ["1", "3"]
    journal.close()


def test_it_is_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "j"
    written(path, record("1")).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMPACT_BYTES", 20_000)
    monkeypatch.setattr(module, "KEPT", 10)
    path = tmp_path / "j"
    lines = [each(str(number)) for number in range(500) for each in (record, done)]
    journal = written(path, record("first"), *lines)
    # It is made smaller once all have been told that their lines are on disk.
    journal.close()
    assert path.stat().st_size < 40_000
    contents = journal.snapshot()
    assert list(contents.pending) == ["first"]
    assert list(contents.delivered)[-1] == "499"
    assert journal.delivered()["499"] == record("499")


def test_delivered_records_are_read_where_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMPACT_BYTES", 2_000)
    path = tmp_path / "j"
    names = [f"{number} \u00e4\u20ac" for number in range(40)]
    journal = written(path, *[line for name in names for line in (record(name, name), done(name))])
    expected = {name: record(name, name) for name in names}
    for _ in range(2):
        assert journal.delivered() == expected
        journal.close()
        journal = Journal(path)
    journal.secure(record("last")).result(10)
    journal.secure(done("last")).result(10)
    assert journal.delivered() == expected | {"last": record("last")}
    journal.close()


def test_a_record_that_comes_again_stands_once(tmp_path: Path) -> None:
    path = tmp_path / "j"
    again_at = [record("1", "old"), done("1"), record("1", "new")]
    journal = again(path, *again_at)
    assert journal.delivered() == {}
    assert journal.snapshot().pending == {"1": record("1", "new")}
    journal.secure(done("1")).result(10)
    assert journal.delivered() == {"1": record("1", "new")}
    journal.close()


def test_large_records_are_kept_by_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", 10_000)
    path = tmp_path / "j"
    lines = [each(str(number)) for number in range(30) for each in (record, done)]
    journal = written(path, *(line | {"record": "x" * 1000} for line in lines))
    assert list(journal.snapshot().delivered) == [str(number) for number in range(21, 30)]
    journal.close()
    assert list(Journal(path).snapshot().delivered) == [str(number) for number in range(21, 30)]


def test_what_waits_to_be_delivered_is_not_written_anew_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMPACT_BYTES", 10_000)
    monkeypatch.setattr(module, "GATHER_SECONDS", 0)
    sizes: list[int] = []
    real = module._rewrite

    def rewrite(path: Path, contents: module.Contents) -> tuple[int, int]:
        sizes.append(len(contents.pending))
        return real(path, contents)

    monkeypatch.setattr(module, "_rewrite", rewrite)
    journal = Journal(tmp_path / "j")
    for number in range(200):
        journal.secure(record(str(number), "x" * 1000)).result(10)
    journal.close()
    # It doubles from one time to the next: 10, 20, 40, 80 and 160 records.
    assert len(sizes) == 6
    assert len(Journal(tmp_path / "j").snapshot().pending) == 200


def test_a_full_disk_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.01)
    journal = Journal(tmp_path / "j")
    real, failures = os.write, iter(range(3))

    def write(descriptor: int, data: bytes) -> int:
        if next(failures, None) is not None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(module.os, "write", write)
    journal.secure(record("1")).result(10)
    journal.close()
    assert journal.failed == 3
    assert caplog.text.count("No space left") == 1
    assert list(Journal(tmp_path / "j").snapshot().pending) == ["1"]


WRITER = """
import sys
from pathlib import Path
from softswitch.modules.cdr.journal import Journal
journal = Journal(Path(sys.argv[1]))
for number in range(int(sys.argv[2]), 10**9):
    journal.secure({"uuid": str(number), "kind": "record", "record": "x" * 300}).result()
    print(number, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill_at_any_moment(tmp_path: Path) -> None:
    path, chance, last = tmp_path / "j", random.Random(3), -1
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(last + 1)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 60)):
            last = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        # Lines it printed before it died were acknowledged too.
        last = max([last, *map(int, process.stdout.read().split())])
        process.stdout.close()
        process.wait()
        journal = Journal(path)
        kept = [int(uuid) for uuid in journal.snapshot().pending]
        assert kept[: last + 1] == list(range(last + 1))
        assert len(kept) - 1 - last in (0, 1), "one may be on disk and not acknowledged"
        last = kept[-1]
        journal.close()


def test_one_line_tells_of_all_records_that_were_delivered_together(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    journal = Journal(path)
    for uuid in "123":
        journal.append(record(uuid))
    journal.append({"kind": "done", "uuids": ["1", "2"], "mark": 7})
    journal.close()
    for _ in range(2):
        again = Journal(path)
        assert list(again.contents.delivered) == ["1", "2"]
        assert list(again.contents.pending) == ["3"]
        assert again.contents.mark == 7
        again.close()


def test_whoever_waits_is_told_once_for_each_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GATHER_SECONDS", 0.5)
    told: list[int] = []
    all_told = threading.Event()

    def notify(waiting: list[Done]) -> None:
        told.append(len(waiting))
        if sum(told) == 5:
            all_told.set()

    journal = Journal(tmp_path / "x.journal", notify)
    for uuid in range(5):
        journal.append(record(str(uuid)), lambda: None)
        journal.append({"kind": "done", "uuids": [str(uuid)], "mark": None})
    assert all_told.wait(30)
    journal.close()
    assert told == [5]
