"""Measure a switch on this machine under load: CPU, set-up time, loss, delay and memory.

The load generator plays caller and callee on the loopback address; the switch runs beside it
with ``scripts/bench-conf``. Every figure is the median of several runs. Beside what relays stands
the floor: what the shortest relay there can be takes, measured directly after each run. Goals and
what FreeSWITCH takes are of another machine of two cores, whose floor is 0.19 to 0.27 ms.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmark.measure import MANIFEST, measure, measure_engine_memory
from benchmark.scenarios import SCENARIOS
from benchmark.table import HEADINGS, describe_machine, markdown, row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    groups = sorted({scenario.group for scenario in SCENARIOS.values()})
    known = ", ".join([*groups, *SCENARIOS])
    parser.add_argument("scenarios", nargs="*", help=f"any of {known}; all if none")
    parser.add_argument("--runs", type=int, default=3, help="runs of each scenario (3)")
    parser.add_argument("--quick", action="store_true", help="each row of media in under 10 s")
    parser.add_argument("--calls", type=int, help="so many calls at once in each scenario")
    parser.add_argument("--json", action="store_true", help="all figures, for programs")
    parser.add_argument("--markdown", action="store_true", help="the table for docs/performance.md")
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in (*groups, *SCENARIOS)]
    if unknown:
        parser.error(f"there is no scenario {unknown[0]}; known: {known}")
    wanted = set(options.scenarios or groups)
    chosen = [it for it in SCENARIOS.values() if wanted & {it.name, it.group}]
    if options.quick:
        chosen = [scenario.quick() for scenario in chosen]
    if options.calls:
        chosen = [scenario.with_calls(options.calls) for scenario in chosen]
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--manifest-path", MANIFEST, "-p", "loadgen"],
        check=True,
    )
    machine = describe_machine()
    console = Console(stderr=True)
    results: dict[str, list[dict[str, Any]]] = {}
    with Progress(console=console) as progress:
        task = progress.add_task("measuring", total=len(chosen) * options.runs)
        for scenario in chosen:
            for number in range(options.runs):
                progress.update(task, description=f"{scenario.name} {number + 1}/{options.runs}")
                results.setdefault(scenario.name, []).append(measure(scenario))
                progress.advance(task)
    rows = [row(scenario, results[scenario.name]) for scenario in chosen]
    memory = None
    if any(scenario.group == "media" for scenario in chosen):
        memory = measure_engine_memory()
    told = f"memory of the engine: {memory:.1f} kB a relayed stream (goal: 20)" if memory else ""
    if options.json:
        figures = {"machine": machine, "engine_kb_per_stream": memory, "results": results}
        json.dump(figures, sys.stdout, indent=1)
    elif options.markdown:
        print(markdown(machine, options.runs, rows))
        print(told)
    else:
        table = Table(*HEADINGS, title=machine)
        for cells in rows:
            table.add_row(*cells)
        Console(width=240).print(table)
        print(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
