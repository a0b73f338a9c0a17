from __future__ import annotations

from pathlib import Path

from softswitch.config.document import load
from softswitch.modules.event_socket.settings import EventSocketSettings, read_settings


def _read(tmp_path: Path, params: str) -> tuple[EventSocketSettings, list[str]]:
    (tmp_path / "softswitch.xml").write_text(
        '<document><section name="configuration">'
        f'<configuration name="event_socket.conf"><settings>{params}</settings></configuration>'
        "</section></document>"
    )
    settings, findings = read_settings(load(tmp_path, {}))
    return settings, [finding.code for finding in findings]


def test_without_settings_only_this_machine_is_listened_to(tmp_path: Path) -> None:
    settings, findings = _read(tmp_path, "")
    assert (settings.listen_ip, settings.listen_port, settings.password) == ("127.0.0.1", 8021, "")
    assert findings == []


def test_all_that_freeswitch_knows_is_known(tmp_path: Path) -> None:
    settings, findings = _read(
        tmp_path,
        '<param name="nat-map" value="false"/><param name="listen-ip" value="::"/>'
        '<param name="listen-port" value="8022"/><param name="password" value="x"/>'
        '<param name="apply-inbound-acl" value="a"/><param name="apply-inbound-acl" value="b"/>'
        '<param name="stop-on-bind-error" value="true"/><param name="debug" value="1"/>',
    )
    assert settings == EventSocketSettings("::", 8022, "x", ("a", "b"))
    assert findings == ["S405"]


def test_a_wrong_policy_is_told_with_its_place(tmp_path: Path) -> None:
    settings, findings = _read(tmp_path, '<param name="queue-overflow" value="panic"/>')
    assert settings.overflow == "drop"
    assert findings == ["S402"]
