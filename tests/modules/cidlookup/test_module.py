from __future__ import annotations

import sqlite3
from pathlib import Path

from softswitch import registry
from tests.support.switch import DOCUMENT, bench

SETTINGS = (
    '<configuration name="cidlookup.conf"><settings><param name="odbc-dsn" value="{dsn}"/>'
    '<param name="sql" value="SELECT name FROM people WHERE number=\'${{caller_id_number}}\'"/>'
    "</settings></configuration>"
)


async def test_the_database_of_the_file_is_asked(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    (tmp_path / "db").mkdir()
    for name, person in (("one", "Alice"), ("two", "O''Hara")):
        with sqlite3.connect(tmp_path / f"db/{name}.db") as connection:
            connection.execute("CREATE TABLE people (number TEXT, name TEXT)")
            connection.execute(f"INSERT INTO people VALUES ('1', '{person}')")
        connection.close()
    async with bench(tmp_path, configuration=SETTINGS.format(dsn="sqlite://one.db")) as b:
        run = b.switch.run_command
        assert await b.switch.modules.load("mod_cidlookup") is None
        assert await run("cidlookup 1") == "Alice"
        changed = SETTINGS.format(dsn="sqlite://two.db")
        text = DOCUMENT.format(configuration=changed, dialplan="", directory="", languages="")
        (tmp_path / "conf/freeswitch.xml").write_text(text)
        for _ in range(2):
            assert (await run("reloadxml")).startswith("+OK")
            await b.after(0.1)
        assert await run("cidlookup 1") == "O'Hara"
        assert await b.switch.modules.unload("mod_cidlookup") is None
        assert "not loaded" in await run("cidlookup 1")


async def test_it_starts_with_a_database_of_another_kind(tmp_path: Path) -> None:
    registry.discover("softswitch.modules")
    async with bench(tmp_path, configuration=SETTINGS.format(dsn="phone:phone:phone")) as b:
        # The file is told to be wrong where the configuration is read; calls go on without.
        assert await b.switch.modules.load("mod_cidlookup") is None
        assert await b.switch.run_command("cidlookup 1") == "UNKNOWN"
