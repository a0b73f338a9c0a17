"""What a command is told about the call on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch import registry
from softswitch.switch.commands import CommandCall
from tests.support.switch import bench, extension


async def test_a_command_learns_who_asks_and_for_which_call(tmp_path: Path) -> None:
    calls: list[tuple[CommandCall, str]] = []

    async def note(call: CommandCall, arguments: str) -> str:
        calls.append((call, arguments))
        return "noted"

    registry.command("test_note")(note)
    try:
        async with bench(
            tmp_path,
            extension("100", "set seen=${test_note(a b)}", "set api_hangup_hook=test_note bye"),
        ) as b:
            await b.switch.run_command("test_note")
            session = await b.ended(b.call("100"))
            assert session.get("seen") == "noted"
            found = [(call.source, call.session, arguments) for call, arguments in calls]
            assert found == [
                ("console", None, ""),
                ("expansion", session, "a b"),
                ("hook", None, "bye"),
            ]
            assert all(call.switch is b.switch for call, _ in calls)
    finally:
        registry.command.remove("test_note")


def test_what_a_command_is_told_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CommandCall(None).source = "socket"  # type: ignore[misc, arg-type]
