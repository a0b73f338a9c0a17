from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv4Network, ip_address
from pathlib import Path

import pytest

from softswitch.config.host import (
    built_in_globals,
    local_address,
    local_network,
    serial,
    sounds_folder,
)


def test_all_of_freeswitchs_built_in_variables_are_there(tmp_path: Path) -> None:
    variables = built_in_globals(tmp_path / "conf", tmp_path / "data", core_uuid="u")
    expected = {
        "hostname",
        "local_ip_v4",
        "local_mask_v4",
        "local_ip_v6",
        "base_dir",
        "recordings_dir",
        "sound_prefix",
        "sounds_dir",
        "conf_dir",
        "log_dir",
        "run_dir",
        "db_dir",
        "mod_dir",
        "htdocs_dir",
        "script_dir",
        "temp_dir",
        "grammar_dir",
        "fonts_dir",
        "images_dir",
        "certs_dir",
        "storage_dir",
        "cache_dir",
        "data_dir",
        "localstate_dir",
        "core_uuid",
        "switch_serial",
    }
    assert expected <= set(variables)
    assert variables["conf_dir"] == str(tmp_path / "conf")
    assert variables["recordings_dir"] == str(tmp_path / "data" / "recordings")
    assert variables["core_uuid"] == "u"
    assert not (tmp_path / "data").exists()


def test_relative_folders_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    variables = built_in_globals(Path("conf"), Path("data"), sounds=Path("sounds"))
    assert variables["conf_dir"] == str(tmp_path / "conf")
    assert variables["sounds_dir"] == str(tmp_path / "sounds")
    assert variables["sound_prefix"].startswith(str(tmp_path / "sounds"))


def test_the_local_addresses_are_addresses() -> None:
    assert ip_address(local_address()).version == 4
    assert ip_address(local_address(socket.AF_INET6)).version == 6


def test_without_a_network_the_address_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoNetwork:
        def __init__(self, *_: object) -> None:
            raise OSError("no network")

    monkeypatch.setattr(socket, "socket", NoNetwork)
    assert local_address() == "127.0.0.1"
    assert local_address(socket.AF_INET6) == "::1"


def test_the_local_network_holds_the_address() -> None:
    address = local_address()
    network = local_network(address)
    assert IPv4Address(address) in network
    assert re.fullmatch(r"[\d.]+/\d+", str(network))
    assert local_network("127.0.0.1") == IPv4Network("127.0.0.0/8")
    assert local_network("203.0.113.9") == IPv4Network("203.0.113.0/24")


def test_the_sounds_are_beside_the_package_or_where_the_system_keeps_them() -> None:
    assert sounds_folder().name == "sounds"
    assert sounds_folder().is_dir() or sounds_folder().is_relative_to("/usr/share")


def test_the_serial_is_that_of_the_machine_and_the_same_each_time(tmp_path: Path) -> None:
    found = serial(tmp_path, "192.0.2.7", "pbx")
    assert re.fullmatch("c0000207[0-9a-f]{4}", found)
    assert serial(tmp_path, "192.0.2.7", "pbx") == found != serial(tmp_path, "192.0.2.7", "other")


@pytest.mark.parametrize(
    ("content", "kept"),
    [(b"0a00000112ab", "0a00000112ab"), (b"0a00000112ab\n# mine", "0a00000112ab"), (b"xy\n", "xy")],
)
def test_the_serial_that_a_freeswitch_has_made_stays(
    tmp_path: Path, content: bytes, kept: str
) -> None:
    (tmp_path / "freeswitch.serial").write_bytes(content)
    assert serial(tmp_path, "192.0.2.7", "pbx") == kept
    assert built_in_globals(tmp_path, tmp_path)["switch_serial"] == kept


def test_an_empty_serial_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "freeswitch.serial").write_bytes(b"\n")
    assert len(serial(tmp_path, "192.0.2.7", "pbx")) == 12
