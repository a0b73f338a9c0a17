"""Sinks that a test can look into, and configurations of the modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import softswitch.modules.cdr.module  # noqa: F401  (registers the modules)
from softswitch.modules.cdr.legs import Legs


class FakeSink:
    """Keeps what it is given, or refuses it while ``failing``."""

    def __init__(self, legs: Legs = Legs.BOTH) -> None:
        self.legs = legs
        self.taken: list[tuple[str, Any]] = []
        self.calls: list[tuple[Any, bool]] = []
        self.failing = False
        self.closed = False

    async def render(self, session: Any) -> Any:
        return {"number": session.get("destination_number")}

    async def render_cut_off(self, variables: Mapping[str, str]) -> Any:
        return dict(variables)

    async def deliver(self, records: list[tuple[str, Any]], mark: Any, *, again: bool) -> Any:
        self.calls.append((mark, again))
        if self.failing:
            raise OSError("the shelf is full")
        self.taken += records
        return len(self.taken)

    async def close(self) -> None:
        self.closed = True


def configuration(name: str, inside: str = "", **params: str) -> str:
    """A ``<configuration>`` with settings and more."""
    lines = "".join(
        f'<param name="{key.replace("_", "-")}" value="{value}"/>' for key, value in params.items()
    )
    return f'<configuration name="{name}"><settings>{lines}</settings>{inside}</configuration>'
