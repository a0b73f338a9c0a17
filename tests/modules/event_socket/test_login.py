from __future__ import annotations

from typing import Any

import pytest

from tests.modules.event_socket.support import Harness, serving

PARAMS = {
    "esl-password": "4321",
    "esl-allowed-events": "DTMF",
    "esl-allowed-api": "status",
    "esl-allowed-log": "false",
}


class _User:
    def param(self, name: str, default: str = "") -> str:
        return PARAMS.get(name, default)


class _Lookups:
    async def user(self, name: str, domain: str, **about: Any) -> _User | None:
        assert about == {"action": "event_socket_auth"}
        return _User() if (name, domain) == ("1000", "d.test") else None


def _with_users(harness: Harness) -> None:
    harness.switch.lookups = _Lookups()  # type: ignore[attr-defined]


@pytest.mark.parametrize("line", ["userauth 1000:4321@d.test", "userauth 1000@d.test:4321"])
async def test_a_user_logs_in_and_learns_its_rights(line: str) -> None:
    async with serving() as harness:
        _with_users(harness)
        client = await harness.connect()
        await client.frame()
        client.send(line)
        headers, _ = await client.frame()
        assert headers == {
            "Content-Type": "command/reply",
            "Reply-Text": "+OK accepted",
            "Allowed-Events": "DTMF",
            "Allowed-API": "status",
            "Allowed-LOG": "false",
        }


async def test_what_a_user_has_no_right_to_is_denied() -> None:
    async with serving() as harness:
        _with_users(harness)
        harness.switch.answers["status"] = "UP\n"
        client = await harness.connect()
        await client.frame()
        assert await client.ask("userauth 1000:4321@d.test") == "+OK accepted"
        assert await client.ask("api status") == "UP\n"
        for line in (
            "api fsctl shutdown",
            "api status;; fsctl shutdown\nconsole_execute: true",
            "bgapi fsctl shutdown",
            "event plain HEARTBEAT",
            "log",
        ):
            assert await client.ask(line) == "-ERR permission denied", line
        assert await client.ask("event plain ALL") == "-ERR permission denied"
        assert await client.ask("event plain DTMF") == "+OK event listener enabled plain"
        assert harness.server.connections.copy().pop().listener.names == {"DTMF"}
        assert harness.switch.commands == ["status"]


@pytest.mark.parametrize(
    "line",
    [
        "auth wrong",
        "userauth 1000:wrong@d.test",
        "userauth 1000@d.test",
        "userauth 1001:4321@d.test",
        "userauth 1000:4321",
        "userauth @",
    ],
)
async def test_a_wrong_password_and_an_unknown_user_look_the_same(line: str) -> None:
    async with serving() as harness:
        _with_users(harness)
        client = await harness.connect()
        await client.frame()
        assert await client.ask(line) == "-ERR invalid"
        assert b"Disconnected" in await client.ended()


async def test_other_commands_need_a_log_in() -> None:
    async with serving() as harness:
        client = await harness.connect()
        await client.frame()
        assert await client.ask("api status") == "-ERR command not found"
        assert await client.ask("exit") == "+OK bye"


async def test_a_user_without_a_password_cannot_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARAMS, "esl-password", "")
    async with serving() as harness:
        _with_users(harness)
        client = await harness.connect()
        await client.frame()
        assert await client.ask("userauth 1000:@d.test") == "-ERR invalid"
