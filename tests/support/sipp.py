"""SIPp: scenarios from tests/interop/scenarios, run to their end, and what came of them."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.ports import free_port
from tests.support.programs import running
from tests.support.relay import Mishap, Relay, relayed
from tests.support.server import until
from tests.support.sipp_script import Script

SCENARIOS = Path(__file__).resolve().parents[1] / "interop" / "scenarios"
ENOUGH = 1_000_000
"""Calls that a callee would take before it ends by itself."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What SIPp counted."""

    successful: int
    failed: int
    retransmissions: int


class Sipp:
    """One run of SIPp on a port of its own."""

    def __init__(self, folder: Path, scenario: str | Script, *, transport: str = "udp") -> None:
        """``scenario`` is the name of one of `SCENARIOS`, or is written anew."""
        folder.mkdir()
        self.folder = folder
        self.port = free_port()
        if isinstance(scenario, Script):
            self._xml = scenario.xml
        else:
            self._xml = (SCENARIOS / f"{scenario}.xml").read_text()
        self._file = folder / "scenario.xml"
        self._file.write_text(self._xml)
        self._command: list[str | Path] = ["sipp", "-sf", self._file]
        self._command += ["-i", "127.0.0.1", "-p", str(self.port), "-nostdin"]
        self._command += ["-t", {"udp": "u1", "tcp": "t1"}[transport]]
        self._command += ["-mp", str(free_port()), "-trace_stat", "-fd", "1"]
        self._command += ["-stf", folder / "statistics.csv"]
        self._command += ["-trace_err", "-error_file", folder / "errors"]

    @asynccontextmanager
    async def behind(self, mishap: Mishap) -> AsyncIterator[Relay]:
        """Be reached by a relay until the block ends: it says the relay's port for its own."""
        async with relayed(mishap, ("127.0.0.1", self.port)) as relay:
            self._file.write_text(self._xml.replace("[local_port]", str(relay.far[1])))
            yield relay

    @asynccontextmanager
    async def answering(self, *options: str) -> AsyncIterator[None]:
        """Take calls until the block ends."""
        command = [*self._command, "-m", str(ENOUGH), *options]
        async with running(command, self.folder / "log") as process:
            await until(lambda: self._listens() or process.returncode is not None, "sipp")
            assert process.returncode is None, self.log()
            yield

    async def call(
        self, server: tuple[str, int], number: str, *options: str, calls: int, rate: int
    ) -> Outcome:
        """Call so often a second until all calls are over."""
        command = [*self._command, "-s", number, "-m", str(calls), "-r", str(rate), *options]
        command.append("{}:{}".format(*server))
        limit = 60 + calls / rate
        async with running(command, self.folder / "log") as process, asyncio.timeout(limit):
            await process.wait()
        return self.outcome()

    def outcome(self) -> Outcome:
        """The last line of the statistics."""
        with (self.folder / "statistics.csv").open() as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        assert rows, self.log()
        last = rows[-1]
        return Outcome(
            int(last["SuccessfulCall(C)"]),
            int(last["FailedCall(C)"]),
            int(last["Retransmissions(C)"]),
        )

    def log(self) -> str:
        """What it said, for failures."""
        said = [path for path in (self.folder / "log", self.folder / "errors") if path.exists()]
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in said)

    def _listens(self) -> bool:
        port = f":{self.port:04X} "
        return any(port in Path(f"/proc/net/{kind}").read_text() for kind in ("udp", "tcp"))
