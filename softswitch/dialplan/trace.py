"""What a hunt tried and why: for debug logs and for the simulator."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softswitch.dialplan.model import Action, Condition, Extension, Times


class StepKind(enum.Enum):
    """What a step of a hunt was."""

    EXTENSION = "extension"
    REGEX = "regex"
    TIME = "time"
    ABSOLUTE = "absolute"
    ACTION = "action"
    ANTI_ACTION = "anti-action"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a hunt; which fields are filled depends on its kind."""

    kind: StepKind
    context: str
    extension: str
    level: int = 0
    file: str = ""
    line: int = 0
    passed: bool | None = None
    field: str = ""
    value: str = ""
    expression: str = ""
    captures: tuple[str | None, ...] = ()
    break_when: str = ""
    child: bool = False
    """A ``<regex>`` child; ``break_when`` holds ``match=all`` or its like."""
    application: str = ""
    data: str = ""
    inline: bool = False
    continues: bool = False
    note: str = ""
    """Why it failed, or what an inline application answered."""

    def text(self) -> str:
        """The step as the original's debug log words it, without the channel's name."""
        dashes = "|" + "---" * self.level + " " if self.level else ""
        ending = f" {self.break_when}" if self.break_when else ""
        match self.kind:
            case StepKind.EXTENSION:
                continues = "true" if self.continues else "false"
                return f"parsing [{self.context}->{self.extension}] continue={continues}"
            case StepKind.REGEX:
                return (
                    f"{dashes}Regex ({_verdict(self.passed)}) [{self.extension}] "
                    f"{self.field}({self.value}) =~ /{self.expression}/{ending}"
                    + (f" ({self.note})" if self.note else "")
                )
            case StepKind.TIME:
                label = "Date/Time Match" if self.passed else "Date/TimeMatch"
                return f"{dashes}{label} ({_verdict(self.passed)}) [{self.extension}]{ending}" + (
                    f" ({self.note})" if self.note else ""
                )
            case StepKind.ABSOLUTE:
                return f"{dashes}Absolute Condition [{self.extension}]"
            case StepKind.ACTION | StepKind.ANTI_ACTION:
                label = "Action" if self.kind is StepKind.ACTION else "ANTI-Action"
                inline = " INLINE" if self.inline else ""
                note = f" ({self.note})" if self.note else ""
                return f"{dashes}{label} {self.application}({self.data}){inline}{note}"
            case StepKind.NOTE:
                return f"{dashes}{self.note}"

    def log_line(self, channel: str) -> str:
        """The step as a debug line of a call."""
        return f"Dialplan: {channel} {self.text()}"

    def record(self) -> dict[str, Any]:
        """The step for JSON: its kind, its place and every field that is filled."""
        filled: dict[str, Any] = {"kind": self.kind.value}
        for name in self.__slots__:
            value = getattr(self, name)
            if name != "kind" and value not in ("", (), None, False, 0):
                filled[name] = list(value) if isinstance(value, tuple) else value
        if self.passed is False:
            filled["passed"] = False
        return filled


def _verdict(passed: bool | None) -> str:
    return "PASS" if passed else "FAIL"


@dataclass(slots=True)
class Tracer:
    """Collects the steps of one hunt."""

    steps: list[Step] = field(default_factory=list)
    _context: str = ""
    _extension: str = ""

    def enter(self, context: str, extension: Extension) -> None:
        """The hunt comes to ``extension``."""
        self._context, self._extension = context, extension.name or "UNKNOWN"
        self._add(
            StepKind.EXTENSION,
            0,
            extension.file,
            extension.line,
            continues=extension.continues,
            note="" if extension.conditions else "it has no condition, so it never matches",
        )

    def regex(
        self,
        level: int,
        place: Condition,
        field_text: str,
        value: str,
        expression: str,
        groups: list[str | None] | None,
        problem: str,
        child: bool,
    ) -> None:
        """A field was held against an expression."""
        mode = place.regex.value if place.regex else "any"
        self._add(
            StepKind.REGEX,
            level,
            place.file,
            place.line,
            passed=groups is not None,
            field=field_text,
            value=value,
            expression=expression,
            captures=tuple(groups or ()),
            break_when=f"match={mode}" if child else f"break={place.break_when.value}",
            child=child,
            note=problem,
        )

    def time(
        self, level: int, place: Condition, times: Times, failed: str | None, local: datetime
    ) -> None:
        """Time attributes were checked."""
        wanted = dict(times)
        self._add(
            StepKind.TIME,
            level,
            place.file,
            place.line,
            passed=failed is None,
            break_when=f"break={place.break_when.value}",
            expression=" ".join(f'{name}="{text}"' for name, text in times),
            value=local.strftime("%a %Y-%m-%d %H:%M:%S"),
            note=f'{failed}="{wanted[failed]}" does not hold' if failed else "",
        )

    def absolute(self, level: int, place: Condition) -> None:
        """A condition without any test passed."""
        self._add(StepKind.ABSOLUTE, level, place.file, place.line, passed=True)

    def action(self, level: int, action: Action, data: str, anti: bool, note: str) -> None:
        """An action was queued, or run inline."""
        self._add(
            StepKind.ANTI_ACTION if anti else StepKind.ACTION,
            level,
            action.file,
            action.line,
            application=action.application,
            data=data,
            inline=action.inline,
            note=note,
        )

    def note(self, level: int, text: str) -> None:
        """Anything else worth telling."""
        self._add(StepKind.NOTE, level, "", 0, note=text)

    def _add(self, kind: StepKind, level: int, file: str, line: int, **fields: Any) -> None:
        self.steps.append(Step(kind, self._context, self._extension, level, file, line, **fields))
