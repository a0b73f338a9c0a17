from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from softswitch import registry
from softswitch.config.running import FILE_NAME, Place, find
from softswitch.modules.event_socket.module import EventSocket
from softswitch.modules.event_socket.settings import EventSocketSettings
from softswitch.net.listening import ListenError
from tests.modules.event_socket.support import Client, FakeSwitch


def _switch(
    monkeypatch: pytest.MonkeyPatch, settings: EventSocketSettings, data: Path = Path("/nowhere")
) -> Any:
    switch: Any = FakeSwitch()
    switch.folders = SimpleNamespace(data=data)
    switch.generation = SimpleNamespace(acl=switch.generation.acl, configuration=None)
    monkeypatch.setattr(
        "softswitch.modules.event_socket.module.read_settings", lambda _: (settings, [])
    )
    return switch


def test_it_is_known_by_the_name_in_modules_conf() -> None:
    entry = registry.module.find("mod_event_socket")
    assert entry is not None
    assert entry.target is EventSocket


async def test_the_generated_secret_is_the_password_where_none_is_configured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    switch = _switch(monkeypatch, EventSocketSettings(listen_port=0))
    switch.globals["event_socket_password"] = "generated"
    module = EventSocket()
    await module.start(switch)
    assert module.address is not None
    client = Client(*await asyncio.open_connection(*module.address))
    await client.frame()
    assert await client.ask("auth generated") == "+OK accepted"
    await module.stop()
    await client.ended()
    await client.close()
    assert module.address is None


async def test_without_any_password_it_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no password"):
        await EventSocket().start(_switch(monkeypatch, EventSocketSettings(listen_port=0)))


async def test_a_well_known_password_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = EventSocket()
    await module.start(_switch(monkeypatch, EventSocketSettings(listen_port=0, password="ClueCon")))
    await module.stop()
    assert "well known" in caplog.text


async def test_an_address_in_use_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = EventSocketSettings(listen_port=taken.getsockname()[1], password="x")
        with pytest.raises(ListenError, match=r"tcp 127\.0\.0\.1:\d+: address already in use \("):
            await EventSocket().start(_switch(monkeypatch, settings))


@pytest.mark.parametrize(
    ("listening", "reached"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")]
)
async def test_consoles_find_its_address_and_password_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listening: str, reached: str
) -> None:
    settings = EventSocketSettings(listen_ip=listening, listen_port=0, password="configured")
    module = EventSocket()
    await module.start(_switch(monkeypatch, settings, tmp_path))
    assert module.address is not None
    assert find(tmp_path) == Place(reached, module.address[1], "configured")
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    await module.stop()
    assert find(tmp_path) is None


async def test_a_data_folder_that_cannot_be_written_is_told_and_no_reason_not_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings = EventSocketSettings(listen_port=0, password="x")
    module = EventSocket()
    await module.start(_switch(monkeypatch, settings, tmp_path / "missing"))
    assert module.address is not None
    await module.stop()
    assert "consoles must be told where the event socket is" in caplog.text
