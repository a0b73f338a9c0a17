from __future__ import annotations

from pathlib import Path

from tests.modules.cdr.support import configuration
from tests.support.server import until
from tests.support.switch import bench, extension


async def test_records_are_told_of_and_had_again_without_doubling(tmp_path: Path) -> None:
    async with bench(
        tmp_path,
        extension("1", "hangup"),
        configuration=configuration("cdr_csv.conf", log_base=str(tmp_path)),
    ) as b:
        run = b.switch.run_command
        assert await run("cdr status") == "-ERR no call records are kept\n"
        assert await run("cdr_csv rotate") == "-ERR mod_cdr_csv is not loaded\n"
        assert await b.switch.modules.load("mod_cdr_csv") is None
        await b.ended(b.call("1"))
        master = tmp_path / "cdr-csv" / "Master.csv"
        await until(master.exists, "the file")
        [recorder] = b.switch.reporters
        await until(lambda: recorder.delivered == 1, "delivery")  # type: ignore[attr-defined]
        assert await run("cdr status") == "cdr_csv: 1 delivered, 0 waiting\n+OK\n"
        text = master.read_text()
        # The note of the delivery follows it.
        journal = recorder._journal  # type: ignore[attr-defined]
        await until(lambda: bool(journal.snapshot().delivered), "a note")
        assert await run("cdr replay cdr_csv") == "cdr_csv: 1 records again\n+OK\n"
        await until(lambda: recorder.delivered == 2, "delivery")  # type: ignore[attr-defined]
        assert master.read_text() == text
        journal.path.unlink()
        told = await run("cdr replay")
        assert told.startswith("cdr_csv: its journal cannot be read: ")
        assert await run("cdr replay other") == "-ERR no call records are kept as other\n"
        assert await run("cdr") == "-USAGE: status|replay [<name>]\n"
        assert await run("cdr_csv") == "-USAGE: rotate\n"
        assert await run("cdr_csv rotate") == "+OK\n"
        assert not master.exists()
