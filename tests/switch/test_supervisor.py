from __future__ import annotations

import socket
from pathlib import Path

import pytest

from softswitch.switch.supervisor import Supervisor
from tests.support.patience import PATIENCE


@pytest.fixture
def manager(tmp_path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(tmp_path / "notify"))
    listening.settimeout(PATIENCE)
    return listening


def test_a_service_manager_is_told_each_thing(manager: socket.socket, tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path / "notify"), "30000000")
    assert supervisor.watchdog_seconds == 15.0, "twice as often as it is asked for"
    supervisor.ready()
    supervisor.alive()
    supervisor.stopping()
    got = [manager.recv(100).decode() for _ in range(3)]
    manager.close()
    assert got == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_an_abstract_socket_is_one_too() -> None:
    name = "softswitch-test-notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(PATIENCE)
        Supervisor(f"@{name}", "").ready()
        assert listening.recv(100) == b"READY=1"


def test_without_one_nothing_is_said() -> None:
    supervisor = Supervisor("", "30000000")
    supervisor.ready()
    assert supervisor.watchdog_seconds == 0
    assert repr(supervisor) == "<Supervisor nobody>"


def test_one_that_is_gone_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Supervisor(str(tmp_path / "nobody"), "").alive()
    assert "was not told WATCHDOG=1" in caplog.text
