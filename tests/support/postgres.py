"""A PostgreSQL server of our own, in a folder of a test, that can be stopped and started."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.support.ports import free_port

USER = "postgres"
_FAST = "-c fsync=off -c shared_buffers=8MB -c max_connections=20"


def _programs() -> Path | None:
    """Where Debian, or the PATH, has PostgreSQL's server programs."""
    found = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return Path(found).parent if found else folders[0].parent if folders else None


PROGRAMS = _programs()

needs_postgres = pytest.mark.skipif(
    PROGRAMS is None, reason="PostgreSQL's server is not installed (apt-get install postgresql)"
)


class Postgres:
    """A server on a port of loopback and a socket of its own folder."""

    def __init__(self) -> None:
        assert PROGRAMS is not None
        self.folder = Path(tempfile.mkdtemp(prefix="softswitch-pg-", dir="/tmp"))
        self.port = free_port()
        # The server refuses to run as root.
        self._as = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        if os.geteuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        else:
            self._as = []
        self._run("initdb", "--auth=trust", f"--username={USER}", "--no-sync", "-D", self.data)
        self.start()

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    @property
    def dsn(self) -> str:
        """As ``core-db-dsn`` has it."""
        return f"pgsql://host=127.0.0.1 port={self.port} dbname=postgres user={USER} password='pw'"

    def start(self) -> None:
        """Start, and return when it takes connections."""
        options = f"{_FAST} -p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", self.data, "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop, cutting off whoever is connected."""
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What a query finds."""
        with psycopg.connect(self.dsn.removeprefix("pgsql://")) as connection:
            return connection.execute(query.encode()).fetchall()

    def run_sql(self, statement: str) -> None:
        """Carry out a statement."""
        with psycopg.connect(self.dsn.removeprefix("pgsql://")) as connection:
            connection.execute(statement.encode())

    def close(self) -> None:
        """End it and remove its folder."""
        if (self.folder / "data/postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-m", "immediate", "-D", self.data)
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        assert PROGRAMS is not None
        command = [*self._as, str(PROGRAMS / program), *arguments]
        with (self.folder.parent / f"{self.folder.name}.out").open("wb") as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd="/", check=False)
        text = Path(output.name).read_text(errors="replace")
        Path(output.name).unlink()
        assert done.returncode == 0, text
