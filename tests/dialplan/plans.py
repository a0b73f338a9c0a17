"""Dialplans from XML text, and a world that answers what a hunt asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from softswitch.config.element import Element, Source
from softswitch.config.errors import Finding
from softswitch.dialplan.expansion import CommandCall, expand_now
from softswitch.dialplan.hunt import (
    DeleteVariables,
    HuntRequest,
    HuntResult,
    InlineAction,
    SetVariable,
    hunt,
    hunt_now,
)
from softswitch.dialplan.model import Dialplan
from softswitch.dialplan.xml import read_context

TUESDAY = datetime(2026, 11, 24, 10, 15, 30, tzinfo=ZoneInfo("UTC"))
SUNDAY = datetime(2026, 11, 22, 10, 15, 30, tzinfo=ZoneInfo("UTC"))


def element(text: str, path: str = "test.xml") -> Element:
    """XML text as the configuration would hand it over."""
    return _convert(etree.fromstring(text.strip()), Source(path, text.strip()))


def _convert(node: Any, source: Source) -> Element:
    children = tuple(_convert(child, source) for child in node if isinstance(child.tag, str))
    text = "" if children else "".join(node.itertext())
    line = int(node.sourceline)
    column = source.line(line).find(f"<{node.tag}") + 1
    kept = text if text.strip() else ""
    return Element(node.tag, dict(node.attrib), children, kept, source, line, column)


def plan_and_findings(text: str) -> tuple[Dialplan, list[Finding]]:
    """One context ``c`` of these extensions, or the contexts themselves."""
    if not text.lstrip().startswith("<context"):
        text = f'<context name="c">{text}</context>'
    findings: list[Finding] = []
    root = element(f"<section>{text}</section>")
    return Dialplan(tuple(read_context(c, findings) for c in root.findall("context"))), findings


def plan(text: str) -> Dialplan:
    return plan_and_findings(text)[0]


class World:
    """Variables that a hunt reads and writes; ``set`` runs inline, ``${up(x)}`` answers X."""

    def __init__(
        self, variables: Mapping[str, str] | None = None, fields: Mapping[str, str] | None = None
    ) -> None:
        self.variables = dict(variables or {})
        self.fields = {"destination_number": "5551", "context": "c", **(fields or {})}
        self.requests: list[HuntRequest] = []

    def answer(self, request: HuntRequest) -> str:
        self.requests.append(request)
        match request:
            case SetVariable(name=name, value=value):
                self.variables[name] = value
            case DeleteVariables(prefix=prefix):
                for name in [n for n in self.variables if n.startswith(prefix)]:
                    del self.variables[name]
            case CommandCall(arguments=arguments):
                return arguments.upper()
            case InlineAction(application="set"):
                name, _, value = expand_now(request.data, self.variables.get).partition("=")
                self.variables[name] = value
            case InlineAction(application="set_profile_var"):
                name, _, value = request.data.partition("=")
                self.fields[name] = value
            case InlineAction():
                return "cannot be executed inline"
        return ""

    def hunt(
        self, dialplan: Dialplan, now: datetime = TUESDAY, *, trace: bool = False
    ) -> HuntResult:
        hunting = hunt(dialplan, self.fields.get, self.variables.get, now, trace=trace)
        return hunt_now(hunting, self.answer)


def actions(
    text: str | Dialplan,
    number: str = "5551",
    variables: Mapping[str, str] | None = None,
    now: datetime = TUESDAY,
) -> str:
    """What a number gets: ``a1 set(x=1)``, or ``no route``; the same with and without a trace."""
    dialplan = plan(text) if isinstance(text, str) else text
    results = [
        World(variables, {"destination_number": number}).hunt(dialplan, now, trace=trace)
        for trace in (False, True)
    ]
    told = [
        " ".join(f"{a.application}({a.data})" if a.data else a.application for a in r.actions)
        if r.found
        else "no route"
        for r in results
    ]
    assert told[0] == told[1]
    return told[0]
