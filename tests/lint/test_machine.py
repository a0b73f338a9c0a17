"""What a machine may lack, by figures of many machines."""

from __future__ import annotations

import os
import resource
import socket
from pathlib import Path

import pytest

from softswitch.config.settings import SwitchSettings
from softswitch.lint.machine import (
    Verdict,
    buffers,
    clock,
    examine,
    name,
    open_files,
    port_is_free,
    rtp_ports,
    space,
    writable,
)


@pytest.mark.parametrize(
    ("limit", "sessions", "well"),
    [(1024, 1000, False), (3200, 1000, True), (resource.RLIM_INFINITY, 10**6, True)],
)
def test_each_call_needs_files(limit: int, sessions: int, well: bool) -> None:
    verdict = open_files(limit, sessions)
    assert verdict.well is well
    assert well or "LimitNOFILE=3200" in verdict.hint


@pytest.mark.parametrize(
    ("first", "last", "ephemeral", "well", "hint"),
    [
        (16384, 32768, None, True, ""),
        (16384, 32768, (40000, 60000), True, ""),
        (16384, 32768, (32768, 60999), True, "ip_local_reserved_ports=16384-32768"),
        (16384, 16483, None, False, "max-sessions is 1000"),
    ],
)
def test_media_needs_ports_of_its_own(
    first: int, last: int, ephemeral: tuple[int, int] | None, well: bool, hint: str
) -> None:
    settings = SwitchSettings(rtp_start_port=first, rtp_end_port=last)
    verdict = rtp_ports(settings, ephemeral)
    assert verdict.well is well
    assert hint in verdict.hint and bool(hint) == bool(verdict.hint)


@pytest.mark.parametrize(
    ("free", "well", "hinted"),
    [(10 << 20, False, True), (500 << 20, True, True), (1 << 40, True, False)],
)
def test_files_need_room(free: int, well: bool, hinted: bool) -> None:
    verdict = space(Path("/data"), free)
    assert (verdict.well, bool(verdict.hint)) == (well, hinted)


def test_a_folder_that_is_not_there_is_made_where_that_is_allowed(tmp_path: Path) -> None:
    assert writable(tmp_path / "a" / "b").well
    (tmp_path / "file").touch()
    assert not writable(tmp_path / "file").well


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_others_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    verdict = writable(tmp_path / "a")
    tmp_path.chmod(0o755)
    assert not verdict.well and str(tmp_path) in verdict.hint


def test_small_buffers_are_told_but_no_fault() -> None:
    assert buffers(212992).well and "rmem_max=4194304" in buffers(212992).hint
    assert not buffers(4 << 20).hint and not buffers(None).hint


def test_a_clock_that_nobody_keeps_is_wrong() -> None:
    assert [clock(state).well for state in (True, False, None)] == [True, False, True]


def test_a_name_that_is_not_found_is_told() -> None:
    def fails(host: str) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    assert name("pbx", lambda host: host).well
    verdict = name("pbx", fails)
    assert not verdict.well and "Name or service not known" in verdict.text


def test_a_port_that_others_have_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        verdict = port_is_free("console", "127.0.0.1", port, socket.SOCK_STREAM)
        assert not verdict.well and f":{port}" in verdict.hint
    assert port_is_free("console", "127.0.0.1", port, socket.SOCK_STREAM).well


def test_this_machine_is_examined(tmp_path: Path) -> None:
    texts = [one.text for one in examine(SwitchSettings(), [tmp_path], ["localhost"])]
    assert [text.partition(":")[0] for text in texts] == [
        *("open files", "RTP ports", "permissions", "disk", "socket buffers", "time", "names")
    ]


def test_a_verdict_is_a_line_and_its_hint_another() -> None:
    assert str(Verdict(True, "a: b")) == "well  a: b"
    assert str(Verdict(False, "a: b", "do c")) == "WRONG a: b\n      do c"
