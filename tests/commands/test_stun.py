"""The command ``stun``."""

from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.commands import stun as command
from softswitch.webrtc.stun import StunError
from tests.support.switch import bench


@pytest.mark.parametrize(
    ("arguments", "server", "local"),
    [
        ("stun.example", ("stun.example", 3478), None),
        ("192.0.2.7:19302", ("192.0.2.7", 19302), None),
        ("[2001:db8::1]:5000", ("2001:db8::1", 5000), None),
        ("2001:db8::1", ("2001:db8::1", 3478), None),
        ("192.0.2.7 127.0.0.1", ("192.0.2.7", 3478), ("127.0.0.1", 0)),
        ("192.0.2.7 127.0.0.1:4000", ("192.0.2.7", 3478), ("127.0.0.1", 4000)),
    ],
)
async def test_the_named_server_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    server: tuple[str, int],
    local: tuple[str, int] | None,
) -> None:
    asked = []

    async def ask(*addresses: tuple[str, int] | None) -> tuple[str, int]:
        asked.append(addresses)
        return "203.0.113.9", 4711

    monkeypatch.setattr(command, "ask", ask)
    async with bench(tmp_path) as b:
        assert await b.switch.run_command(f"stun {arguments}") == "203.0.113.9:4711\n"
    assert asked == [(server, local)]


async def test_what_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(*addresses: object) -> tuple[str, int]:
        raise StunError("the server refused")

    monkeypatch.setattr(command, "ask", ask)
    async with bench(tmp_path) as b:
        assert "the server refused" in await b.switch.run_command("stun a")
        assert (await b.switch.run_command("stun a:b")).startswith("-STUN Failed! [")
        assert await b.switch.run_command("stun") == "-STUN Failed! NO STUN SERVER\n"
