"""A simulation told as text for people and as JSON for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from softswitch.dialplan.simulate import Executed, Hunted, Simulation
from softswitch.dialplan.trace import Step, StepKind


def trace_text(simulation: Simulation) -> str:
    """The trace, extension by extension, then the applications and how the call ends."""
    lines: list[str] = []
    for event in simulation.events:
        if isinstance(event, Hunted):
            result = event.result
            indent = "  " * event.depth
            lines.append(
                f"{indent}Processing {event.caller}->{result.number} in context {result.context}"
            )
            lines.extend(f"{indent}  {_step(step)}" for step in result.trace)
            if result.problem:
                lines.append(f"{indent}  {result.problem}")
            elif not result.found:
                lines.append(f"{indent}  no extension matches")
    lines.append("")
    lines.append("Applications:")
    for action in simulation.actions:
        place = f"  [{action.file}:{action.line}]" if action.line else ""
        note = f"  # {action.note}" if action.note and action.note != action.data else ""
        inline = " INLINE" if action.inline else ""
        indent = "  " * (action.depth + 1)
        lines.append(f"{indent}{action.application}({action.data}){inline}{note}{place}")
    lines.append(f"Ends with {simulation.ending}.")
    for call in simulation.unanswered:
        lines.append(f"Taken to be empty: ${{{call.name}({call.arguments})}}")
    return "\n".join(lines) + "\n"


def _step(step: Step) -> str:
    text = step.text()
    if len(step.captures) > 1:
        groups = ", ".join(f"${n}={group or ''}" for n, group in enumerate(step.captures) if n)
        text += f" [{groups}]"
    if step.kind is StepKind.EXTENSION and step.note:
        text += f" ({step.note})"
    return text


def simulation_record(simulation: Simulation) -> dict[str, Any]:
    """The simulation as plain dictionaries and lists."""
    return {
        "ending": simulation.ending,
        "extensions": list(simulation.extensions),
        "actions": [asdict(action) for action in simulation.actions],
        "variables": dict(simulation.variables),
        "unanswered": [asdict(call) for call in simulation.unanswered],
        "events": [_event(event) for event in simulation.events],
    }


def _event(event: Hunted | Executed) -> dict[str, Any]:
    if isinstance(event, Executed):
        return {"kind": "executed", **asdict(event)}
    result = event.result
    return {
        "kind": "hunted",
        "depth": event.depth,
        "caller": event.caller,
        "context": result.context,
        "number": result.number,
        "found": result.found,
        "extension": result.extension,
        "problem": result.problem,
        "trace": [step.record() for step in result.trace],
    }


def trace_json(simulation: Simulation) -> str:
    """``simulation_record`` as JSON text."""
    return json.dumps(simulation_record(simulation), indent=2, ensure_ascii=False) + "\n"
